import { ChangeDetectionStrategy, Component, input } from '@angular/core';
import { format } from '@dms/shared';
import { injectT } from '../../i18n/texts';

/** Gross, discount, VAT, total: as the server counted them. */
@Component({
  selector: 'fld-sums',
  changeDetection: ChangeDetectionStrategy.OnPush,
  template: `
    @let s = sums();
    <dl class="facts">
      <dt>{{ t('order.subTotal') }}</dt>
      <dd class="num">{{ money(s.subTotal) }}</dd>
      @if (s.discountAmount > 0) {
        <dt>{{ t('order.discount') }}</dt>
        <dd class="num">−{{ money(s.discountAmount) }}</dd>
      }
      <dt>{{ t('order.vat') }}</dt>
      <dd class="num">{{ money(s.taxAmount) }}</dd>
      <dt class="total">{{ t('order.total') }}</dt>
      <dd class="num total">{{ money(s.totalAmount) }}</dd>
    </dl>
  `,
  styles: `
    .total {
      padding-top: 6px;
      border-top: 1px solid var(--line);
      color: var(--ink);
      font-weight: 600;
      font-size: 18px;
    }
    .facts {
      column-gap: 0;
    }
  `,
})
export class Sums {
  protected readonly t = injectT();
  protected readonly money = format.money;
  readonly sums = input.required<{
    subTotal: number;
    discountAmount: number;
    taxAmount: number;
    totalAmount: number;
  }>();
}
