import type {
  LocationUpdated,
  OrderCreated,
  OrderStatusChanged,
  VisitCompleted,
  VisitStarted,
} from '@dms/shared';
import type { OrderRow } from '../orders/orders.api';
import type { LivePerson, VisitRow } from './today.api';

/** One line of the live feed. */
export interface FeedItem {
  readonly id: string;
  readonly kind: 'order' | 'visitStarted' | 'visitCompleted';
  readonly at: string;
  readonly userId: string;
  readonly userName: string;
  readonly customerName: string;
  readonly orderId?: string;
  readonly orderNumber?: string;
  readonly amount?: number;
  readonly status?: string;
  readonly visitResult?: string;
}

export interface Board {
  readonly people: readonly LivePerson[];
  /** Newest first. */
  readonly feed: readonly FeedItem[];
}

export interface Sums {
  readonly visits: number;
  readonly orders: number;
  readonly sales: number;
}

export type PersonState = 'visiting' | 'working' | 'done' | 'absent';

const FEED_LENGTH = 60;

export function stateOf(person: LivePerson): PersonState {
  if (person.activity !== 'offDuty') return person.activity;
  return person.clockedAt ? 'done' : 'absent';
}

export function sums(people: readonly LivePerson[]): Sums {
  const total = (value: (person: LivePerson) => number) =>
    people.reduce((sum, person) => sum + value(person), 0);
  return {
    visits: total((person) => person.visitsToday),
    orders: total((person) => person.ordersToday),
    sales: total((person) => person.salesToday),
  };
}

/** The feed as it stands when the board opens. */
export function startFeed(orders: readonly OrderRow[], visits: readonly VisitRow[]): FeedItem[] {
  const items: FeedItem[] = orders.map((order) => ({
    id: `order:${order.orderId}`,
    kind: 'order',
    at: order.orderedAt,
    userId: order.repId,
    userName: order.repName,
    customerName: order.customerName,
    orderId: order.orderId,
    orderNumber: order.orderNumber,
    amount: order.totalAmount,
    status: order.status,
  }));
  for (const visit of visits) {
    items.push(visitItem({ ...visit, at: visit.checkInTime }, 'visitStarted'));
    if (visit.checkOutTime) {
      const end = { ...visit, at: visit.checkOutTime, visitResult: visit.visitResult ?? '' };
      items.push(visitItem(end, 'visitCompleted'));
    }
  }
  return newestFirst(items);
}

export function moved(board: Board, event: LocationUpdated): Board {
  return withPerson(board, event.userId, (person) =>
    person.position && person.position.at > event.at
      ? person // an older fix that arrived late
      : {
          ...person,
          position: {
            latitude: event.latitude,
            longitude: event.longitude,
            accuracy: event.accuracy,
            battery: event.battery ?? person.position?.battery ?? null,
            at: event.at,
          },
        },
  );
}

export function ordered(board: Board, event: OrderCreated): Board {
  const id = `order:${event.orderId}`;
  if (board.feed.some((item) => item.id === id)) return board; // sent twice
  const counted = withPerson(board, event.repId, (person) => ({
    ...person,
    ordersToday: person.ordersToday + 1,
    salesToday: person.salesToday + event.totalAmount,
  }));
  return withItem(counted, {
    id,
    kind: 'order',
    at: event.orderedAt,
    userId: event.repId,
    userName: event.repName,
    customerName: event.customerName,
    orderId: event.orderId,
    orderNumber: event.orderNumber,
    amount: event.totalAmount,
    status: event.status,
  });
}

/** A rejected or cancelled order no longer counts. */
export function orderChanged(board: Board, event: OrderStatusChanged): Board {
  const id = `order:${event.orderId}`;
  const item = board.feed.find((entry) => entry.id === id);
  if (!item || item.status === event.status) return board;
  const feed = board.feed.map((entry) =>
    entry.id === id ? { ...entry, status: event.status } : entry,
  );
  if (counts(event.status) || !counts(item.status ?? '')) return { ...board, feed };
  return withPerson({ ...board, feed }, item.userId, (person) => ({
    ...person,
    ordersToday: person.ordersToday - 1,
    salesToday: person.salesToday - (item.amount ?? 0),
  }));
}

export function visitStarted(board: Board, event: VisitStarted): Board {
  const item = visitItem(event, 'visitStarted');
  if (board.feed.some((entry) => entry.id === item.id)) return board;
  const inside = withPerson(board, event.userId, (person) => ({
    ...person,
    visitsToday: person.visitsToday + 1,
    activity: 'visiting',
    openVisit: {
      visitId: event.visitId,
      customerId: event.customerId,
      customerName: event.customerName,
      checkInTime: event.at,
    },
    position: {
      ...person.position,
      latitude: event.latitude,
      longitude: event.longitude,
      at: event.at,
    },
  }));
  return withItem(inside, item);
}

export function visitCompleted(board: Board, event: VisitCompleted): Board {
  const item = visitItem(event, 'visitCompleted');
  if (board.feed.some((entry) => entry.id === item.id)) return board;
  const left = withPerson(board, event.userId, (person) =>
    person.openVisit?.visitId === event.visitId
      ? { ...person, openVisit: null, activity: 'working' }
      : person,
  );
  return withItem(left, item);
}

function counts(status: string): boolean {
  return status !== 'Rejected' && status !== 'Cancelled';
}

function visitItem(
  visit: {
    visitId: string;
    at: string;
    userId: string;
    fullName: string;
    customerName: string;
    visitResult?: string | null;
  },
  kind: 'visitStarted' | 'visitCompleted',
): FeedItem {
  return {
    id: `${kind}:${visit.visitId}`,
    kind,
    at: visit.at,
    userId: visit.userId,
    userName: visit.fullName,
    customerName: visit.customerName,
    visitResult: kind === 'visitCompleted' ? (visit.visitResult ?? '') : '',
  };
}

function withPerson(
  board: Board,
  userId: string,
  change: (person: LivePerson) => LivePerson,
): Board {
  return {
    ...board,
    people: board.people.map((person) => (person.userId === userId ? change(person) : person)),
  };
}

function withItem(board: Board, item: FeedItem): Board {
  return { ...board, feed: newestFirst([item, ...board.feed]) };
}

function newestFirst(items: readonly FeedItem[]): FeedItem[] {
  return [...items].sort((a, b) => Date.parse(b.at) - Date.parse(a.at)).slice(0, FEED_LENGTH);
}
