import { LANES, type Lane, type StopReason } from './outbox-item';

/** What one run over the queue did. */
export interface RunReport {
  sent: number;
  refused: number;
  /** Set when something has to be tried again later for no fault of its own. */
  stopped: StopReason | null;
  retryAfterMs: number | null;
}

/**
 * The lanes of one run. A lane that finds nothing to send waits for news of the others, as they may
 * free something; the run is over when all of them wait.
 */
export class OutboxRun {
  readonly report: RunReport = { sent: 0, refused: 0, stopped: null, retryAfterMs: null };
  private readonly halted = new Set<Lane>();
  private idle: ((news: boolean) => void)[] = [];
  private active = LANES.length;
  /** Grows with every change of the queue. */
  version = 0;

  /** Something was answered or added: every lane looks again. */
  look(): void {
    this.version++;
    this.active += this.idle.length;
    this.wake(true);
  }

  /** Call when nothing was found as of `seen`: true when there is reason to look again. */
  async news(seen: number): Promise<boolean> {
    if (seen !== this.version) return true;
    if (--this.active > 0) return new Promise((resolve) => this.idle.push(resolve));
    this.wake(false);
    return false;
  }

  /**
   * What stops the work stops all. Photos and positions only stop themselves: one that is too large
   * for the network there is says nothing about an order.
   */
  stop(lane: Lane, reason: StopReason, retryAfterMs: number | null): void {
    const all = lane === 'work' || reason === 'login';
    for (const other of all ? LANES : [lane]) this.halted.add(other);
    if (!all && this.report.stopped) return;
    this.report.stopped = reason;
    this.report.retryAfterMs = retryAfterMs;
  }

  stopped(lane: Lane): boolean {
    return this.halted.has(lane);
  }

  private wake(news: boolean): void {
    for (const resolve of this.idle.splice(0)) resolve(news);
  }
}
