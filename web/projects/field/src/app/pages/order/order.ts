import {
  ChangeDetectionStrategy,
  Component,
  type ElementRef,
  computed,
  effect,
  inject,
  input,
  linkedSignal,
  signal,
  viewChild,
} from '@angular/core';
import { RouterLink } from '@angular/router';
import { format } from '@dms/shared';
import { CartStore } from '../../core/cart-store';
import type { CartLine } from '../../core/field-db';
import { MasterData } from '../../core/master-data';
import { nearMissText } from '../../core/promotion-text';
import { found } from '../../core/route-list';
import { injectT } from '../../i18n/texts';
import { DataAge } from '../../ui/data-age';
import { Icon } from '../../ui/icon';
import { SearchBox } from '../../ui/search-box';
import { TopBar } from '../../ui/top-bar';
import { ProductRow } from './product-row';
import { TotalLine } from './total-line';

/** Rows put on the page at once; more follow as the rep scrolls. */
const CHUNK = 30;

/** Choosing products: search, filter, cases and pieces, with the price always in view. */
@Component({
  selector: 'fld-order',
  imports: [RouterLink, TopBar, SearchBox, ProductRow, Icon, DataAge, TotalLine],
  changeDetection: ChangeDetectionStrategy.OnPush,
  template: `
    <fld-top-bar
      [title]="t('order.title')"
      [subtitle]="customer()?.name"
      [back]="'/outlets/' + customerId()"
    />
    <div class="page with-bar stack">
      <div class="find">
        <fld-search-box [label]="t('order.search')" [(query)]="query" />
        <button
          type="button"
          class="btn"
          [class.primary]="onlyChosen()"
          [attr.aria-pressed]="onlyChosen()"
          (click)="onlyChosen.set(!onlyChosen())"
        >
          <fld-icon name="cart" />
          <span class="visually-hidden">{{ t('order.inCart', { n: cart.lines().length }) }}</span>
          <span aria-hidden="true" class="num">{{ cart.lines().length }}</span>
        </button>
      </div>
      <div class="filters">
        <label>
          <span class="visually-hidden">{{ t('order.brand') }}</span>
          <select #brandBox class="input" [value]="brand()" (change)="brand.set(brandBox.value)">
            <option value="">{{ t('order.allBrands') }}</option>
            @for (name of brands(); track name) {
              <option [value]="name">{{ name }}</option>
            }
          </select>
        </label>
        <label>
          <span class="visually-hidden">{{ t('order.category') }}</span>
          <select
            #categoryBox
            class="input"
            [value]="category()"
            (change)="category.set(categoryBox.value)"
          >
            <option value="">{{ t('order.allCategories') }}</option>
            @for (name of categories(); track name) {
              <option [value]="name">{{ name }}</option>
            }
          </select>
        </label>
      </div>

      @if (cart.ready()) {
        <ul class="card list">
          @for (product of visible(); track product.productId) {
            <li>
              <fld-product-row
                [product]="product"
                [line]="cart.byProduct().get(product.productId) ?? null"
                [hint]="hints().get(product.productId) ?? null"
                (changed)="change($event)"
              />
            </li>
          } @empty {
            <li class="empty">
              {{ t(master.products().length > 0 ? 'order.noProducts' : 'order.notLoaded') }}
            </li>
          }
        </ul>
        @if (visible().length < matching().length) {
          <div #more class="more" aria-hidden="true"></div>
        }
        <fld-data-age [at]="master.productsAt()" />
      }
    </div>

    <div class="action-bar">
      <fld-total-line class="grow" />
      <a
        class="btn primary big"
        [class.off]="cart.lines().length === 0"
        [routerLink]="
          cart.lines().length > 0 ? ['/outlets', customerId(), 'order', 'review'] : null
        "
        [attr.aria-disabled]="cart.lines().length === 0"
      >
        {{ t('order.review') }}<fld-icon name="next" />
      </a>
    </div>
  `,
  styles: `
    .find,
    .filters {
      display: grid;
      grid-template-columns: minmax(0, 1fr) auto;
      gap: 8px;
    }
    .filters {
      grid-template-columns: 1fr 1fr;
    }
    select {
      appearance: none;
      padding: 10px 28px 10px 12px;
      text-overflow: ellipsis;
      background:
        linear-gradient(45deg, transparent 50%, var(--ink-2) 50%) calc(100% - 15px) 50% / 7px 7px
          no-repeat,
        linear-gradient(-45deg, transparent 50%, var(--ink-2) 50%) calc(100% - 8px) 50% / 7px 7px
          no-repeat,
        var(--paper);
    }
    .find .btn {
      padding: 8px 12px;
    }
    .list {
      padding: 0 14px;
    }
    .list > li + li {
      border-top: 1px solid var(--line);
    }
    .more {
      height: 1px;
    }
    .off {
      background: #5b6b7c;
      border-color: #5b6b7c;
    }
  `,
})
export class Order {
  protected readonly cart = inject(CartStore);
  protected readonly master = inject(MasterData);
  protected readonly t = injectT();
  protected readonly money = format.money;

  readonly customerId = input.required<string>();

  protected readonly customer = computed(() => this.master.customer(this.customerId()));
  protected readonly query = signal('');
  protected readonly brand = signal('');
  protected readonly category = signal('');
  protected readonly onlyChosen = signal(false);

  protected readonly brands = computed(() => distinct(this.master.products(), 'brand'));
  protected readonly categories = computed(() => distinct(this.master.products(), 'category'));

  protected readonly matching = computed(() => {
    const [query, brand, category] = [this.query(), this.brand(), this.category()];
    // A line set to zero stays in sight until the filter is tapped again: no row jumps away.
    const chosen = this.onlyChosen() ? this.chosenAtFilter() : null;
    return this.master
      .products()
      .filter(
        (product) =>
          (!brand || product.brand === brand) &&
          (!category || product.category === category) &&
          (!chosen || chosen.has(product.productId)) &&
          found(product.key, query),
      );
  });
  private readonly chosenAtFilter = linkedSignal({
    source: this.onlyChosen,
    computation: () => new Set(this.cart.byProduct().keys()),
  });
  private readonly limit = linkedSignal({ source: this.matching, computation: () => CHUNK });
  protected readonly visible = computed(() => this.matching().slice(0, this.limit()));
  protected readonly hints = computed(() => {
    const products = this.master.productById();
    const texts = new Map<string, string>();
    for (const miss of this.cart.price.quote()?.nearMisses ?? []) {
      if (!miss.productId || texts.has(miss.productId)) continue;
      texts.set(miss.productId, nearMissText(miss, products, this.t, miss.productId));
    }
    return texts;
  });

  private readonly more = viewChild<ElementRef<HTMLElement>>('more');

  constructor() {
    effect(() => void this.cart.open(this.customerId()));
    effect((onCleanup) => {
      const end = this.more()?.nativeElement;
      if (!end) return;
      const observer = new IntersectionObserver(
        (entries) => {
          if (entries.some((entry) => entry.isIntersecting)) this.limit.update((n) => n + CHUNK);
        },
        { rootMargin: '600px' },
      );
      observer.observe(end);
      onCleanup(() => observer.disconnect());
    });
  }

  protected change(line: CartLine): void {
    this.cart.set(line);
  }
}

function distinct<K extends 'brand' | 'category'>(
  products: readonly Record<K, string>[],
  field: K,
): string[] {
  const names = new Set(products.map((product) => product[field]).filter(Boolean));
  return [...names].sort(new Intl.Collator('vi').compare);
}
