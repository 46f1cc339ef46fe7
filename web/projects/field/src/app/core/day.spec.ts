import '../testing/fake-indexeddb';
import { TestBed } from '@angular/core/testing';
import type { Fix } from '@dms/shared';
import type { Customer } from './api-types';
import { Day } from './day';
import { FieldDb } from './field-db';
import { FieldStore } from './field-store';
import { MasterData } from './master-data';
import { Outbox } from './outbox';
import type { OutboxItem, Outcome } from './outbox-item';
import { Sync } from './sync';

const FIX: Fix = { latitude: 10, longitude: 106, accuracy: 8, at: 0, speed: null, bearing: null };
const SENT: Outcome = { kind: 'sent', result: null };
const refusedWith = (status: number, code: string): Outcome => ({
  kind: 'refused',
  error: { status, code, message: code },
});
const shop = (customerId: string) => ({ customerId, name: customerId }) as Customer;

let count = 0;
let db: FieldDb;
let outbox: Outbox;
let day: Day;
/** What the server says to each item. */
let server: (item: OutboxItem) => Outcome;

beforeEach(() => {
  db = new FieldDb(`day-${++count}`);
  outbox = new Outbox(db, { send: async (item) => server(item) }, (work) => work());
  server = () => SENT;
  TestBed.configureTestingModule({
    providers: [
      { provide: FieldStore, useValue: { db, outbox, user: { userId: 'u' } } },
      { provide: MasterData, useValue: { route: () => null } },
      { provide: Sync, useValue: { now: () => undefined } },
    ],
  });
  day = TestBed.inject(Day);
});
afterEach(() => {
  TestBed.resetTestingModule();
  return db.delete();
});

const visit = async (id: string) => (await db.visits.get(id))!;
const items = async (kind: OutboxItem['kind']) =>
  (await db.outbox.toArray()).filter((item) => item.kind === kind);
const states = async (kind: OutboxItem['kind']) => (await items(kind)).map((item) => item.state);

describe('ending a visit', () => {
  it('tells how the outlet was found before it tells the end', async () => {
    const id = await day.checkIn(shop('hoa'), FIX, '');
    await day.note(id, { outletState: 'ownerAway' });
    await day.checkOut(id, 'OwnerAway', FIX);
    const sent: [string, string, unknown][] = [];
    server = (item) => (sent.push([item.kind, item.url, item.body['state']]), SENT);
    await outbox.run();
    expect(sent.slice(1)).toEqual([
      ['visit.outletState', `/api/v1/visits/${id}/outlet-state`, 'OwnerAway'],
      ['visit.checkOut', `/api/v1/visits/${id}/check-out`, undefined],
    ]);
  });

  const noPhoto = (item: OutboxItem) =>
    item.kind === 'visit.checkOut' ? refusedWith(422, 'visits.step_required') : SENT;

  it('goes on with a visit that the server did not let end, and ends it once more', async () => {
    const id = await day.checkIn(shop('hoa'), FIX, '');
    await day.checkOut(id, 'NoOrder', FIX);
    expect((await visit(id)).checkedOutAt).not.toBeNull();

    server = noPhoto;
    await outbox.run();
    expect(await visit(id)).toMatchObject({ checkedOutAt: null, result: null });

    server = () => SENT;
    await day.checkOut(id, 'Closed', FIX);
    await outbox.run();
    expect(await visit(id)).toMatchObject({ result: 'Closed' });
    expect(await states('visit.checkOut')).toEqual(['discarded', 'sent']);
  });

  it('takes the visit as ended again when its check-out is to be retried', async () => {
    const id = await day.checkIn(shop('hoa'), FIX, '');
    await day.checkOut(id, 'NoOrder', FIX);
    const endedAt = (await visit(id)).checkedOutAt;
    server = noPhoto;
    await outbox.run();
    const [checkOut] = await items('visit.checkOut');
    await outbox.retry(checkOut.id);
    expect(await visit(id)).toMatchObject({ checkedOutAt: endedAt, result: 'NoOrder' });
  });

  it('goes on with the visit when its check-out is given up', async () => {
    const id = await day.checkIn(shop('hoa'), FIX, '');
    await day.checkOut(id, 'NoOrder', FIX);
    server = noPhoto;
    await outbox.run();
    const [checkOut] = await items('visit.checkOut');
    await db.visits.update(id, { checkedOutAt: 1 }); // as earlier versions left it
    await outbox.discard(checkOut.id);
    expect((await visit(id)).checkedOutAt).toBeNull();
  });

  it('does not go on with a visit that has ended on the server', async () => {
    const id = await day.checkIn(shop('hoa'), FIX, '');
    await day.checkOut(id, 'NoOrder', FIX);
    server = (item) => (item.kind === 'visit.checkOut' ? refusedWith(409, 'visits.ended') : SENT);
    await outbox.run();
    expect((await visit(id)).checkedOutAt).not.toBeNull();
  });

  it('sends the next visit by itself once the one before could be ended', async () => {
    const first = await day.checkIn(shop('hoa'), FIX, '');
    await day.checkOut(first, 'NoOrder', FIX);
    const second = await day.checkIn(shop('lan'), FIX, '');
    await day.checkOut(second, 'NoOrder', FIX);
    let open: string | null = null;
    let photographed = false;
    server = (item) => {
      if (item.kind === 'visit.checkIn') {
        if (open) return refusedWith(409, 'visits.open_visit');
        open = item.entityId;
      } else if (item.kind === 'visit.checkOut') {
        if (item.entityId === first && !photographed) return noPhoto(item);
        open = null;
      }
      return SENT;
    };
    await outbox.run();
    await vi.waitUntil(() => day.openVisit()?.id === first);

    photographed = true;
    await day.checkOut(first, 'NoOrder', FIX);
    await outbox.run();
    expect(await states('visit.checkIn')).toEqual(['sent', 'sent']);
    expect(await states('visit.checkOut')).toEqual(['discarded', 'sent', 'sent']);
  });

  it('shows both when the next visit goes on already', async () => {
    const first = await day.checkIn(shop('hoa'), FIX, '');
    await day.checkOut(first, 'NoOrder', FIX);
    const second = await day.checkIn(shop('lan'), FIX, '');
    server = noPhoto;
    await outbox.run();
    await vi.waitUntil(() => day.openVisits()?.length === 2);
    expect(day.openVisit()?.id).toBe(second);
    expect(day.openVisitAt('hoa')?.id).toBe(first);
    await expect(day.checkIn(shop('mai'), FIX, '')).rejects.toThrow();
  });
});

describe('a day', () => {
  afterEach(() => vi.useRealTimers());

  it('begins anew in an app that was left open over night', async () => {
    vi.useFakeTimers({ toFake: ['Date'] });
    vi.setSystemTime(new Date('2026-11-23T16:00+07:00'));
    document.dispatchEvent(new Event('visibilitychange'));
    await day.clock('in', FIX);
    await vi.waitUntil(() => day.clockedIn());

    vi.setSystemTime(new Date('2026-11-24T06:30+07:00'));
    document.dispatchEvent(new Event('visibilitychange'));
    await vi.waitUntil(() => !day.clockedIn());
    await day.clock('in', FIX);
    await vi.waitUntil(() => day.clockedIn());
    expect(day.firstIn()?.day).toBe('2026-11-24');
  });
});
