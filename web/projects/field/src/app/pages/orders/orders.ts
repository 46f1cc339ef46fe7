import { ChangeDetectionStrategy, Component, inject } from '@angular/core';
import { RouterLink } from '@angular/router';
import { format } from '@dms/shared';
import { OrderNews } from '../../core/order-news';
import { TodayFigures } from '../../core/today-figures';
import { injectT } from '../../i18n/texts';
import { ItemState } from '../../ui/item-state';
import { TopBar } from '../../ui/top-bar';
import { OrderStatus } from './order-status';

/** Today's orders, newest first: number, status, total. */
@Component({
  selector: 'fld-orders',
  imports: [RouterLink, TopBar, ItemState, OrderStatus],
  changeDetection: ChangeDetectionStrategy.OnPush,
  template: `
    @let sums = figures.value();
    <fld-top-bar
      [title]="t('orders.title')"
      [subtitle]="t('orders.sum', { n: sums.orders, money: money(sums.amount) })"
    />
    <div class="page">
      <ul class="stack">
        @for (order of figures.orders(); track order.orderId) {
          <li>
            <a class="card" [routerLink]="['/orders', order.orderId]">
              <span class="top">
                <strong class="grow">{{ order.customerName }}</strong>
                <span class="num strong">
                  @if (!order.final) {
                    ≈
                  }
                  {{ money(order.total) }}
                </span>
              </span>
              <span class="soft num">
                {{ order.orderNumber ?? t('orders.noNumber') }} · {{ time(order.orderedAt) }}
              </span>
              <span class="row">
                @if (order.status; as status) {
                  <fld-order-status [status]="status" />
                }
                <fld-item-state [item]="order.itemId" />
              </span>
            </a>
          </li>
        } @empty {
          <li class="empty">{{ t('orders.none') }}</li>
        }
      </ul>
    </div>
  `,
  styles: `
    a {
      display: grid;
      gap: 4px;
      color: inherit;
      text-decoration: none;
    }
    a:active {
      background: var(--brand-soft);
    }
    .top {
      display: flex;
      gap: 8px;
    }
    .row {
      flex-wrap: wrap;
    }
  `,
})
export class Orders {
  protected readonly figures = inject(TodayFigures);
  protected readonly t = injectT();
  protected readonly money = format.money;
  protected readonly time = format.time;

  constructor() {
    void inject(OrderNews).refresh();
  }
}
