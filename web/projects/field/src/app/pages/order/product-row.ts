import { ChangeDetectionStrategy, Component, computed, input, output } from '@angular/core';
import { format } from '@dms/shared';
import type { Product } from '../../core/api-types';
import type { CartLine } from '../../core/field-db';
import { pieces } from '../../core/quote';
import { injectT } from '../../i18n/texts';
import { Icon } from '../../ui/icon';
import { Stepper } from '../../ui/stepper';

/** A product to order: prices and stock, cases and pieces. */
@Component({
  selector: 'fld-product-row',
  imports: [Stepper, Icon],
  changeDetection: ChangeDetectionStrategy.OnPush,
  template: `
    @let p = product();
    <div class="head">
      <div class="grow">
        <p class="strong">{{ p.name }}</p>
        <p class="soft">
          {{ p.productCode }} · <span [class.out]="out()">{{ stock() }}</span>
        </p>
      </div>
      @if (over()) {
        <span class="chip warn">{{ t('order.moreThanStock') }}</span>
      }
    </div>
    <div class="units">
      @if (p.conversionRate > 1) {
        <div>
          <p class="price num">
            <strong>{{ p.unitName }}</strong> <span class="soft">{{ money(p.sellingPrice) }}</span>
          </p>
          <fld-stepper
            [unit]="p.unitName"
            [label]="t('order.quantity', { unit: p.unitName, name: p.name })"
            [value]="line()?.whole ?? 0"
            (changed)="emit($event, line()?.retail ?? 0)"
          />
        </div>
      }
      <div>
        <p class="price num">
          <strong>{{ p.subUnitName }}</strong>
          <span class="soft">{{ money(p.sellingPriceSub) }}</span>
        </p>
        <fld-stepper
          [unit]="p.subUnitName"
          [label]="t('order.quantity', { unit: p.subUnitName, name: p.name })"
          [value]="line()?.retail ?? 0"
          (changed)="emit(line()?.whole ?? 0, $event)"
        />
      </div>
    </div>
    @if (hint(); as text) {
      <p class="notice gift">
        <fld-icon name="gift" /><span>{{ text }}</span>
      </p>
    }
  `,
  styles: `
    :host {
      display: grid;
      gap: 8px;
      padding: 12px 0;
    }
    .head {
      display: flex;
      gap: 8px;
      align-items: flex-start;
    }
    .units {
      display: grid;
      grid-template-columns: repeat(2, minmax(0, 1fr));
      align-items: end;
      gap: 10px;
    }
    .price {
      display: flex;
      flex-wrap: wrap;
      justify-content: space-between;
      gap: 0 6px;
      margin-bottom: 2px;
    }
    .out {
      color: var(--bad);
      font-weight: 600;
    }
  `,
  host: { '[attr.data-product]': 'product().productCode' },
})
export class ProductRow {
  protected readonly t = injectT();
  protected readonly money = format.money;

  readonly product = input.required<Product>();
  readonly line = input.required<CartLine | null>();
  /** What a little more of it would give. */
  readonly hint = input<string | null>(null);
  readonly changed = output<CartLine>();

  protected readonly out = computed(() => this.product().stockQuantity === 0);
  protected readonly stock = computed(() => {
    const product = this.product();
    if (product.stockQuantity <= 0) return this.t('order.outOfStock');
    return this.t('order.stock', {
      cases: format.cases(
        product.stockQuantity,
        product.conversionRate,
        product.unitName,
        product.subUnitName,
      ),
    });
  });
  protected readonly over = computed(() => {
    const line = this.line();
    const { stockQuantity } = this.product();
    return line !== null && pieces(line, this.product()) > stockQuantity;
  });

  protected emit(whole: number, retail: number): void {
    this.changed.emit({ productId: this.product().productId, whole, retail });
  }
}
