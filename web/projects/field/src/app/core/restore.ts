import { type ClockSummary, OUTLET_STATES, type OutletState, type VisitSummary } from './api-types';
import type { FieldDb, LocalVisit } from './field-db';

/**
 * Takes over what the server knows of today and this phone does not: a rep who changed phones goes
 * on where they were. What this phone did itself stays as it is, but for a visit it could not end.
 */
export async function restoreDay(
  db: FieldDb,
  clocks: readonly ClockSummary[],
  visits: readonly VisitSummary[],
): Promise<void> {
  await db.transaction('rw', db.clocks, db.visits, db.outbox, async () => {
    for (const event of clocks) {
      if (await db.clocks.get(event.clockEventId)) continue;
      await db.clocks.add({
        id: event.clockEventId,
        kind: event.kind,
        day: event.businessDate,
        at: Date.parse(event.at),
        itemId: null,
      });
    }
    for (const row of visits) {
      const mine = await db.visits.get(row.visitId);
      if (!mine) await db.visits.add(fromServer(row));
      else if (row.checkOutTime) {
        if (mine.checkedOutAt !== null) continue;
        await db.visits.update(mine.id, {
          checkedOutAt: Date.parse(row.checkOutTime),
          result: row.visitResult ?? null,
        });
      } else if (mine.checkOutItemId) {
        const { state } = (await db.outbox.get(mine.checkOutItemId)) ?? {};
        if (state !== 'refused' && state !== 'discarded') continue;
        await db.visits.update(mine.id, { checkedOutAt: null, result: null });
      }
    }
  });
}

function outletStateOf({ outletState }: VisitSummary): OutletState {
  const states = Object.keys(OUTLET_STATES) as OutletState[];
  return states.find((state) => OUTLET_STATES[state] === outletState) ?? 'open';
}

function fromServer(row: VisitSummary): LocalVisit {
  const checkedInAt = Date.parse(row.checkInTime);
  return {
    id: row.visitId,
    customerId: row.customerId,
    customerName: row.customerName,
    day: row.businessDate,
    checkedInAt,
    checkInItemId: null,
    fix: {
      latitude: row.latitude,
      longitude: row.longitude,
      accuracy: row.accuracy ?? 0,
      at: checkedInAt,
      speed: null,
      bearing: null,
    },
    distance: row.checkInDistance ?? null,
    outOfRange: row.outOfRange,
    reason: '',
    visitType: row.visitType,
    outletState: outletStateOf(row),
    notes: row.notes,
    photoIds: [],
    photosElsewhere: row.photoCount,
    checkedOutAt: row.checkOutTime ? Date.parse(row.checkOutTime) : null,
    checkOutItemId: null,
    result: row.visitResult ?? null,
  };
}
