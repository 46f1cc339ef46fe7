import { ChangeDetectionStrategy, Component, computed, inject, input, signal } from '@angular/core';
import { distanceText } from '@dms/shared';
import type { Customer } from '../../core/api-types';
import { CHECK_IN_RADIUS, Day, distanceTo } from '../../core/day';
import { injectT } from '../../i18n/texts';
import { GpsState } from '../../ui/gps-state';
import { Icon } from '../../ui/icon';
import { injectLocator } from '../../ui/locator';
import { Sheet } from '../../ui/sheet';
import { Toast } from '../../ui/toast';

/**
 * Starts a visit with a position. At the outlet it just starts; away from it the rep is told how
 * far, gives a reason and goes on: the supervisor sees it, nobody is stopped by a bad GPS.
 */
@Component({
  selector: 'fld-check-in',
  imports: [Sheet, GpsState, Icon],
  changeDetection: ChangeDetectionStrategy.OnPush,
  template: `
    <div class="action-bar">
      <button type="button" class="btn primary big wide" (click)="open()">
        <fld-icon name="pin" />{{ t('checkIn.start') }}
      </button>
    </div>
    @if (asking()) {
      <fld-sheet [title]="t('checkIn.title')" (dismissed)="asking.set(false)">
        <p class="strong">{{ customer().name }}</p>
        @if (!day.clockedIn()) {
          <p class="notice warn">
            <fld-icon name="warn" /><span>{{ t('outlet.notClockedIn') }}</span>
          </p>
        }
        <fld-gps-state [locator]="locator" />
        @if (locator.fix()) {
          @if (distance() === null) {
            <p class="notice">
              <fld-icon name="pin" /><span>{{ t('outlet.noLocation') }}</span>
            </p>
          } @else if (far()) {
            @if (!locator.seeking()) {
              <div class="notice warn" role="alert">
                <fld-icon name="warn" />
                <span>
                  <strong>{{
                    t('checkIn.outOfRange', { distance: text(distance()!) })
                  }}</strong><br />
                  {{ t('checkIn.outOfRangeHint', { radius: radius }) }}
                </span>
              </div>
              <fieldset class="stack">
                <legend class="visually-hidden">{{ t('checkIn.reason') }}</legend>
                <div class="reasons">
                  @for (choice of reasons; track choice) {
                    <button
                      type="button"
                      class="btn"
                      [class.primary]="reason() === t(choice)"
                      [attr.aria-pressed]="reason() === t(choice)"
                      (click)="reason.set(t(choice))"
                    >
                      {{ t(choice) }}
                    </button>
                  }
                </div>
                <label class="visually-hidden" for="reason">{{ t('checkIn.reason') }}</label>
                <input
                  #other
                  id="reason"
                  class="input"
                  maxlength="200"
                  [placeholder]="t('checkIn.reason')"
                  [value]="reason()"
                  (input)="reason.set(other.value)"
                />
              </fieldset>
            }
          } @else {
            <p class="notice ok">
              <fld-icon name="check" />
              <span>{{ t('checkIn.inRange', { distance: text(distance()!) }) }}</span>
            </p>
          }
        }
        <button
          type="button"
          class="btn primary big wide stick"
          [disabled]="!ready() || busy()"
          (click)="confirm()"
        >
          {{ t(far() ? 'checkIn.confirmFar' : 'checkIn.confirm') }}
        </button>
      </fld-sheet>
    }
  `,
  styles: `
    .reasons {
      display: flex;
      flex-wrap: wrap;
      gap: 8px;
    }
    .reasons .btn {
      flex: 1 0 auto;
      padding: 8px 12px;
    }
  `,
})
export class CheckIn {
  protected readonly day = inject(Day);
  private readonly toast = inject(Toast);
  protected readonly t = injectT();
  protected readonly text = distanceText;
  protected readonly radius = CHECK_IN_RADIUS;
  protected readonly reasons = [
    'checkIn.reasonGps',
    'checkIn.reasonMoved',
    'checkIn.reasonMeet',
  ] as const;
  protected readonly locator = injectLocator();

  readonly customer = input.required<Customer>();

  protected readonly asking = signal(false);
  protected readonly busy = signal(false);
  protected readonly reason = signal('');

  protected readonly distance = computed(() => {
    const fix = this.locator.fix();
    return fix ? distanceTo(this.customer(), fix) : null;
  });
  protected readonly far = computed(() => (this.distance() ?? 0) > CHECK_IN_RADIUS);
  protected readonly ready = computed(
    () =>
      this.locator.fix() !== null &&
      !this.locator.seeking() &&
      (!this.far() || this.reason().trim().length > 0),
  );

  protected async open(): Promise<void> {
    this.reason.set('');
    this.asking.set(true);
    await this.locator.find();
  }

  protected async confirm(): Promise<void> {
    const fix = this.locator.fix();
    if (!fix || this.busy()) return;
    this.busy.set(true);
    try {
      await this.day.checkIn(this.customer(), fix, this.far() ? this.reason().trim() : '');
      this.asking.set(false);
      this.toast.show(this.t('checkIn.started'));
    } finally {
      this.busy.set(false);
    }
  }
}
