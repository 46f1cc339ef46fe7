import { ChangeDetectionStrategy, Component, computed, input, output } from '@angular/core';
import { MatButtonModule } from '@angular/material/button';
import { Pagination, format, injectTranslate } from '@dms/shared';
import { webDict } from '../core/dict';
import { Icon } from './icon';

/** "1–50 / 312" with buttons for the page before and after. */
@Component({
  selector: 'dms-pager',
  imports: [MatButtonModule, Icon],
  template: `
    @if (page(); as p) {
      <span class="muted" role="status">{{ range() }}</span>
      <button
        mat-icon-button
        type="button"
        [disabled]="p.currentPage <= 1"
        [attr.aria-label]="t('pager.previous')"
        (click)="go.emit(p.currentPage - 1)"
      >
        <dms-icon name="left" />
      </button>
      <button
        mat-icon-button
        type="button"
        [disabled]="p.currentPage >= p.totalPages"
        [attr.aria-label]="t('pager.next')"
        (click)="go.emit(p.currentPage + 1)"
      >
        <dms-icon name="right" />
      </button>
    }
  `,
  styles: `
    :host {
      display: flex;
      align-items: center;
      justify-content: flex-end;
      min-height: 36px;
      padding: 0 8px;
      border-top: 1px solid var(--dms-line);
    }
  `,
  changeDetection: ChangeDetectionStrategy.OnPush,
})
export class Pager {
  readonly page = input<Pagination>();
  readonly go = output<number>();

  protected readonly t = injectTranslate(webDict);
  protected readonly range = computed(() => {
    const p = this.page();
    if (!p || p.totalItems === 0) return '0';
    const first = (p.currentPage - 1) * p.pageSize + 1;
    const last = Math.min(p.totalItems, p.currentPage * p.pageSize);
    return `${format.number(first)}–${format.number(last)} / ${format.number(p.totalItems)}`;
  });
}
