import { ChangeDetectionStrategy, Component, input, model } from '@angular/core';
import { injectT } from '../i18n/texts';
import { Icon } from './icon';

let count = 0;

/** A search field with a button that empties it. */
@Component({
  selector: 'fld-search-box',
  imports: [Icon],
  changeDetection: ChangeDetectionStrategy.OnPush,
  template: `
    <div class="search">
      <label class="visually-hidden" [for]="id">{{ label() }}</label>
      <fld-icon name="search" />
      <input
        #box
        class="input"
        type="search"
        inputmode="search"
        enterkeyhint="search"
        autocomplete="off"
        [id]="id"
        [placeholder]="label()"
        [value]="query()"
        (input)="query.set(box.value)"
      />
      @if (query()) {
        <button
          type="button"
          class="icon-btn"
          [attr.aria-label]="t('today.clearSearch')"
          (click)="query.set(''); box.focus()"
        >
          <fld-icon name="close" />
        </button>
      }
    </div>
  `,
  styles: `
    input::-webkit-search-cancel-button {
      display: none;
    }
    input::placeholder {
      color: var(--ink-2);
    }
  `,
})
export class SearchBox {
  protected readonly t = injectT();
  protected readonly id = `search-${++count}`;
  readonly label = input.required<string>();
  readonly query = model.required<string>();
}
