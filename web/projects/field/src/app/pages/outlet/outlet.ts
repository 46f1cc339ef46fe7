import { ChangeDetectionStrategy, Component, computed, inject, input } from '@angular/core';
import { Router, RouterLink } from '@angular/router';
import { distanceText, format } from '@dms/shared';
import { Day, distanceTo } from '../../core/day';
import type { LocalVisit } from '../../core/field-db';
import { MasterData } from '../../core/master-data';
import { Position } from '../../core/position';
import { injectT } from '../../i18n/texts';
import { Icon } from '../../ui/icon';
import { TopBar } from '../../ui/top-bar';
import { CheckIn } from './check-in';
import { Visit } from './visit';

/** One outlet: who it is, and the visit there when one is open. */
@Component({
  selector: 'fld-outlet',
  imports: [TopBar, Icon, RouterLink, CheckIn, Visit],
  changeDetection: ChangeDetectionStrategy.OnPush,
  template: `
    @if (customer(); as c) {
      <fld-top-bar [title]="c.name" [subtitle]="c.customerCode" back="/today" />
      <div class="page with-bar stack">
        @if (visitHere(); as visit) {
          <fld-visit [visit]="visit" (finished)="leave()" />
        }

        <section class="card stack">
          <p>{{ c.address }}</p>
          @if (c.contactPerson) {
            <p class="soft">{{ c.contactPerson }}</p>
          }
          <div class="row links">
            @if (c.phone) {
              <a class="btn grow" [href]="'tel:' + c.phone">
                <fld-icon name="phone" />{{ t('outlet.call') }}
              </a>
            }
            @if (map(); as link) {
              <a class="btn grow" [href]="link"> <fld-icon name="map" />{{ t('outlet.map') }} </a>
            }
          </div>
          @if (!map()) {
            <p class="notice">
              <fld-icon name="pin" /><span>{{ t('outlet.noLocation') }}</span>
            </p>
          }
          <dl class="facts">
            @if (distance() !== null) {
              <dt>{{ t('outlet.distance') }}</dt>
              <dd class="num">{{ text(distance()!) }}</dd>
            }
            <dt>{{ t('outlet.balance') }}</dt>
            <dd class="num strong">{{ money(c.currentBalance) }}</dd>
            @if (c.creditLimit) {
              <dt>{{ t('outlet.limit') }}</dt>
              <dd class="num">{{ money(c.creditLimit) }}</dd>
            }
            @if (stop(); as s) {
              <dt>{{ t('outlet.lastVisit') }}</dt>
              <dd>{{ date(s.lastVisitDate) || t('today.never') }}</dd>
              <dt>{{ t('outlet.lastOrder') }}</dt>
              <dd>{{ date(s.lastOrderDate) || t('today.never') }}</dd>
            }
          </dl>
        </section>

        @if (!visitHere()) {
          @for (visit of earlier(); track visit.id) {
            <p class="notice ok">
              <fld-icon name="check" />
              <span>
                {{
                  t('outlet.visitedToday', {
                    time: time(visit.checkedOutAt),
                    result: result(visit),
                  })
                }}
              </span>
            </p>
          }
          @if (day.openVisit(); as other) {
            <p class="notice warn">
              <fld-icon name="warn" />
              <span>{{ t('outlet.otherOpen', { name: other.customerName }) }}</span>
            </p>
            <a class="btn primary big wide" [routerLink]="['/outlets', other.customerId]">
              {{ t('outlet.goThere') }}
            </a>
          } @else if (day.openVisit() === null) {
            <a class="btn wide" [routerLink]="['/outlets', c.customerId, 'order']">
              <fld-icon name="phone" />{{ t('outlet.orderWithoutVisit') }}
            </a>
            <fld-check-in [customer]="c" />
          }
        }
      </div>
    } @else if (visitHere(); as visit) {
      <!-- No outlet of the rep's any more, but a visit there still has to be ended. -->
      <fld-top-bar [title]="visit.customerName" back="/today" />
      <div class="page with-bar stack">
        <fld-visit [visit]="visit" (finished)="leave()" />
      </div>
    } @else if (master.loaded()) {
      <fld-top-bar [title]="t('customers.title')" back="/today" />
      <div class="page stack">
        <p class="empty">{{ t('outlet.unknown') }}</p>
        <button type="button" class="btn" (click)="master.refresh(true)">
          {{ t('app.refresh') }}
        </button>
      </div>
    }
  `,
  styles: `
    .links {
      align-items: stretch;
    }
    .links:empty {
      display: none;
    }
  `,
})
export class Outlet {
  protected readonly day = inject(Day);
  protected readonly master = inject(MasterData);
  private readonly position = inject(Position);
  private readonly router = inject(Router);
  protected readonly t = injectT();
  protected readonly money = format.money;
  protected readonly date = format.date;
  protected readonly time = format.time;
  protected readonly text = distanceText;

  readonly customerId = input.required<string>();

  protected readonly customer = computed(() => this.master.customer(this.customerId()));
  /** Opens the phone's own map; null without a place. */
  protected readonly map = computed(() => {
    const { latitude, longitude } = this.customer() ?? {};
    if (latitude == null || longitude == null) return null;
    return `geo:${latitude},${longitude}?q=${latitude},${longitude}`;
  });
  protected readonly stop = computed(() =>
    this.master.route()?.customers.find((row) => row.customerId === this.customerId()),
  );
  protected readonly visitHere = computed(() => this.day.openVisitAt(this.customerId()));
  protected readonly earlier = computed(() =>
    this.day
      .visits()
      .filter((visit) => visit.customerId === this.customerId() && visit.checkedOutAt !== null),
  );
  protected readonly distance = computed(() => {
    const fix = this.position.fix();
    const customer = this.customer();
    return fix && customer ? distanceTo(customer, fix) : null;
  });

  protected result(visit: LocalVisit): string {
    return visit.result ? this.t(`visitResult.${visit.result}`) : '';
  }

  protected leave(): void {
    void this.router.navigateByUrl('/today', { replaceUrl: true });
  }
}
