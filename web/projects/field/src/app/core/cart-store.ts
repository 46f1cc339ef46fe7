import {
  ErrorHandler,
  Injectable,
  computed,
  effect,
  inject,
  signal,
  untracked,
} from '@angular/core';
import type { CartDraft, CartLine } from './field-db';
import { openDraft, saveDraft, submitDraft, withQuantity } from './cart';
import { Day } from './day';
import { FieldApi } from './field-api';
import { FieldStore } from './field-store';
import { LiveQuote } from './live-quote';
import { MasterData } from './master-data';
import { grossAmount, orderItems } from './quote';
import { Sync } from './sync';

const NO_LINES: CartLine[] = [];

/** The order being written: choosing and reviewing share it. Every change is on the phone at once. */
@Injectable({ providedIn: 'root' })
export class CartStore {
  private readonly store = inject(FieldStore);
  private readonly api = inject(FieldApi);
  private readonly master = inject(MasterData);
  private readonly day = inject(Day);
  private readonly sync = inject(Sync);
  private readonly errors = inject(ErrorHandler);

  private readonly draft = signal<CartDraft | null>(null);
  private saving: Promise<void> = Promise.resolve();

  readonly lines = computed(() => this.draft()?.lines ?? NO_LINES);
  readonly notes = computed(() => this.draft()?.notes ?? '');
  readonly ready = computed(() => this.draft() !== null);
  readonly byProduct = computed(() => new Map(this.lines().map((line) => [line.productId, line])));
  readonly gross = computed(() => grossAmount(this.lines(), this.master.productById()));

  readonly price = new LiveQuote((items, abort) =>
    this.api.quote({ customerId: this.draft()?.customerId ?? '', items }, abort),
  );
  /** What the order will cost as far as the phone knows. */
  readonly total = computed(() => this.price.quote()?.totalAmount ?? this.gross());

  constructor() {
    effect(() => {
      const items = orderItems(this.lines());
      untracked(() => this.price.update(items));
    });
    addEventListener('online', () => this.price.again(orderItems(this.lines())));
  }

  /** Opens the draft of an outlet; to be called by every screen that shows it. */
  async open(customerId: string): Promise<void> {
    if (this.draft()?.customerId === customerId) return;
    this.draft.set(null);
    this.price.update([]); // what the same goods cost another outlet is no price here
    await this.saving;
    this.draft.set(await openDraft(this.store.db, customerId));
  }

  set(line: CartLine): void {
    this.change((draft) => ({ ...draft, lines: withQuantity(draft.lines, line) }));
  }

  setNotes(notes: string): void {
    this.change((draft) => ({ ...draft, notes }));
  }

  clear(): void {
    this.change((draft) => ({ ...draft, lines: [], notes: '' }));
  }

  /** Places the order; answers its id, or null when there was nothing (any more) to place. */
  async submit(customerName: string): Promise<string | null> {
    const draft = this.draft();
    if (!draft) return null;
    const quote = this.price.of(orderItems(draft.lines));
    await this.saving; // or it would write the draft back
    const orderId = await submitDraft(this.store.db, this.store.outbox, draft, {
      customerName,
      visit: this.day.openVisitAt(draft.customerId),
      products: this.master.productById(),
      quote,
    });
    this.draft.set(null);
    this.sync.now();
    return orderId;
  }

  private change(how: (draft: CartDraft) => CartDraft): void {
    const draft = this.draft();
    if (!draft) return;
    const next = { ...how(draft), updatedAt: Date.now() };
    this.draft.set(next);
    this.saving = this.saving
      .then(() => saveDraft(this.store.db, next))
      .catch((error: unknown) => this.errors.handleError(error));
  }
}
