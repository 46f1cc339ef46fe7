import { DestroyRef, ErrorHandler, Injectable, computed, inject, signal } from '@angular/core';
import { FieldStore } from './field-store';
import { live } from './live';
import { backoffMs } from './outbox';
import type { OutboxItem, StopReason } from './outbox-item';

const NO_ITEMS: OutboxItem[] = [];

/** Decides when the outbox runs, and says how it stands. */
@Injectable({ providedIn: 'root' })
export class Sync {
  private readonly store = inject(FieldStore);
  private readonly errors = inject(ErrorHandler);

  private readonly isOnline = signal(navigator.onLine);
  private readonly isRunning = signal(false);
  private readonly stopReason = signal<StopReason | null>(null);
  private readonly rounds = signal(0);
  private failures = 0;
  private again = false;
  private timer: ReturnType<typeof setTimeout> | undefined;

  /** False only when the device surely has no network. */
  readonly online = this.isOnline.asReadonly();
  readonly running = this.isRunning.asReadonly();
  /** Why sending paused, null while it goes well. */
  readonly stopped = this.stopReason.asReadonly();
  /** Grows whenever the server accepted something: what was downloaded is out of date. */
  readonly accepted = this.rounds.asReadonly();

  /** Everything not yet accepted, oldest first; positions are nobody's worry. */
  readonly open = live(
    () =>
      this.store.db.outbox
        .where('state')
        .anyOf('waiting', 'sending', 'refused')
        .and((item) => item.lane !== 'track')
        .sortBy('id'),
    NO_ITEMS,
  );
  readonly refused = computed(() => this.open().filter((item) => item.state === 'refused'));
  readonly waiting = computed(() => this.open().filter((item) => item.state !== 'refused'));

  constructor() {
    const listen = (target: EventTarget, type: string, handler: (event: Event) => void) => {
      target.addEventListener(type, handler);
      inject(DestroyRef).onDestroy(() => target.removeEventListener(type, handler));
    };
    listen(window, 'online', () => {
      this.isOnline.set(true);
      this.now();
    });
    listen(window, 'offline', () => this.isOnline.set(false));
    listen(document, 'visibilitychange', () => {
      if (document.visibilityState === 'visible') this.now();
    });
    const worker = navigator.serviceWorker as ServiceWorkerContainer | undefined;
    if (worker) {
      listen(worker, 'message', (event) => {
        if ((event as MessageEvent<{ type?: string }>).data?.type === 'dms-sync') this.now();
      });
    }
    inject(DestroyRef).onDestroy(() => clearTimeout(this.timer));
  }

  /** Something was added, or the user asked: send at once, forgetting any waiting time. */
  now(): void {
    clearTimeout(this.timer);
    if (!navigator.onLine) {
      this.stopReason.set('offline');
      return;
    }
    if (this.isRunning()) {
      this.again = true;
      this.store.outbox.look();
    } else void this.loop();
  }

  private async loop(): Promise<void> {
    this.isRunning.set(true);
    try {
      do {
        this.again = false;
        const report = await this.store.outbox.run();
        this.stopReason.set(report.stopped);
        if (report.sent > 0) this.rounds.update((n) => n + 1);
        if (report.stopped) {
          this.failures++;
          if (report.stopped !== 'login') this.later(report.retryAfterMs);
          return;
        }
        this.failures = 0;
      } while (this.again);
    } catch (error) {
      this.errors.handleError(error);
      this.failures++;
      this.later(null);
    } finally {
      this.isRunning.set(false);
    }
  }

  private later(retryAfterMs: number | null): void {
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.now(), retryAfterMs ?? backoffMs(this.failures));
    void this.wakeWhenOnline();
  }

  /** Where the browser can, it wakes the app when the network is back even if it was put aside. */
  private async wakeWhenOnline(): Promise<void> {
    const registration = (await navigator.serviceWorker?.getRegistration()) as
      (ServiceWorkerRegistration & { sync?: { register(tag: string): Promise<void> } }) | undefined;
    await registration?.sync?.register('dms-outbox').catch(() => {
      // Not permitted on this device: the timer and the online event do the work.
    });
  }
}
