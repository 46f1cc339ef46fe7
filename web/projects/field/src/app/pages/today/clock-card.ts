import { ChangeDetectionStrategy, Component, computed, inject, signal } from '@angular/core';
import { format } from '@dms/shared';
import { Day } from '../../core/day';
import { TodayFigures } from '../../core/today-figures';
import { injectT } from '../../i18n/texts';
import { GpsState } from '../../ui/gps-state';
import { Icon } from '../../ui/icon';
import { ItemState } from '../../ui/item-state';
import { injectLocator } from '../../ui/locator';
import { Sheet } from '../../ui/sheet';
import { Toast } from '../../ui/toast';

/** Clocking in and out, with the position where it happened. */
@Component({
  selector: 'fld-clock-card',
  imports: [Icon, ItemState, Sheet, GpsState],
  changeDetection: ChangeDetectionStrategy.OnPush,
  template: `
    @if (last(); as event) {
      <div class="row">
        <span class="strong">
          {{
            day.clockedIn()
              ? t('clock.inSince', { time: time(day.firstIn()?.at) })
              : t('clock.outAt', { time: time(event.at) })
          }}
        </span>
        <fld-item-state class="grow" [item]="event.itemId" compact />
        @if (day.clockedIn()) {
          <button type="button" class="btn small" (click)="ask('out')">{{ t('clock.out') }}</button>
        } @else {
          <button type="button" class="btn small" (click)="ask('in')">
            {{ t('clock.again') }}
          </button>
        }
      </div>
    } @else {
      <button type="button" class="btn primary big wide" (click)="ask('in')">
        <fld-icon name="clock" />{{ t('clock.in') }}
      </button>
    }

    @if (asking(); as kind) {
      <fld-sheet
        [title]="t(kind === 'in' ? 'clock.in' : 'clock.outTitle')"
        (dismissed)="asking.set(null)"
      >
        @if (kind === 'out') {
          @let f = figures.value();
          <p>
            {{
              t('clock.outSummary', {
                visits: f.visits,
                orders: f.orders,
                money: money(f.amount),
              })
            }}
          </p>
          @if (day.openVisit(); as visit) {
            <p class="notice warn">
              <fld-icon name="warn" />
              <span>{{ t('clock.outOpenVisit', { name: visit.customerName }) }}</span>
            </p>
          }
        }
        <fld-gps-state [locator]="locator" />
        <button
          type="button"
          class="btn primary big wide"
          [disabled]="!locator.fix() || locator.seeking() || busy()"
          (click)="confirm(kind)"
        >
          {{ t(kind === 'in' ? 'clock.in' : 'clock.out') }}
        </button>
      </fld-sheet>
    }
  `,
  styles: `
    .small {
      padding: 8px 12px;
      white-space: nowrap;
    }
  `,
  host: { class: 'card stack' },
})
export class ClockCard {
  protected readonly day = inject(Day);
  protected readonly figures = inject(TodayFigures);
  private readonly toast = inject(Toast);
  protected readonly t = injectT();
  protected readonly time = format.time;
  protected readonly money = format.money;
  protected readonly locator = injectLocator();

  protected readonly asking = signal<'in' | 'out' | null>(null);
  protected readonly busy = signal(false);
  protected readonly last = computed(() => this.day.clocks().at(-1) ?? null);

  protected async ask(kind: 'in' | 'out'): Promise<void> {
    this.asking.set(kind);
    const fix = await this.locator.find();
    // Clocking in needs no second thought once the position is there; clocking out does.
    if (fix && kind === 'in' && this.asking() === 'in') await this.confirm('in');
  }

  protected async confirm(kind: 'in' | 'out'): Promise<void> {
    const fix = this.locator.fix();
    if (!fix || this.busy()) return;
    this.busy.set(true);
    try {
      await this.day.clock(kind, fix);
      this.asking.set(null);
      this.toast.show(this.t(kind === 'in' ? 'clock.doneIn' : 'clock.doneOut'));
    } finally {
      this.busy.set(false);
    }
  }
}
