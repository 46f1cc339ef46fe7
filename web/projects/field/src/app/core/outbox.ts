import { uuid7, uuid7Time } from '@dms/shared';
import type { VisitResult } from './api-types';
import type { FieldDb } from './field-db';
import {
  LANES,
  type Lane,
  type NewOutboxItem,
  type OutboxError,
  type OutboxItem,
  type OutboxState,
  type Outcome,
  type Transport,
  isOver,
} from './outbox-item';
import { OutboxRun, type RunReport } from './outbox-run';

/** Runs `work` alone among all tabs of this user. */
export type Exclusively = (work: () => Promise<RunReport>) => Promise<RunReport>;

/** Web Locks: the lock ends with the tab that holds it, even when it crashes. */
export const webLock =
  (name: string): Exclusively =>
  async (work) =>
    navigator.locks.request(name, work);

const OPEN: readonly OutboxState[] = ['waiting', 'sending', 'refused'];

const AGAIN = { state: 'waiting', attempts: 0, error: null } as const;

/** A server fault that hits the same item again and again is that item's: it stops blocking others. */
const MAX_SERVER_FAULTS = 5;

/**
 * The queue of everything the rep did. An item leaves `waiting` only by an answer of the server or
 * by the user's hand, so nothing is lost; its idempotency key never changes, so nothing is doubled.
 */
export class Outbox {
  private running: OutboxRun | null = null;

  constructor(
    private readonly db: FieldDb,
    private readonly transport: Transport,
    private readonly exclusively: Exclusively,
    private readonly now: () => number = Date.now,
  ) {}

  /** Adds an item. Call inside the transaction that writes the row it belongs to. */
  async add(item: NewOutboxItem): Promise<string> {
    const id = await this.newId();
    await this.db.outbox.add({
      method: 'POST',
      needs: [],
      after: [],
      ...item,
      id,
      idempotencyKey: id,
      createdAt: this.now(),
      state: 'waiting',
      attempts: 0,
      error: null,
      result: null,
      sentAt: null,
    });
    return id;
  }

  /** After all that is there, whatever became of the phone's clock since: the queue goes by ids. */
  private async newId(): Promise<string> {
    const last = await this.db.outbox.orderBy('id').last();
    return uuid7(Math.max(this.now(), last ? uuid7Time(last.id) + 1 : 0));
  }

  /** Sends what can be sent, all lanes at once and each in order, until nothing moves any more. */
  run(): Promise<RunReport> {
    return this.exclusively(async () => {
      // Whoever holds the lock is the only sender: what is marked "sending" was cut off half-way.
      await this.db.outbox.where('state').equals('sending').modify({ state: 'waiting' });
      const run = new OutboxRun();
      this.running = run;
      try {
        await Promise.all(LANES.map((lane) => this.drain(lane, run)));
      } finally {
        this.running = null;
      }
      return run.report;
    });
  }

  /** Something was added: a run under way, perhaps busy with a slow photo, takes it along. */
  look(): void {
    this.running?.look();
  }

  /** The user wants a refused item tried again, perhaps after somebody mended the cause. */
  async retry(id: string): Promise<void> {
    await this.again((item) => item.id === id);
  }

  async retryAll(): Promise<void> {
    await this.again(() => true);
  }

  private async again(which: (refused: OutboxItem) => boolean): Promise<void> {
    await this.db.transaction('rw', this.db.outbox, this.db.visits, async () => {
      const items = await this.db.outbox.where('state').equals('refused').and(which).toArray();
      for (const item of items) {
        await this.db.outbox.update(item.id, AGAIN);
        await this.endVisit(item);
      }
    });
  }

  /** Items that would fall with `id`: those that need it, directly or through another. */
  async dependants(id: string): Promise<OutboxItem[]> {
    const fallen = new Set([id]);
    const result: OutboxItem[] = [];
    for (const item of await this.openItems()) {
      if (item.kind === 'order.create' || !item.needs.some((need) => fallen.has(need))) continue;
      fallen.add(item.id);
      result.push(item);
    }
    return result;
  }

  /**
   * Gives up a refused item and what makes no sense without it. Orders survive the visit they were
   * taken in: they are sent without it.
   */
  async discard(id: string): Promise<void> {
    await this.db.transaction('rw', this.db.outbox, this.db.visits, async () => {
      const item = await this.db.outbox.get(id);
      if (item?.state !== 'refused') return;
      await this.reopenVisit(item, item.error);
      const gone = new Set([id, ...(await this.dependants(id)).map((other) => other.id)]);
      await this.db.outbox
        .where('id')
        .anyOf([...gone])
        .modify({ state: 'discarded' });
      await this.db.outbox
        .where('state')
        .anyOf('waiting', 'refused')
        .and((other) => other.kind === 'order.create' && other.needs.some((need) => gone.has(need)))
        .modify((order) => {
          delete order.body['visitId'];
          order.needs = order.needs.filter((need) => !gone.has(need));
        });
    });
  }

  /**
   * A visit that the server did not let end goes on, so that the rep can do what is missing and end
   * it again; else the visit open there would refuse every later one.
   */
  private async reopenVisit(item: OutboxItem, error: OutboxError | null): Promise<void> {
    if (item.kind !== 'visit.checkOut' || isOver(error)) return;
    await this.visitOf(item).modify({ checkedOutAt: null, result: null });
  }

  private async endVisit(item: OutboxItem): Promise<void> {
    if (item.kind !== 'visit.checkOut') return;
    const { at, visitResult } = item.body as { at: string; visitResult: VisitResult };
    await this.visitOf(item).modify({ checkedOutAt: Date.parse(at), result: visitResult });
  }

  private visitOf(checkOut: OutboxItem) {
    return this.db.visits
      .where('id')
      .equals(checkOut.entityId)
      .and((visit) => visit.checkOutItemId === checkOut.id);
  }

  private async openItems(): Promise<OutboxItem[]> {
    return needsFirst(await this.db.outbox.where('state').anyOf(OPEN).sortBy('id'));
  }

  /**
   * The next item of a lane. Refused items and those that need one are stepped over. In the work
   * lane only an order overtakes what merely waits, as a check-out does for its photos: the server
   * begins no visit before the one before has ended. Of the photos the least tried one is next, lest
   * one that is too large for the network stands before all others.
   */
  private async next(lane: Lane): Promise<OutboxItem | null> {
    const open = await this.openItems();
    const state = new Map(open.map((item) => [item.id, item.state]));
    const needed = [...new Set(open.flatMap((item) => item.needs))].filter((id) => !state.has(id));
    const settled = await this.db.outbox.bulkGet(needed);
    needed.forEach((id, i) => state.set(id, settled[i]?.state ?? 'sent')); // tidied away: long sent

    const blocked = new Set<string>();
    let held = false;
    let photo: OutboxItem | null = null;
    for (const item of open) {
      const stuck = (id: string) =>
        blocked.has(id) || state.get(id) === 'refused' || state.get(id) === 'discarded';
      if (item.needs.some(stuck)) {
        blocked.add(item.id);
        continue;
      }
      if (item.lane !== lane || item.state === 'refused') continue;
      const waitsFor = (id: string) =>
        !blocked.has(id) && (state.get(id) === 'waiting' || state.get(id) === 'sending');
      if (item.needs.some(waitsFor) || item.after.some(waitsFor)) {
        held ||= lane === 'work';
        continue;
      }
      if (held && item.kind !== 'order.create') continue;
      if (lane !== 'photo') return item;
      if (!photo || item.attempts < photo.attempts) photo = item;
    }
    return photo;
  }

  private async drain(lane: Lane, run: OutboxRun): Promise<void> {
    for (;;) {
      const seen = run.version;
      const item = run.stopped(lane) ? null : await this.next(lane);
      if (!item) {
        if (await run.news(seen)) continue;
        return;
      }
      await this.db.outbox.update(item.id, { state: 'sending' });
      const photo = item.photoId ? ((await this.db.photos.get(item.photoId)) ?? null) : null;
      const outcome = await this.transport.send(item, photo);
      await this.settle(item, outcome, run);
      run.look();
    }
  }

  private async settle(item: OutboxItem, outcome: Outcome, run: OutboxRun): Promise<void> {
    const { report } = run;
    const attempts = item.attempts + 1;
    switch (outcome.kind) {
      case 'sent':
        await this.db.outbox.update(item.id, {
          state: 'sent',
          attempts,
          error: null,
          result: outcome.result,
          sentAt: this.now(),
        });
        report.sent++;
        // Nothing stands in the way any more of a visit that was begun meanwhile.
        if (item.kind === 'visit.checkOut') {
          await this.again((other) => other.error?.code === 'visits.open_visit');
        }
        return;
      case 'refused':
        await this.refuse(item, attempts, outcome.error);
        report.refused++;
        return;
      case 'later': {
        if (outcome.error.status === 500 && attempts >= MAX_SERVER_FAULTS) {
          await this.refuse(item, attempts, outcome.error);
          report.refused++;
          return;
        }
        await this.db.outbox.update(item.id, {
          state: 'waiting',
          attempts,
          error: outcome.error,
        });
        run.stop(item.lane, outcome.reason, outcome.retryAfterMs);
      }
    }
  }

  private async refuse(item: OutboxItem, attempts: number, error: OutboxError): Promise<void> {
    await this.db.transaction('rw', this.db.outbox, this.db.visits, async () => {
      await this.db.outbox.update(item.id, { state: 'refused', attempts, error });
      await this.reopenVisit(item, error);
    });
  }
}

/** The items as they are, but none before what it waits for: a wrong clock may have mixed them up. */
function needsFirst(items: readonly OutboxItem[]): OutboxItem[] {
  const byId = new Map(items.map((item) => [item.id, item]));
  const placed: OutboxItem[] = [];
  const visited = new Set<OutboxItem>();
  const place = (item: OutboxItem | undefined): void => {
    if (!item || visited.has(item)) return;
    visited.add(item);
    for (const id of [...item.needs, ...item.after]) place(byId.get(id));
    placed.push(item);
  };
  items.forEach(place);
  return placed;
}

/** Waiting time before attempt `failures + 1`: doubling from 2 s to 5 min, half of it random. */
export function backoffMs(failures: number, random: () => number = Math.random): number {
  const longest = Math.min(5 * 60_000, 2_000 * 2 ** Math.min(failures, 10));
  return Math.round(longest * (0.5 + random() / 2));
}
