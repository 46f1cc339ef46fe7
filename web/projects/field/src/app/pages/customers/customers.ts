import {
  ChangeDetectionStrategy,
  Component,
  computed,
  inject,
  input,
  linkedSignal,
} from '@angular/core';
import { RouterLink } from '@angular/router';
import { distanceText, format } from '@dms/shared';
import { distanceTo } from '../../core/day';
import { MasterData } from '../../core/master-data';
import { Position } from '../../core/position';
import { found } from '../../core/route-list';
import { injectT } from '../../i18n/texts';
import { DataAge } from '../../ui/data-age';
import { SearchBox } from '../../ui/search-box';
import { TopBar } from '../../ui/top-bar';

/** More rows than this nobody reads; a longer query finds the rest. */
const SHOWN = 40;

/** Any outlet the rep may see, nearest first: for visits off the route. */
@Component({
  selector: 'fld-customers',
  imports: [RouterLink, TopBar, SearchBox, DataAge],
  changeDetection: ChangeDetectionStrategy.OnPush,
  template: `
    <fld-top-bar [title]="t('customers.title')" back="/today" />
    <div class="page stack">
      <fld-search-box [label]="t('customers.search')" [(query)]="query" />
      @if (!query()) {
        <p class="soft">{{ t('customers.hint') }}</p>
      }
      <ul class="stack">
        @for (row of shown(); track row.customer.customerId) {
          <li>
            <a class="card" [routerLink]="['/outlets', row.customer.customerId]">
              <span class="grow">
                <strong>{{ row.customer.name }}</strong>
                <span class="soft address">{{ row.customer.address }}</span>
                <span class="row">
                  <span class="soft">{{ row.customer.customerCode }}</span>
                  @if (onRoute().has(row.customer.customerId)) {
                    <span class="chip brand">{{ t('customers.onRoute') }}</span>
                  }
                  @if (row.customer.currentBalance > 0) {
                    <span class="chip warn">
                      {{ t('today.debt', { money: money(row.customer.currentBalance) }) }}
                    </span>
                  }
                </span>
              </span>
              @if (row.distance !== null) {
                <span class="num strong">{{ distance(row.distance) }}</span>
              }
            </a>
          </li>
        } @empty {
          <li class="empty">{{ t('customers.none') }}</li>
        }
      </ul>
      <fld-data-age [at]="master.customersAt()" />
    </div>
  `,
  styles: `
    a {
      display: flex;
      gap: 12px;
      color: inherit;
      text-decoration: none;
    }
    a:active {
      background: var(--brand-soft);
    }
    strong,
    .address {
      display: block;
    }
    .address {
      overflow: hidden;
      text-overflow: ellipsis;
      white-space: nowrap;
    }
    .row {
      flex-wrap: wrap;
    }
  `,
})
export class Customers {
  protected readonly master = inject(MasterData);
  private readonly position = inject(Position);
  protected readonly t = injectT();
  protected readonly money = format.money;
  protected readonly distance = distanceText;

  /** A query brought along from the route's search. */
  readonly q = input<string>();
  protected readonly query = linkedSignal(() => this.q() ?? '');

  protected readonly onRoute = computed(
    () => new Set(this.master.route()?.customers.map((customer) => customer.customerId)),
  );
  protected readonly shown = computed(() => {
    const fix = this.position.fix();
    const query = this.query();
    return this.master
      .customers()
      .filter((customer) => found(customer.key, query))
      .map((customer) => ({ customer, distance: fix ? distanceTo(customer, fix) : null }))
      .sort((a, b) => (a.distance ?? Infinity) - (b.distance ?? Infinity))
      .slice(0, SHOWN);
  });
}
