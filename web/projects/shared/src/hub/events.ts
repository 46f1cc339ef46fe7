import type { Schema } from '../api/schema';

type Order = Schema<'OrderHead'>;
type Visit = Schema<'Visit'>;
type Person = Pick<Visit, 'userId' | 'fullName'>;
type AtCustomer = Person & Pick<Visit, 'visitId' | 'customerId' | 'customerName'>;
interface Moment {
  readonly at: string;
}

/** What the server sends over `/hubs/dms`, by event name. Instants RFC 3339, money whole đồng. */
export interface HubEvents {
  readonly LocationUpdated: LocationUpdated;
  readonly OrderCreated: OrderCreated;
  readonly OrderStatusChanged: OrderStatusChanged;
  readonly VisitStarted: VisitStarted;
  readonly VisitCompleted: VisitCompleted;
  readonly NotificationReceived: NotificationReceived;
}

/** `battery` is in per cent. */
export type LocationUpdated = Person &
  Pick<
    Schema<'PointInput'>,
    'latitude' | 'longitude' | 'accuracy' | 'speed' | 'battery' | 'activity' | 'at'
  >;

export type OrderCreated = Pick<
  Order,
  | 'orderId'
  | 'orderNumber'
  | 'customerId'
  | 'customerName'
  | 'repId'
  | 'repName'
  | 'totalAmount'
  | 'status'
  | 'orderedAt'
>;

export type OrderStatusChanged = Pick<
  Order,
  'orderId' | 'orderNumber' | 'customerName' | 'repId' | 'status' | 'reason'
>;

export type VisitStarted = AtCustomer &
  Moment &
  Pick<Visit, 'latitude' | 'longitude' | 'outOfRange'>;

export type VisitCompleted = AtCustomer & Moment & { readonly visitResult: Schema<'VisitResult'> };

/** As in the inbox, in the language of the person's own choice. */
export type NotificationReceived = Omit<Schema<'Notification'>, 'readAt'>;
