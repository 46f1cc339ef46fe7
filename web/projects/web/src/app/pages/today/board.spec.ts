import type { Schema } from '@dms/shared';
import * as boards from './board';
import type { LivePerson } from './today.api';

const person: LivePerson = {
  userId: 'u1',
  fullName: 'Nguyễn Văn Bình',
  activity: 'working',
  clockedAt: '2026-11-22T01:00:00Z',
  position: { latitude: 10, longitude: 105, battery: 80, at: '2026-11-22T02:00:00Z' },
  visitsToday: 0,
  ordersToday: 0,
  salesToday: 0,
  suspicionsToday: 0,
};
const empty: boards.Board = { people: [person], feed: [] };
const order = {
  orderId: 'o1',
  orderNumber: 'DH-20261122-0001',
  status: 'Pending' as const,
  customerId: 'c1',
  customerName: 'Tạp hóa Cô Ba',
  repId: 'u1',
  repName: 'Nguyễn Văn Bình',
  totalAmount: 1_000_000,
  orderedAt: '2026-11-22T03:00:00Z',
};
const change = (status: Schema<'OrderStatus'>) => ({ ...order, status, reason: '' });
const visit = {
  visitId: 'v1',
  customerId: 'c1',
  customerName: 'Tạp hóa Cô Ba',
  userId: 'u1',
  fullName: 'Nguyễn Văn Bình',
  latitude: 10.1,
  longitude: 105.1,
  outOfRange: false,
  at: '2026-11-22T02:30:00Z',
};

describe('the live board', () => {
  it('counts a new order once, however often it is announced', () => {
    const once = boards.ordered(empty, order);
    expect(boards.ordered(once, order)).toBe(once);
    expect(boards.sums(once.people)).toEqual({ visits: 0, orders: 1, sales: 1_000_000 });
    expect(once.feed[0]).toMatchObject({ userName: 'Nguyễn Văn Bình', amount: 1_000_000 });
  });

  it('takes a rejected order out of the sales, once; an approved one stays', () => {
    const approved = boards.orderChanged(boards.ordered(empty, order), change('Approved'));
    expect(boards.sums(approved.people).sales).toBe(1_000_000);
    const rejected = boards.orderChanged(approved, change('Rejected'));
    expect(boards.sums(rejected.people)).toEqual({ visits: 0, orders: 0, sales: 0 });
    expect(rejected.feed[0].status).toBe('Rejected');
    expect(boards.orderChanged(rejected, change('Rejected'))).toBe(rejected);
  });

  it('shows a rep in a visit from check-in to check-out', () => {
    const inside = boards.visitStarted(empty, visit);
    expect(boards.stateOf(inside.people[0])).toBe('visiting');
    expect(inside.people[0].position).toMatchObject({ latitude: 10.1, battery: 80 });
    expect(boards.sums(inside.people).visits).toBe(1);
    const left = boards.visitCompleted(inside, {
      ...visit,
      at: '2026-11-22T02:50:00Z',
      visitResult: 'HasOrder',
    });
    expect(boards.stateOf(left.people[0])).toBe('working');
    expect(left.feed.map((item) => item.kind)).toEqual(['visitCompleted', 'visitStarted']);
  });

  it('tells who has gone home from who never came', () => {
    const off = { ...person, activity: 'offDuty' } as const;
    expect(boards.stateOf(off)).toBe('done');
    expect(boards.stateOf({ ...off, clockedAt: null })).toBe('absent');
  });

  it('does not move a rep back to an older fix', () => {
    const fix = {
      userId: 'u1',
      fullName: 'Nguyễn Văn Bình',
      latitude: 11,
      longitude: 106,
      accuracy: 8,
      speed: null,
      battery: null,
      activity: null,
    };
    const late = boards.moved(empty, { ...fix, at: '2026-11-22T01:30:00Z' });
    expect(late.people[0].position?.latitude).toBe(10);
    const newer = boards.moved(empty, { ...fix, at: '2026-11-22T02:05:00Z' });
    expect(newer.people[0].position).toMatchObject({ latitude: 11, battery: 80 });
  });
});
