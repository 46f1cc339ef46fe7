import { ChangeDetectionStrategy, Component, computed, inject, signal } from '@angular/core';
import { RouterLink } from '@angular/router';
import { type Lang, Language, format, problemText } from '@dms/shared';
import { BusinessDay } from '../../core/business-day';
import { Day } from '../../core/day';
import { MasterData } from '../../core/master-data';
import { Position } from '../../core/position';
import { type RouteStop, found, routeStops } from '../../core/route-list';
import { TodayFigures } from '../../core/today-figures';
import { injectT } from '../../i18n/texts';
import { DataAge } from '../../ui/data-age';
import { Icon } from '../../ui/icon';
import { SearchBox } from '../../ui/search-box';
import { TopBar } from '../../ui/top-bar';
import { ClockCard } from './clock-card';
import { StopCard } from './stop-card';

type Filter = 'all' | 'toVisit' | 'visited';

/** The rep's day at a glance: clock, progress, the route in visiting order. */
@Component({
  selector: 'fld-today',
  imports: [RouterLink, TopBar, ClockCard, StopCard, Icon, SearchBox, DataAge],
  changeDetection: ChangeDetectionStrategy.OnPush,
  template: `
    <fld-top-bar [title]="t('nav.today')" [subtitle]="dateText()" />
    <div class="page stack">
      @for (visit of day.openVisits(); track visit.id) {
        <a class="notice resume" [routerLink]="['/outlets', visit.customerId]">
          <fld-icon name="store" />
          <span class="grow">
            {{ t('today.resume') }}<br /><strong>{{ visit.customerName }}</strong>
          </span>
          <fld-icon name="next" />
        </a>
      }
      <fld-clock-card />

      @if (master.route(); as route) {
        <section class="card" aria-labelledby="route-name">
          <div class="row">
            <h2 id="route-name" class="grow">
              {{ route.route ? route.route.name : t('today.noRoute') }}
            </h2>
          </div>
          <div class="row figures">
            <span class="grow strong" id="progress">
              {{ t('today.progress', { done: done(), total: stops().length }) }}
            </span>
            <a routerLink="/orders" class="num">
              {{ t('today.orders', { n: figures.value().orders }) }} ·
              {{ money(figures.value().amount) }}
            </a>
          </div>
          <progress
            aria-labelledby="progress"
            [value]="done()"
            [max]="stops().length || 1"
          ></progress>
          @if (master.routeAt(); as at) {
            <p class="soft age">{{ t('app.dataAt', { time: timeToday(at) }) }}</p>
          }
        </section>

        <fld-search-box [label]="t('today.search')" [(query)]="query" />
        <div class="segments tight" role="group">
          @for (option of filters; track option) {
            <label>
              <input
                type="radio"
                name="filter"
                [value]="option"
                [checked]="filter() === option"
                (change)="filter.set(option)"
              />
              {{
                t(
                  option === 'all'
                    ? 'today.all'
                    : option === 'toVisit'
                      ? 'today.toVisit'
                      : 'today.visited'
                )
              }}
              <span class="num soft">{{ counts()[option] }}</span>
            </label>
          }
        </div>

        <ol class="stack">
          @for (stop of shown(); track stop.customerId) {
            <li>
              <fld-stop-card [stop]="stop" [next]="stop.customerId === nextId()" />
            </li>
          } @empty {
            <li class="empty">
              @if (query() || filter() !== 'toVisit') {
                {{ t('today.nothingFound') }}
              } @else {
                {{ t('today.everythingDone') }}
              }
            </li>
          }
        </ol>
        @if (offRoute().length > 0) {
          <section class="card" aria-labelledby="off-route">
            <h2 id="off-route">{{ t('today.offRouteDone', { n: offRoute().length }) }}</h2>
            @for (visit of offRoute(); track visit.id) {
              <a class="off" [routerLink]="['/outlets', visit.customerId]">
                <fld-icon [name]="visit.checkedOutAt === null ? 'store' : 'check'" />
                <span class="grow">{{ visit.customerName }}</span>
                <span class="num soft">{{ time(visit.checkedInAt) }}</span>
              </a>
            }
          </section>
        }
        <fld-data-age [at]="master.routeAt()" />
      } @else if (master.loaded()) {
        <section class="card stack">
          <p>{{ t('today.notLoaded') }}</p>
          @if (master.problem(); as problem) {
            <p class="notice warn">
              <fld-icon name="warn" /><span>{{ text(problem) }}</span>
            </p>
          }
          <button
            type="button"
            class="btn"
            [disabled]="master.refreshing()"
            (click)="master.refresh(true)"
          >
            {{ t(master.refreshing() ? 'app.refreshing' : 'app.refresh') }}
          </button>
        </section>
      }
      <a class="btn wide" routerLink="/customers" [queryParams]="query() ? { q: query() } : {}">
        <fld-icon name="search" />{{ t('today.offRoute') }}
      </a>
    </div>
  `,
  styles: `
    .resume {
      background: var(--brand);
      color: #fff;
      align-items: center;
      text-decoration: none;
    }
    .figures {
      flex-wrap: wrap;
      justify-content: space-between;
      min-height: 48px;
    }
    .figures .grow {
      flex: 1 0 auto;
    }
    .figures a {
      display: inline-flex;
      align-items: center;
      gap: 4px;
      min-height: 48px;
    }
    progress {
      display: block;
      width: 100%;
      height: 12px;
      appearance: none;
      border: 0;
      border-radius: 6px;
      overflow: hidden;
      background: var(--ground);
    }
    progress::-webkit-progress-bar {
      background: var(--ground);
    }
    progress::-webkit-progress-value {
      background: #0f7a3a;
    }
    progress::-moz-progress-bar {
      background: #0f7a3a;
    }
    .age {
      margin-top: 6px;
    }
    .off {
      display: flex;
      align-items: center;
      gap: 8px;
      min-height: 48px;
      color: inherit;
    }
  `,
})
export class Today {
  protected readonly day = inject(Day);
  protected readonly master = inject(MasterData);
  protected readonly figures = inject(TodayFigures);
  private readonly position = inject(Position);
  private readonly language = inject(Language);
  private readonly businessDay = inject(BusinessDay);
  protected readonly t = injectT();
  protected readonly money = format.money;
  protected readonly time = format.time;
  protected readonly timeToday = format.timeToday;

  protected readonly filters: readonly Filter[] = ['all', 'toVisit', 'visited'];
  protected readonly filter = signal<Filter>('all');
  protected readonly query = signal('');

  protected readonly stops = computed(() =>
    routeStops(this.master.route()?.customers ?? [], this.day.visits(), this.position.fix()),
  );
  protected readonly done = computed(
    () => this.stops().filter((stop) => stop.state === 'visited').length,
  );
  protected readonly counts = computed(() => ({
    all: this.stops().length,
    visited: this.done(),
    toVisit: this.stops().length - this.done(),
  }));
  protected readonly nextId = computed(() => {
    if (this.day.openVisit()) return null;
    return this.stops().find((stop) => stop.state === 'planned')?.customerId ?? null;
  });
  protected readonly shown = computed(() => {
    const query = this.query();
    const filter = this.filter();
    const fits = (stop: RouteStop) =>
      filter === 'all' || (filter === 'visited') === (stop.state === 'visited');
    return this.stops().filter((stop) => fits(stop) && found(stop.key, query));
  });

  protected readonly dateText = computed(() => {
    const day = this.businessDay.today();
    return [weekday(day, this.language.current()), format.date(day)].join(', ');
  });
  protected readonly offRoute = computed(() => {
    const onRoute = new Set(this.stops().map((stop) => stop.customerId));
    return this.day.visits().filter((visit) => !onRoute.has(visit.customerId));
  });

  protected text(problem: NonNullable<ReturnType<MasterData['problem']>>): string {
    return problemText(problem, this.t);
  }
}

function weekday(day: string, lang: Lang): string {
  const locale = lang === 'vi' ? 'vi-VN' : 'en-GB';
  return new Intl.DateTimeFormat(locale, {
    weekday: 'long',
    timeZone: format.BUSINESS_ZONE,
  }).format(new Date(day));
}
