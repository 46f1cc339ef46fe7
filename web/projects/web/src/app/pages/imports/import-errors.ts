import { ChangeDetectionStrategy, Component, computed, input } from '@angular/core';
import { MatButtonModule } from '@angular/material/button';
import { format, injectTranslate } from '@dms/shared';
import { webDict } from '../../core/dict';
import { saveFile } from '../../core/save-file';
import { Icon } from '../../ui/icon';
import { errorCsv } from './error-csv';
import type { ImportError } from './imports.api';

/** More than anybody reads on a screen; the file has them all. */
const SHOWN = 500;

/** Every bad cell of a file, in the order of its rows. */
@Component({
  selector: 'dms-import-errors',
  imports: [MatButtonModule, Icon],
  template: `
    <div class="scroll" tabindex="0">
      <table class="grid" [attr.aria-label]="t('imports.errorTable')">
        <thead>
          <tr>
            <th scope="col" class="num">{{ t('imports.row') }}</th>
            <th scope="col">{{ t('imports.column') }}</th>
            <th scope="col">{{ t('imports.value') }}</th>
            <th scope="col">{{ t('imports.reason') }}</th>
          </tr>
        </thead>
        <tbody>
          @for (error of shown(); track $index) {
            <tr>
              <td class="num">{{ format.number(error.row) }}</td>
              <td>{{ error.column }}</td>
              <td class="value">{{ error.value || '–' }}</td>
              <td>{{ error.message }}</td>
            </tr>
          }
        </tbody>
      </table>
    </div>
    <footer>
      @if (hidden()) {
        <span class="muted">{{ t('imports.moreErrors', { count: format.number(hidden()) }) }}</span>
      }
      <button mat-button type="button" (click)="download()">
        <dms-icon name="download" /> {{ t('imports.errorFile') }}
      </button>
    </footer>
  `,
  styles: `
    :host {
      display: flex;
      flex-direction: column;
      flex: 1;
      min-height: 160px;
      border-top: 1px solid var(--dms-line);
    }
    .scroll {
      flex: 1;
    }
    .value {
      max-width: 240px;
      font-family: ui-monospace, monospace;
      font-size: 12.5px;
      overflow-wrap: anywhere;
      white-space: pre-wrap;
    }
    footer {
      display: flex;
      align-items: center;
      justify-content: flex-end;
      gap: 12px;
      padding: 6px 12px;
      border-top: 1px solid var(--dms-line);
    }
  `,
  changeDetection: ChangeDetectionStrategy.OnPush,
})
export class ImportErrors {
  readonly errors = input.required<readonly ImportError[]>();

  protected readonly t = injectTranslate(webDict);
  protected readonly format = format;
  private readonly sorted = computed(() => [...this.errors()].sort((a, b) => a.row - b.row));
  protected readonly shown = computed(() => this.sorted().slice(0, SHOWN));
  protected readonly hidden = computed(() => this.sorted().length - this.shown().length);

  protected download(): void {
    const blob = new Blob([errorCsv(this.sorted())], { type: 'text/csv;charset=utf-8' });
    saveFile({ blob, filename: 'loi-nhap-du-lieu.csv' });
  }
}
