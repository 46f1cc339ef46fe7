import { ChangeDetectionStrategy, Component, inject, input } from '@angular/core';
import { format } from '@dms/shared';
import { Position } from '../core/position';
import { injectT } from '../i18n/texts';
import { Icon } from './icon';
import type { Locator } from './locator';

/** How the search for a position goes, and what to do when it fails. */
@Component({
  selector: 'fld-gps-state',
  imports: [Icon],
  changeDetection: ChangeDetectionStrategy.OnPush,
  template: `
    @let l = locator();
    @if (l.failure(); as reason) {
      <div class="notice bad" role="alert">
        <fld-icon name="warn" />
        <span>{{ text(reason) }}</span>
      </div>
      <button type="button" class="btn wide" (click)="l.find()">{{ t('common.retry') }}</button>
      @if (position.fix(); as last) {
        <button type="button" class="btn wide" (click)="l.accept(last)">
          {{ t('gps.useLast', { time: time(last.at), m: round(last.accuracy) }) }}
        </button>
      }
    } @else {
      <p class="row" role="status">
        <fld-icon name="pin" />
        <span>
          @if (l.seeking()) {
            {{ t('gps.seeking') }}
          }
          @if (l.fix(); as fix) {
            {{ t('gps.accuracy', { m: round(fix.accuracy) }) }}
          }
        </span>
      </p>
    }
  `,
  styles: `
    :host {
      display: grid;
      gap: 10px;
    }
  `,
})
export class GpsState {
  protected readonly position = inject(Position);
  protected readonly t = injectT();
  protected readonly time = format.time;
  protected readonly round = Math.round;
  readonly locator = input.required<Locator>();

  protected text(reason: NonNullable<ReturnType<Locator['failure']>>): string {
    return this.t(`gps.${reason}`);
  }
}
