import { Injectable, computed, inject } from '@angular/core';
import { type Fix, distanceMetres, format, uuid7 } from '@dms/shared';
import {
  ALBUMS,
  type Album,
  type Customer,
  OUTLET_STATES,
  type OutletState,
  type VisitResult,
} from './api-types';
import { BusinessDay } from './business-day';
import type { ClockEvent, LocalPhoto, LocalVisit } from './field-db';
import { FieldStore } from './field-store';
import { live, liveFor } from './live';
import { MasterData } from './master-data';
import { post } from './post';
import { Sync } from './sync';

/** Metres from the outlet beyond which the server marks a visit out of range. */
export const CHECK_IN_RADIUS = 100;

const NO_VISITS: LocalVisit[] = [];
const NO_CLOCKS: ClockEvent[] = [];

/**
 * Clock, visits and photos of today. Each act writes its row and its outbox item in one
 * transaction: after a crash both are there, or neither.
 */
@Injectable({ providedIn: 'root' })
export class Day {
  private readonly store = inject(FieldStore);
  private readonly db = this.store.db;
  private readonly outbox = this.store.outbox;
  private readonly sync = inject(Sync);
  private readonly master = inject(MasterData);

  private readonly today = inject(BusinessDay).today;

  readonly clocks = liveFor(
    this.today,
    (day) => this.db.clocks.where('day').equals(day).sortBy('at'),
    NO_CLOCKS,
  );
  readonly visits = liveFor(
    this.today,
    (day) => this.db.visits.where('day').equals(day).sortBy('checkedInAt'),
    NO_VISITS,
  );
  /**
   * Visits that are not finished, whatever day they began, the latest first; undefined until known.
   * There is one at most, unless the server did not let an earlier one end.
   */
  readonly openVisits = live<LocalVisit[] | undefined>(() => this.findOpenVisits(), undefined);
  readonly openVisit = computed(() => {
    const open = this.openVisits();
    return open && (open[0] ?? null);
  });

  readonly firstIn = computed(() => this.clocks().find((event) => event.kind === 'in') ?? null);
  readonly clockedIn = computed(() => this.clocks().at(-1)?.kind === 'in');

  openVisitAt(customerId: string): LocalVisit | null {
    return this.openVisits()?.find((visit) => visit.customerId === customerId) ?? null;
  }

  async clock(kind: 'in' | 'out', fix: Fix): Promise<void> {
    const id = uuid7();
    const at = Date.now();
    await this.db.transaction('rw', this.db.clocks, this.db.outbox, async () => {
      const itemId = await this.outbox.add({
        lane: 'work',
        kind: kind === 'in' ? 'attendance.clockIn' : 'attendance.clockOut',
        entityId: id,
        ...post(`/api/v1/attendance/clock-${kind}`, { id, at: iso(at), ...circle(fix) }),
        label: '',
      });
      await this.db.clocks.add({ id, kind, day: format.businessDate(at), at, itemId });
    });
    this.sync.now();
  }

  /** Starts a visit. The server decides in or out of route and range; we show what we expect. */
  async checkIn(customer: Customer, fix: Fix, reason: string): Promise<string> {
    const id = uuid7();
    const at = Date.now();
    const distance = distanceTo(customer, fix);
    const visitType = this.master
      .route()
      ?.customers.some((other) => other.customerId === customer.customerId)
      ? 'InRoute'
      : 'OffRoute';
    await this.db.transaction('rw', this.db.visits, this.db.outbox, async () => {
      if ((await this.findOpenVisits()).length > 0) throw new Error('a visit is open already');
      const itemId = await this.outbox.add({
        lane: 'work',
        kind: 'visit.checkIn',
        entityId: id,
        ...post('/api/v1/visits/check-in', {
          id,
          customerId: customer.customerId,
          at: iso(at),
          visitType,
          ...circle(fix),
        }),
        label: customer.name,
      });
      await this.db.visits.add({
        id,
        customerId: customer.customerId,
        customerName: customer.name,
        day: format.businessDate(at),
        checkedInAt: at,
        checkInItemId: itemId,
        fix,
        distance,
        outOfRange: distance !== null && distance > CHECK_IN_RADIUS,
        reason,
        visitType,
        outletState: 'open',
        notes: '',
        photoIds: [],
        photosElsewhere: 0,
        checkedOutAt: null,
        checkOutItemId: null,
        result: null,
      });
    });
    this.sync.now();
    return id;
  }

  async note(
    visitId: string,
    change: { outletState?: OutletState; notes?: string },
  ): Promise<void> {
    await this.db.visits.update(visitId, change);
  }

  async addPhoto(
    visit: LocalVisit,
    album: Album,
    bytes: ArrayBuffer,
    fix: Fix | null,
  ): Promise<void> {
    const id = uuid7();
    const capturedAt = Date.now();
    const { db } = this;
    await db.transaction('rw', db.visits, db.photos, db.outbox, async () => {
      const itemId = await this.outbox.add({
        lane: 'photo',
        kind: 'visit.photo',
        entityId: visit.id,
        ...post(
          '/api/v1/visits/{id}/photos',
          {
            id,
            albumType: ALBUMS[album],
            ...place(fix ?? visit.fix),
            capturedAt: iso(capturedAt),
          },
          visit.id,
        ),
        photoId: id,
        needs: beginning(visit),
        label: visit.customerName,
      });
      const photo: LocalPhoto = {
        id,
        itemId,
        visitId: visit.id,
        album,
        bytes,
        type: 'image/jpeg',
        capturedAt,
      };
      await db.photos.add(photo);
      await db.visits
        .where('id')
        .equals(visit.id)
        .modify((row) => {
          row.photoIds = [...row.photoIds, id];
        });
    });
    this.sync.now();
  }

  /** Ends the visit. Its photos go first: the server may ask for one before it lets a visit end. */
  async checkOut(visitId: string, result: VisitResult, fix: Fix): Promise<void> {
    const at = Date.now();
    const { db } = this;
    await db.transaction('rw', db.visits, db.photos, db.outbox, async () => {
      const visit = await db.visits.get(visitId);
      if (!visit || visit.checkedOutAt !== null) return;
      // Refused before, and now done anew.
      if (visit.checkOutItemId) await this.outbox.discard(visit.checkOutItemId);
      const photos = await db.photos.where('visitId').equals(visitId).toArray();
      const notes = [visit.reason, visit.notes.trim()].filter(Boolean).join(' · ');
      const about = {
        lane: 'work' as const,
        entityId: visitId,
        needs: beginning(visit),
        label: visit.customerName,
      };
      await this.outbox.add({
        ...about,
        kind: 'visit.outletState',
        ...post(
          '/api/v1/visits/{id}/outlet-state',
          { state: OUTLET_STATES[visit.outletState] },
          visitId,
        ),
      });
      const itemId = await this.outbox.add({
        ...about,
        kind: 'visit.checkOut',
        ...post(
          '/api/v1/visits/{id}/check-out',
          { visitResult: result, notes, at: iso(at), ...place(fix) },
          visitId,
        ),
        after: photos.map((photo) => photo.itemId),
      });
      await db.visits.update(visitId, { checkedOutAt: at, checkOutItemId: itemId, result });
    });
    this.sync.now();
  }

  /** A visit whose check-in the user gave up is no visit. */
  private async findOpenVisits(): Promise<LocalVisit[]> {
    const open = await this.db.visits.filter((visit) => visit.checkedOutAt === null).toArray();
    const begun: LocalVisit[] = [];
    for (const visit of open.reverse()) {
      const [itemId] = beginning(visit);
      const item = itemId ? await this.db.outbox.get(itemId) : undefined;
      if (item?.state !== 'discarded') begun.push(visit);
    }
    return begun;
  }
}

/** Metres from a position to the outlet, null when it has no location. */
export function distanceTo(
  customer: Pick<Customer, 'latitude' | 'longitude'>,
  fix: Fix,
): number | null {
  const { latitude, longitude } = customer;
  if (latitude == null || longitude == null) return null;
  return distanceMetres(fix, { latitude, longitude });
}

const iso = (at: number): string => new Date(at).toISOString();

const place = ({ latitude, longitude }: Fix) => ({ latitude, longitude });

const circle = (fix: Fix) => ({ ...place(fix), accuracy: fix.accuracy });

/** The outbox item that what happens in a visit needs: its check-in, unless the server has it. */
export const beginning = (visit: LocalVisit): string[] =>
  visit.checkInItemId ? [visit.checkInItemId] : [];
