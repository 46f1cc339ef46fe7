import '../testing/fake-indexeddb';
import type { VisitSummary } from './api-types';
import { FieldDb, type LocalVisit } from './field-db';
import type { OutboxItem } from './outbox-item';
import { restoreDay } from './restore';
import { tidy } from './tidy';

let count = 0;
let db: FieldDb;
beforeEach(() => (db = new FieldDb(`restore-${++count}`)));
afterEach(() => db.delete());

const row = (more: Partial<VisitSummary> = {}): VisitSummary => ({
  visitId: 'v',
  customerId: 'c',
  customerName: 'Tạp hoá Hoa',
  visitType: 'InRoute',
  businessDate: '2026-11-22',
  checkInTime: '2026-11-22T01:00:00Z',
  latitude: 10,
  longitude: 106,
  accuracy: 8,
  checkInDistance: 12,
  outOfRange: false,
  checkOutTime: null,
  visitResult: null,
  notes: '',
  photoCount: 2,
  ...more,
});
const clockIn = {
  clockEventId: 'e',
  kind: 'in' as const,
  at: '2026-11-22T00:42:00Z',
  businessDate: '2026-11-22',
};

describe('restoreDay', () => {
  it('gives a new phone the clock-in and the open visit', async () => {
    await restoreDay(db, [clockIn], [row({ outletState: 'OwnerAway' })]);
    expect(await db.clocks.toArray()).toMatchObject([{ id: 'e', kind: 'in', itemId: null }]);
    expect(await db.visits.get('v')).toMatchObject({
      checkedOutAt: null,
      checkInItemId: null,
      photosElsewhere: 2,
      outletState: 'ownerAway',
      checkedInAt: Date.parse('2026-11-22T01:00:00Z'),
    });
  });

  it('leaves alone what this phone did, also when it is not sent yet', async () => {
    await restoreDay(db, [clockIn], [row()]);
    await db.visits.update('v', { notes: 'của máy này', checkedOutAt: 99, result: 'NoOrder' });
    await restoreDay(db, [clockIn], [row()]);
    expect(await db.clocks.count()).toBe(1);
    expect(await db.visits.get('v')).toMatchObject({ notes: 'của máy này', checkedOutAt: 99 });
  });

  it('ends a visit that was ended elsewhere', async () => {
    await restoreDay(db, [], [row()]);
    await restoreDay(
      db,
      [],
      [row({ checkOutTime: '2026-11-22T02:00:00Z', visitResult: 'HasOrder' })],
    );
    expect(await db.visits.get('v')).toMatchObject({
      result: 'HasOrder',
      checkedOutAt: Date.parse('2026-11-22T02:00:00Z'),
    });
  });
});

describe('restoreDay, of a visit that could not be ended', () => {
  const ended = async (state: OutboxItem['state']) => {
    await restoreDay(db, [], [row()]);
    await db.visits.update('v', { checkedOutAt: 99, result: 'NoOrder', checkOutItemId: 'out' });
    await db.outbox.add({ id: 'out', state } as OutboxItem);
    await restoreDay(db, [], [row({ businessDate: '2026-11-02' })]);
    return (await db.visits.get('v'))?.checkedOutAt;
  };

  it.each(['refused', 'discarded'] as const)('goes on when its end was %s', async (state) => {
    expect(await ended(state)).toBeNull();
  });

  it.each(['waiting', 'sending', 'sent'] as const)(
    'stays ended while that is %s',
    async (state) => {
      expect(await ended(state)).toBe(99);
    },
  );
});

describe('tidy', () => {
  const item = (id: string, state: 'sent' | 'waiting' | 'refused', entityId: string) => ({
    id,
    state,
    entityId,
    lane: 'work' as const,
    kind: 'visit.checkIn' as const,
    method: 'POST' as const,
    url: '',
    body: {},
    idempotencyKey: id,
    needs: [] as string[],
    after: [],
    createdAt: 0,
    attempts: 1,
    error: null,
    result: null,
    sentAt: 0,
    label: '',
  });
  const visit = (id: string) =>
    ({ id, day: '2026-01-01', customerId: 'c', checkedOutAt: 1 }) as LocalVisit;
  const now = Date.parse('2026-11-22T05:00:00Z');

  it('lets go of what was sent long ago', async () => {
    await db.outbox.add(item('old', 'sent', 'v1'));
    await db.visits.add(visit('v1'));
    await tidy(db, now);
    expect(await db.outbox.count()).toBe(0);
    expect(await db.visits.count()).toBe(0);
  });

  it('keeps what waits or was refused, however old, with what it belongs to', async () => {
    await db.outbox.bulkAdd([
      item('in', 'sent', 'v1'),
      { ...item('out', 'waiting', 'v1'), needs: ['in'] },
      item('no', 'refused', 'v2'),
    ]);
    await db.visits.bulkAdd([visit('v1'), visit('v2'), visit('v3')]);
    await tidy(db, now);
    expect((await db.outbox.toArray()).map((row) => row.id)).toEqual(['in', 'no', 'out']);
    expect((await db.visits.toArray()).map((row) => row.id)).toEqual(['v1', 'v2']);
  });
});
