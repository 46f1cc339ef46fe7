import {
  ChangeDetectionStrategy,
  Component,
  type ElementRef,
  afterNextRender,
  input,
  output,
  viewChild,
} from '@angular/core';
import { injectT } from '../i18n/texts';
import { Icon } from './icon';

/**
 * A sheet from the bottom edge, modal by the browser's own dialog: focus stays inside; Esc, the back
 * gesture and a tap beside it close it. It is open as long as it exists: put it in an `@if`.
 */
@Component({
  selector: 'fld-sheet',
  imports: [Icon],
  changeDetection: ChangeDetectionStrategy.OnPush,
  template: `
    <dialog #dialog aria-labelledby="sheet-title" (cancel)="cancel($event)" closedby="any">
      <div class="body stack">
        <div class="row">
          <h2 id="sheet-title" class="grow">{{ title() }}</h2>
          <button
            type="button"
            class="icon-btn"
            [attr.aria-label]="t('common.close')"
            (click)="dismissed.emit()"
          >
            <fld-icon name="close" />
          </button>
        </div>
        <ng-content />
      </div>
    </dialog>
  `,
  styles: `
    dialog {
      width: 100%;
      max-width: 640px;
      max-height: 92dvh;
      margin: auto auto 0;
      padding: 0;
      border: 0;
      border-radius: 20px 20px 0 0;
      color: var(--ink);
      background: var(--paper);
    }
    dialog::backdrop {
      background: rgb(8 20 34 / 55%);
    }
    .body {
      padding: 12px 16px calc(16px + env(safe-area-inset-bottom));
      gap: 14px;
    }
    .row {
      margin-right: -8px;
    }
  `,
})
export class Sheet {
  protected readonly t = injectT();
  readonly title = input.required<string>();
  readonly dismissed = output();
  private readonly dialog = viewChild.required<ElementRef<HTMLDialogElement>>('dialog');

  constructor() {
    afterNextRender(() => this.dialog().nativeElement.showModal());
  }

  protected cancel(event: Event): void {
    event.preventDefault();
    this.dismissed.emit();
  }
}
