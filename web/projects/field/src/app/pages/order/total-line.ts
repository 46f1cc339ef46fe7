import { ChangeDetectionStrategy, Component, inject } from '@angular/core';
import { format } from '@dms/shared';
import { CartStore } from '../../core/cart-store';
import { injectT } from '../../i18n/texts';

/** The total of the cart, and honestly whether it is the price or only an estimate. */
@Component({
  selector: 'fld-total-line',
  changeDetection: ChangeDetectionStrategy.OnPush,
  template: `
    <span class="soft" role="status">
      @if (cart.price.pending()) {
        {{ t('order.pricing') }}
      } @else {
        {{ t(cart.price.quote() ? 'order.totalShort' : 'order.gross') }}
      }
      · {{ t('order.lines', { n: cart.lines().length }) }}
    </span>
    <strong class="num">{{ money(cart.total()) }}</strong>
  `,
  styles: `
    :host {
      display: grid;
      min-width: 0;
    }
    span {
      overflow: hidden;
      text-overflow: ellipsis;
      white-space: nowrap;
    }
    strong {
      font-size: 20px;
      line-height: 1.2;
    }
  `,
})
export class TotalLine {
  protected readonly cart = inject(CartStore);
  protected readonly t = injectT();
  protected readonly money = format.money;
}
