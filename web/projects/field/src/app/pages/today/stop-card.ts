import { ChangeDetectionStrategy, Component, input } from '@angular/core';
import { RouterLink } from '@angular/router';
import { distanceText, format } from '@dms/shared';
import type { RouteStop } from '../../core/route-list';
import { injectT } from '../../i18n/texts';
import { Icon } from '../../ui/icon';

/** One outlet of the route: what the rep needs to decide whether to ride there. */
@Component({
  selector: 'fld-stop-card',
  imports: [RouterLink, Icon],
  changeDetection: ChangeDetectionStrategy.OnPush,
  template: `
    @let s = stop();
    <a
      class="card"
      [routerLink]="['/outlets', s.customerId]"
      [class.next]="next()"
      [class.done]="s.state === 'visited'"
      [class.open]="s.state === 'open'"
      [attr.data-customer]="s.customerCode"
    >
      <span class="order num">
        @if (s.state === 'visited') {
          <fld-icon name="check" /><span class="visually-hidden">{{ t('today.done') }}</span>
        } @else {
          {{ s.visitOrder }}
        }
      </span>
      <span class="grow">
        <span class="first">
          <span class="name grow">{{ s.name }}</span>
          @if (s.distance !== null) {
            <span class="distance num">{{ distance(s.distance) }}</span>
          }
        </span>
        <span class="address soft">{{ s.address }}</span>
        <span class="meta">
          @if (s.state === 'open') {
            <span class="chip brand">{{ t('today.inVisit') }}</span>
          } @else if (next()) {
            <span class="chip brand">{{ t('today.next') }}</span>
          }
          @if (s.currentBalance > 0) {
            <span class="chip warn">{{ t('today.debt', { money: money(s.currentBalance) }) }}</span>
          }
        </span>
        <span class="soft">
          {{
            s.lastVisitDate
              ? t('today.lastVisit', { date: short(s.lastVisitDate) })
              : t('today.neverVisited')
          }}
          ·
          {{
            s.lastOrderDate
              ? t('today.lastOrder', { date: short(s.lastOrderDate) })
              : t('today.neverOrdered')
          }}
        </span>
      </span>
    </a>
  `,
  styles: `
    a {
      display: flex;
      gap: 12px;
      align-items: flex-start;
      color: inherit;
      text-decoration: none;
    }
    a:active {
      background: var(--brand-soft);
    }
    .order {
      display: grid;
      place-items: center;
      flex: none;
      width: 36px;
      height: 36px;
      border-radius: 50%;
      background: var(--ground);
      font-weight: 600;
    }
    .next,
    .open {
      border: 2px solid var(--brand);
    }
    .next .order,
    .open .order {
      background: var(--brand);
      color: #fff;
    }
    .done .order {
      background: var(--ok-soft);
      color: var(--ok);
    }
    .first {
      display: flex;
      gap: 8px;
      align-items: baseline;
    }
    .grow,
    .address {
      display: block;
    }
    .name {
      font-weight: 600;
      font-size: 17px;
      line-height: 1.3;
    }
    .address {
      overflow: hidden;
      text-overflow: ellipsis;
      white-space: nowrap;
    }
    .meta {
      display: flex;
      flex-wrap: wrap;
      gap: 6px;
    }
    .meta:not(:empty) {
      margin: 4px 0;
    }
    .distance {
      color: var(--brand-dark);
      font-weight: 600;
    }
  `,
})
export class StopCard {
  protected readonly t = injectT();
  protected readonly money = format.money;
  protected readonly distance = distanceText;
  readonly stop = input.required<RouteStop>();
  readonly next = input(false);

  /** Day and month say enough about a recent date. */
  protected short(date: string): string {
    return format.date(date).slice(0, 5);
  }
}
