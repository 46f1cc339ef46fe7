import '../testing/fake-indexeddb';
import { TestBed } from '@angular/core/testing';
import type { RouteToday } from './api-types';
import { FieldApi } from './field-api';
import { FieldDb } from './field-db';
import { FieldStore } from './field-store';
import { MasterData } from './master-data';
import { Sync } from './sync';

let count = 0;
let db: FieldDb;
let online: boolean;
const asked: string[] = [];

/** Opens the app at a time of day in Vietnam. */
async function open(at: string): Promise<MasterData> {
  vi.setSystemTime(new Date(`${at}+07:00`));
  TestBed.resetTestingModule();
  const none = async () => [];
  TestBed.configureTestingModule({
    providers: [
      { provide: FieldStore, useValue: { db, user: { userId: 'u' } } },
      { provide: Sync, useValue: { accepted: () => 0 } },
      {
        provide: FieldApi,
        useValue: {
          routeToday: async (date: string) => {
            asked.push(date);
            return { date, customers: [] } as unknown as RouteToday;
          },
          clocksToday: none,
          visits: none,
          products: none,
          customers: none,
        },
      },
    ],
  });
  const master = TestBed.inject(MasterData);
  await vi.waitUntil(
    () => master.loaded() && !master.refreshing() && (!online || asked.length > 3),
  );
  return master;
}

beforeEach(() => {
  db = new FieldDb(`master-${++count}`);
  online = true;
  asked.length = 0;
  vi.useFakeTimers({ toFake: ['Date'] });
  vi.spyOn(navigator, 'onLine', 'get').mockImplementation(() => online);
});
afterEach(() => {
  TestBed.resetTestingModule();
  vi.useRealTimers();
  vi.restoreAllMocks();
  return db.delete();
});

describe('the route', () => {
  it('of the next days is there when the morning begins without network', async () => {
    await open('2026-11-23T16:00');
    online = false;
    const master = await open('2026-11-24T06:30');
    expect(master.route()?.date).toBe('2026-11-24');
    expect(new Date(master.routeAt()!).toISOString()).toContain('2026-11-23');
  });

  it('changes with the day in an app that was left open', async () => {
    const master = await open('2026-11-23T16:00');
    online = false;
    vi.setSystemTime(new Date('2026-11-24T06:30+07:00'));
    await master.refresh();
    expect(master.route()?.date).toBe('2026-11-24');
  });

  it('of days gone by is let go', async () => {
    await db.downloads.put({ key: 'route:2026-11-20', fetchedAt: 0, value: null });
    await open('2026-11-23T16:00');
    const keys = await db.downloads.where('key').startsWith('route:').primaryKeys();
    expect(keys).toEqual([23, 24, 25, 26].map((n) => `route:2026-11-${n}`));
  });
});
