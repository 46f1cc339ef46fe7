import {
  ChangeDetectionStrategy,
  Component,
  computed,
  effect,
  inject,
  input,
  signal,
} from '@angular/core';
import { Router, RouterLink } from '@angular/router';
import { ApiProblem, format, problemText } from '@dms/shared';
import { CartStore } from '../../core/cart-store';
import { MasterData } from '../../core/master-data';
import { orderLines } from '../../core/cart';
import { explanationText, nearMissText } from '../../core/promotion-text';
import { Sync } from '../../core/sync';
import { injectT } from '../../i18n/texts';
import { Icon } from '../../ui/icon';
import { Sheet } from '../../ui/sheet';
import { Toast } from '../../ui/toast';
import { TopBar } from '../../ui/top-bar';
import { type PricedLine, PricedLines, estimatedLine } from './priced-lines';
import { Sums } from './sums';
import { TotalLine } from './total-line';

/** The order as it will be sent: lines, gifts, discounts, VAT, total. */
@Component({
  selector: 'fld-review',
  imports: [RouterLink, TopBar, Icon, Sheet, PricedLines, Sums, TotalLine],
  changeDetection: ChangeDetectionStrategy.OnPush,
  template: `
    <fld-top-bar
      [title]="t('order.reviewTitle')"
      [subtitle]="customer()?.name"
      [back]="'/outlets/' + customerId() + '/order'"
    />
    <div class="page with-bar stack">
      @if (cart.ready() && cart.lines().length === 0) {
        <p class="empty">{{ t('order.empty') }}</p>
        <a class="btn" [routerLink]="['/outlets', customerId(), 'order']" replaceUrl>
          {{ t('order.addMore') }}
        </a>
      } @else {
        @let quote = cart.price.quote();
        <section class="card"><fld-priced-lines [lines]="lines()" /></section>

        @for (text of nearMisses(); track text) {
          <p class="notice gift">
            <fld-icon name="gift" /><span>{{ text }}</span>
          </p>
        }
        @if (promotions().length > 0) {
          <section class="card stack">
            <h2>{{ t('order.promotions') }}</h2>
            @for (text of promotions(); track $index) {
              <p class="row">
                <fld-icon name="gift" /><span>{{ text }}</span>
              </p>
            }
          </section>
        }

        <section class="card stack">
          @if (quote) {
            <fld-sums [sums]="quote" />
          } @else {
            <dl class="facts">
              <dt>{{ t('order.gross') }}</dt>
              <dd class="num strong">{{ money(cart.gross()) }}</dd>
            </dl>
            @if (!cart.price.pending()) {
              <p class="notice warn">
                <fld-icon name="warn" />
                <span>{{ whyNoPrice() }}</span>
              </p>
            }
          }
        </section>

        <section class="card field">
          <label for="order-notes">{{ t('order.notes') }}</label>
          <textarea
            #notes
            id="order-notes"
            class="input"
            rows="2"
            maxlength="500"
            [placeholder]="t('order.notesHint')"
            [value]="cart.notes()"
            (input)="cart.setNotes(notes.value)"
          ></textarea>
        </section>
        <div class="row">
          <a class="btn grow" [routerLink]="['/outlets', customerId(), 'order']">
            <fld-icon name="plus" />{{ t('order.addMore') }}
          </a>
          <button type="button" class="btn danger grow" (click)="clearing.set(true)">
            <fld-icon name="trash" />{{ t('order.clear') }}
          </button>
        </div>
      }
    </div>
    <div class="action-bar">
      <fld-total-line class="grow" />
      <button
        type="button"
        class="btn primary big"
        [disabled]="cart.lines().length === 0 || busy()"
        (click)="submit()"
      >
        {{ t('order.submit') }}
      </button>
    </div>
    @if (clearing()) {
      <fld-sheet [title]="t('order.clear')" (dismissed)="clearing.set(false)">
        <p>{{ t('order.clearAsk', { n: cart.lines().length }) }}</p>
        <button type="button" class="btn danger big wide" (click)="clear()">
          {{ t('order.clear') }}
        </button>
      </fld-sheet>
    }
  `,
})
export class Review {
  protected readonly cart = inject(CartStore);
  private readonly master = inject(MasterData);
  private readonly sync = inject(Sync);
  private readonly router = inject(Router);
  private readonly toast = inject(Toast);
  protected readonly t = injectT();
  protected readonly money = format.money;

  readonly customerId = input.required<string>();

  protected readonly busy = signal(false);
  protected readonly clearing = signal(false);
  protected readonly customer = computed(() => this.master.customer(this.customerId()));

  protected readonly lines = computed(
    (): readonly PricedLine[] =>
      this.cart.price.quote()?.items ??
      orderLines(this.cart.lines(), this.master.productById()).map(estimatedLine),
  );
  protected readonly promotions = computed(() =>
    (this.cart.price.quote()?.explanations ?? []).map((note) =>
      explanationText(note, this.master.productById(), this.t),
    ),
  );
  protected readonly nearMisses = computed(() =>
    (this.cart.price.quote()?.nearMisses ?? []).map((miss) =>
      nearMissText(miss, this.master.productById(), this.t),
    ),
  );

  constructor() {
    effect(() => void this.cart.open(this.customerId()));
  }

  protected whyNoPrice(): string {
    const problem = this.cart.price.problem();
    if (!this.sync.online() || !problem || problem.offline) return this.t('order.grossHint');
    return this.t('order.quoteFailed', { reason: problemText(problem as ApiProblem, this.t) });
  }

  protected clear(): void {
    this.cart.clear();
    this.clearing.set(false);
    void this.router.navigate(['/outlets', this.customerId()], { replaceUrl: true });
  }

  protected async submit(): Promise<void> {
    if (this.busy()) return;
    this.busy.set(true);
    try {
      const orderId = await this.cart.submit(this.customer()?.name ?? '');
      if (!orderId) return;
      this.toast.show(this.t('order.saved'));
      await this.router.navigate(['/orders', orderId], { replaceUrl: true });
    } finally {
      this.busy.set(false);
    }
  }
}
