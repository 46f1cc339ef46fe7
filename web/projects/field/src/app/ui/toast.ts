import { ChangeDetectionStrategy, Component, Injectable, inject, signal } from '@angular/core';
import { Icon } from './icon';

const SHOWN_MS = 2_500;

/** One short message at a time, read out by screen readers, gone by itself. */
@Injectable({ providedIn: 'root' })
export class Toast {
  private readonly shown = signal<string | null>(null);
  private timer: ReturnType<typeof setTimeout> | undefined;
  readonly text = this.shown.asReadonly();

  show(text: string): void {
    clearTimeout(this.timer);
    this.shown.set(text);
    this.timer = setTimeout(() => this.shown.set(null), SHOWN_MS);
  }
}

@Component({
  selector: 'fld-toast',
  imports: [Icon],
  changeDetection: ChangeDetectionStrategy.OnPush,
  template: `
    <div role="status" aria-live="polite">
      @if (toast.text(); as text) {
        <p><fld-icon name="check" />{{ text }}</p>
      }
    </div>
  `,
  styles: `
    div {
      position: fixed;
      inset: auto 12px calc(var(--nav) + 24px + env(safe-area-inset-bottom));
      z-index: 20;
      display: grid;
      justify-items: center;
      pointer-events: none;
    }
    p {
      display: flex;
      gap: 8px;
      align-items: center;
      padding: 12px 16px;
      border-radius: 12px;
      background: var(--ink);
      color: #fff;
    }
  `,
})
export class ToastOutlet {
  protected readonly toast = inject(Toast);
}
