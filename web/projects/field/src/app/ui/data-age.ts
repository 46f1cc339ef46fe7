import { ChangeDetectionStrategy, Component, computed, inject, input } from '@angular/core';
import { format } from '@dms/shared';
import { MasterData } from '../core/master-data';
import { injectT } from '../i18n/texts';
import { Icon } from './icon';

/** "dữ liệu lúc 07:42", with a button that fetches newer data. */
@Component({
  selector: 'fld-data-age',
  imports: [Icon],
  changeDetection: ChangeDetectionStrategy.OnPush,
  template: `
    <span class="soft">{{ text() }}</span>
    <button
      type="button"
      class="icon-btn"
      [attr.aria-label]="t('app.refresh')"
      [disabled]="master.refreshing()"
      (click)="master.refresh(true)"
    >
      <fld-icon name="sync" [size]="20" />
    </button>
  `,
  styles: `
    :host {
      display: flex;
      align-items: center;
      justify-content: flex-end;
    }
  `,
})
export class DataAge {
  protected readonly master = inject(MasterData);
  protected readonly t = injectT();
  /** When the data shown was fetched, milliseconds since 1970. */
  readonly at = input.required<number | null>();

  protected readonly text = computed(() => {
    if (this.master.refreshing()) return this.t('app.refreshing');
    const at = this.at();
    return at === null
      ? this.t('app.noData')
      : this.t('app.dataAt', { time: format.timeToday(at) });
  });
}
