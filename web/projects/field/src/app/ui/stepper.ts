import { ChangeDetectionStrategy, Component, computed, input, output } from '@angular/core';
import { MAX_QUANTITY } from '../core/cart';
import { injectT } from '../i18n/texts';
import { Icon } from './icon';

/** A quantity: minus, the number (tap for the numeric keypad), plus. */
@Component({
  selector: 'fld-stepper',
  imports: [Icon],
  changeDetection: ChangeDetectionStrategy.OnPush,
  template: `
    <button
      type="button"
      [disabled]="value() === 0"
      [attr.aria-label]="t('order.less', { unit: unit().toLowerCase() })"
      (click)="changed.emit(value() - 1)"
    >
      <fld-icon name="minus" [size]="20" />
    </button>
    <input
      #box
      inputmode="numeric"
      autocomplete="off"
      maxlength="4"
      enterkeyhint="done"
      [attr.aria-label]="label()"
      [value]="shown()"
      [placeholder]="0"
      (focus)="box.select()"
      (input)="typed(box)"
      (keydown.enter)="box.blur()"
    />
    <button
      type="button"
      [disabled]="value() >= max"
      [attr.aria-label]="t('order.more', { unit: unit().toLowerCase() })"
      (click)="changed.emit(value() + 1)"
    >
      <fld-icon name="plus" [size]="20" />
    </button>
  `,
  styles: `
    :host {
      display: grid;
      grid-template-columns: 48px minmax(0, 1fr) 48px;
      border: 1.5px solid #75838f;
      border-radius: 12px;
      overflow: hidden;
      background: var(--paper);
    }
    :host(.some) {
      border-color: var(--brand);
      background: var(--brand-soft);
    }
    button {
      display: grid;
      place-items: center;
      height: 52px;
      border: 0;
      padding: 0;
      background: transparent;
      color: var(--brand);
    }
    button[disabled] {
      color: #75838f;
    }
    button:active {
      background: var(--brand-soft);
    }
    input {
      width: 100%;
      padding: 0;
      border: 0;
      background: transparent;
      text-align: center;
      font-size: 20px;
      font-weight: 600;
    }
    input::placeholder {
      color: var(--ink-2);
      font-weight: 400;
    }
  `,
  host: { '[class.some]': 'value() > 0' },
})
export class Stepper {
  protected readonly t = injectT();
  protected readonly max = MAX_QUANTITY;

  readonly value = input.required<number>();
  readonly unit = input.required<string>();
  readonly label = input.required<string>();
  readonly changed = output<number>();

  protected readonly shown = computed(() => (this.value() > 0 ? String(this.value()) : ''));

  protected typed(box: HTMLInputElement): void {
    const digits = box.value.replace(/\D/g, '');
    if (digits !== box.value) box.value = digits;
    this.changed.emit(Number(digits));
  }
}
