import {
  ErrorHandler,
  Injectable,
  computed,
  effect,
  inject,
  signal,
  untracked,
} from '@angular/core';
import { ApiProblem, Hub, format } from '@dms/shared';
import type { OrderSummary } from './api-types';
import { BusinessDay } from './business-day';
import { FieldApi } from './field-api';
import { FieldStore } from './field-store';
import { Sync } from './sync';

/** What the server says about today's orders of this rep: number, status, total. */
@Injectable({ providedIn: 'root' })
export class OrderNews {
  private readonly api = inject(FieldApi);
  private readonly store = inject(FieldStore);
  private readonly db = this.store.db;
  private readonly sync = inject(Sync);
  private readonly errors = inject(ErrorHandler);
  private readonly rows = signal<readonly OrderSummary[]>([]);
  private shown = '';

  readonly orders = this.rows.asReadonly();
  readonly byId = computed(() => new Map(this.rows().map((order) => [order.orderId, order])));

  constructor() {
    const hub = inject(Hub);
    const { today } = inject(BusinessDay);
    effect(() => (this.sync.online() ? hub.connect() : hub.disconnect()));
    hub.on('OrderStatusChanged', (event) => {
      this.rows.update((rows) =>
        rows.map((row) => (row.orderId === event.orderId ? { ...row, status: event.status } : row)),
      );
    });
    effect(() => {
      today();
      this.sync.accepted();
      hub.reconnects();
      untracked(() => void this.refresh());
    });
  }

  async refresh(): Promise<void> {
    const day = format.businessDate();
    const key = `orders:${day}`;
    try {
      if (this.shown !== key) {
        this.shown = key;
        const kept = await this.db.downloads.get(key);
        this.rows.set((kept?.value ?? []) as OrderSummary[]);
      }
      if (!this.sync.online()) return;
      const value = await this.api.ordersOn(day, this.store.user.userId);
      this.rows.set(value);
      await this.db.downloads.put({ key, fetchedAt: Date.now(), value });
    } catch (error) {
      // Without an answer the phone's own orders are shown; anything else is a fault.
      if (!(error instanceof ApiProblem)) this.errors.handleError(error);
    }
  }
}
