import {
  ChangeDetectionStrategy,
  Component,
  type ElementRef,
  Injectable,
  afterRenderEffect,
  inject,
  signal,
  viewChild,
} from '@angular/core';
import { Icon } from './icon';

const SHOWN_MS = 2_500;
const WARNING_MS = 12_000;

interface Message {
  readonly text: string;
  readonly bad: boolean;
}

/** One short message at a time, read out by screen readers, gone by itself. */
@Injectable({ providedIn: 'root' })
export class Toast {
  private readonly shown = signal<Message | null>(null);
  private timer: ReturnType<typeof setTimeout> | undefined;
  readonly message = this.shown.asReadonly();

  show(text: string): void {
    this.put({ text, bad: false }, SHOWN_MS);
  }

  /** Something did not work and the rep has to do something about it. */
  warn(text: string): void {
    this.put({ text, bad: true }, WARNING_MS);
  }

  private put(message: Message, forMs: number): void {
    clearTimeout(this.timer);
    this.shown.set(message);
    this.timer = setTimeout(() => this.shown.set(null), forMs);
  }
}

@Component({
  selector: 'fld-toast',
  imports: [Icon],
  changeDetection: ChangeDetectionStrategy.OnPush,
  template: `
    <div #box role="status" aria-live="polite" popover="manual">
      @if (toast.message(); as message) {
        <p [class.bad]="message.bad">
          <fld-icon [name]="message.bad ? 'warn' : 'check'" />{{ message.text }}
        </p>
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
      width: auto;
      padding: 0;
      border: 0;
      background: none;
      overflow: visible;
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
    .bad {
      background: var(--bad);
      font-weight: 600;
    }
  `,
})
export class ToastOutlet {
  protected readonly toast = inject(Toast);
  private readonly box = viewChild.required<ElementRef<HTMLElement>>('box');

  constructor() {
    afterRenderEffect(() => {
      if (!this.toast.message()) return;
      // Shown anew, it comes to lie above an open sheet.
      const box = this.box().nativeElement as Partial<HTMLElement>;
      box.hidePopover?.();
      box.showPopover?.();
    });
  }
}
