import { signal } from '@angular/core';
import { ApiProblem } from '@dms/shared';
import type { Quote } from './api-types';
import type { OrderItemDraft } from './quote';

export type Ask = (items: OrderItemDraft[], signal: AbortSignal) => Promise<Quote>;

const DEBOUNCE_MS = 350;
const TIMEOUT_MS = 10_000;

/** Keeps a price for the cart as it is now. Only the answer to the latest question counts. */
export class LiveQuote {
  private readonly answer = signal<Quote | null>(null);
  private readonly asking = signal(false);
  private readonly failure = signal<ApiProblem | null>(null);
  private timer: ReturnType<typeof setTimeout> | undefined;
  private running: AbortController | null = null;
  private asked = '';

  /** The price of exactly the current cart, or null: then only an estimate can be shown. */
  readonly quote = this.answer.asReadonly();
  readonly pending = this.asking.asReadonly();
  /** Why the current cart has no price. */
  readonly problem = this.failure.asReadonly();

  constructor(private readonly ask: Ask) {}

  /** The price, if it is that of these items: a change just made may not have been asked about yet. */
  of(items: OrderItemDraft[]): Quote | null {
    return JSON.stringify(items) === this.asked ? this.answer() : null;
  }

  update(items: OrderItemDraft[]): void {
    const question = JSON.stringify(items);
    if (question === this.asked) return;
    this.stop();
    this.asked = question;
    this.answer.set(null);
    this.failure.set(null);
    if (items.length === 0) return;
    this.asking.set(true);
    this.timer = setTimeout(() => void this.run(items), DEBOUNCE_MS);
  }

  /** Asks again, e.g. when the network is back. */
  again(items: OrderItemDraft[]): void {
    if (this.answer()) return;
    this.asked = '';
    this.update(items);
  }

  stop(): void {
    clearTimeout(this.timer);
    this.running?.abort();
    this.running = null;
    this.asking.set(false);
  }

  private async run(items: OrderItemDraft[]): Promise<void> {
    const controller = new AbortController();
    this.running = controller;
    const current = () => this.running === controller;
    const timeout = setTimeout(() => controller.abort(), TIMEOUT_MS);
    try {
      const quote = await this.ask(items, controller.signal);
      if (current()) this.answer.set(quote);
    } catch (error) {
      if (!(error instanceof ApiProblem)) throw error;
      if (current()) this.failure.set(error);
    } finally {
      clearTimeout(timeout);
      if (current()) {
        this.running = null;
        this.asking.set(false);
      }
    }
  }
}
