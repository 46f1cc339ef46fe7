import Dexie, { type EntityTable } from 'dexie';
import type { Fix } from '@dms/shared';
import type {
  Album,
  Customer,
  OutletState,
  Product,
  Quote,
  Unit,
  VisitResult,
  VisitType,
} from './api-types';
import type { OutboxItem, StoredPhoto } from './outbox-item';

/** Quantities of one product in the cart, in the units they were typed in. */
export interface CartLine {
  productId: string;
  whole: number;
  retail: number;
}

/** An order being written, one per outlet. Its order id is made at the start, so it is sent once. */
export interface CartDraft {
  customerId: string;
  orderId: string;
  lines: CartLine[];
  notes: string;
  updatedAt: number;
}

/** A product as it stood in an order when it was taken. */
export interface OrderLine {
  productId: string;
  productName: string;
  quantity: number;
  unit: Unit;
  unitName: string;
  unitPrice: number;
}

/** An order taken on this phone. The server's number and totals are the result of its outbox item. */
export interface LocalOrder {
  id: string;
  itemId: string;
  customerId: string;
  customerName: string;
  visitId: string | null;
  day: string;
  orderedAt: number;
  lines: OrderLine[];
  notes: string;
  /** Total the phone showed when it was sent; exact when it came from a quote. */
  shownTotal: number;
  quote: Quote | null;
}

/** A visit as this phone knows it. */
export interface LocalVisit {
  id: string;
  customerId: string;
  customerName: string;
  day: string;
  checkedInAt: number;
  /** Null when it began on another phone: then only the server knows its beginning. */
  checkInItemId: string | null;
  fix: Fix;
  /** Metres to the outlet, null when it has no location yet. */
  distance: number | null;
  outOfRange: boolean;
  /** Why the rep checked in from afar. */
  reason: string;
  visitType: VisitType;
  outletState: OutletState;
  notes: string;
  photoIds: string[];
  /** Photos the server has from another phone. */
  photosElsewhere: number;
  checkedOutAt: number | null;
  checkOutItemId: string | null;
  result: VisitResult | null;
}

export interface LocalPhoto extends StoredPhoto {
  itemId: string;
  album: Album;
}

/** Clocking in or out, on this phone or known from the server. */
export interface ClockEvent {
  id: string;
  kind: 'in' | 'out';
  day: string;
  at: number;
  itemId: string | null;
}

/** A position not yet handed to the outbox. */
export interface TrackPoint {
  latitude: number;
  longitude: number;
  accuracy: number;
  speed: number | null;
  bearing: number | null;
  battery: number | null;
  at: string;
}

/** A downloaded answer with the time it was true. */
export interface Downloaded<T> {
  key: string;
  fetchedAt: number;
  value: T;
}

/** Everything one user keeps on the phone. A database per user: a shared phone never mixes queues. */
export class FieldDb extends Dexie {
  outbox!: EntityTable<OutboxItem, 'id'>;
  photos!: EntityTable<LocalPhoto, 'id'>;
  visits!: EntityTable<LocalVisit, 'id'>;
  orders!: EntityTable<LocalOrder, 'id'>;
  drafts!: EntityTable<CartDraft, 'customerId'>;
  clocks!: EntityTable<ClockEvent, 'id'>;
  points!: EntityTable<TrackPoint, 'at'>;
  products!: EntityTable<Product, 'productId'>;
  customers!: EntityTable<Customer, 'customerId'>;
  downloads!: EntityTable<Downloaded<unknown>, 'key'>;

  constructor(name: string) {
    super(name);
    this.version(1).stores({
      outbox: 'id, state, [lane+state], entityId',
      photos: 'id, visitId, capturedAt',
      visits: 'id, day, customerId',
      orders: 'id, day, customerId, visitId',
      drafts: 'customerId',
      clocks: 'id, day',
      points: 'at',
      products: 'productId',
      customers: 'customerId',
      downloads: 'key',
    });
  }
}

/** Name of the database of one user. */
export const dbName = (userId: string): string => `dms-field-${userId}`;
