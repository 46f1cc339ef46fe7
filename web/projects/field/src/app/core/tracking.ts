import { DestroyRef, ErrorHandler, Injectable, effect, inject } from '@angular/core';
import { type Fix, batteryPercent, distanceMetres, uuid7 } from '@dms/shared';
import { Day } from './day';
import { FieldStore } from './field-store';
import { Position } from './position';
import { post } from './post';
import { Sync } from './sync';

const EVERY_MS = 60_000;
const MOVED_METRES = 50;
const AT_MOST_EVERY_MS = 10_000;
const BATCH = 500;

/** True when a new reading is worth keeping: a minute has passed, or the rep has moved. */
export function worthKeeping(last: Fix | null, fix: Fix): boolean {
  if (!last) return true;
  const elapsed = fix.at - last.at;
  if (elapsed >= EVERY_MS) return true;
  return elapsed >= AT_MOST_EVERY_MS && distanceMetres(last, fix) >= MOVED_METRES;
}

/**
 * Positions while clocked in and on screen (a web app gets none in the background). One tab does
 * it; points wait in the database and go to the outbox in batches, one batch at a time.
 */
@Injectable({ providedIn: 'root' })
export class Tracking {
  private readonly store = inject(FieldStore);
  private readonly day = inject(Day);
  private readonly position = inject(Position);
  private readonly sync = inject(Sync);
  private readonly errors = inject(ErrorHandler);
  private readonly destroy = inject(DestroyRef);
  private last: Fix | null = null;
  private mine = false;

  constructor() {
    const work = new Promise<void>((done) => this.destroy.onDestroy(done));
    navigator.locks
      .request(`dms-track-${this.store.user.userId}`, () => {
        this.mine = true;
        return work;
      })
      .catch((error: unknown) => this.errors.handleError(error));
    effect(() => {
      const fix = this.position.fix();
      if (fix && this.day.clockedIn())
        this.keep(fix).catch((e: unknown) => this.errors.handleError(e));
    });
    const timer = setInterval(
      () => void this.flush().catch((error: unknown) => this.errors.handleError(error)),
      EVERY_MS,
    );
    this.destroy.onDestroy(() => clearInterval(timer));
  }

  private async keep(fix: Fix): Promise<void> {
    if (!this.mine || !worthKeeping(this.last, fix)) return;
    const first = this.last === null;
    this.last = fix;
    await this.store.db.points.put({
      latitude: fix.latitude,
      longitude: fix.longitude,
      accuracy: fix.accuracy,
      speed: fix.speed,
      bearing: fix.bearing,
      battery: await batteryPercent(),
      at: new Date(fix.at).toISOString(),
    });
    if (first) await this.flush();
  }

  /** Hands the points over as one outbox item, unless an earlier one still waits. */
  private async flush(): Promise<void> {
    if (!this.mine) return;
    const { db, outbox } = this.store;
    const added = await db.transaction('rw', db.points, db.outbox, async () => {
      const waiting = await db.outbox
        .where('[lane+state]')
        .anyOf([
          ['track', 'waiting'],
          ['track', 'sending'],
        ])
        .count();
      if (waiting > 0) return false;
      const points = await db.points.orderBy('at').limit(BATCH).toArray();
      if (points.length === 0) return false;
      await outbox.add({
        lane: 'track',
        kind: 'locations.report',
        entityId: uuid7(),
        ...post('/api/v1/locations', {
          points: points.map((point) => ({ ...point, provider: 'browser' })),
        }),
        label: '',
      });
      await db.points.bulkDelete(points.map((point) => point.at));
      return true;
    });
    if (added) this.sync.now();
  }
}
