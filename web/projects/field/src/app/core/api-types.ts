import type { Schema } from '@dms/shared';

/** Money is whole đồng, quantities are integers, instants RFC 3339 in UTC, dates `YYYY-MM-DD`. */
export type Unit = Schema<'Unit'>;
export type VisitType = Schema<'VisitType'>;
export type VisitResult = Schema<'VisitResult'>;
export type OrderStatus = Schema<'OrderStatus'>;
export type RouteToday = Schema<'Today'>;
export type RouteCustomer = Schema<'TodayCustomer'>;
export type Quote = Schema<'Quote'>;
export type Explanation = Schema<'Explanation'>;
export type NearMiss = Schema<'NearMiss'>;
export type OrderAnswer = Schema<'OrderView'>;
/** An order in a list. */
export type OrderSummary = Schema<'OrderHead'>;

/** What a phone takes over of clocking and visits it did not do itself. */
export type ClockSummary = Pick<
  Schema<'ClockEvent'>,
  'clockEventId' | 'kind' | 'at' | 'businessDate'
>;
export type VisitSummary = Pick<
  Schema<'Visit'>,
  | 'visitId'
  | 'customerId'
  | 'customerName'
  | 'visitType'
  | 'businessDate'
  | 'checkInTime'
  | 'latitude'
  | 'longitude'
  | 'accuracy'
  | 'checkInDistance'
  | 'outOfRange'
  | 'checkOutTime'
  | 'visitResult'
  | 'outletState'
  | 'notes'
  | 'photoCount'
>;

/** An outlet as the route names it; other outlets come with more. */
export type Customer = Omit<
  RouteCustomer,
  'visitOrder' | 'lastVisitDate' | 'lastOrderDate' | 'visitState' | 'routeId' | 'visitId'
> &
  Pick<Schema<'CustomerView'>, 'creditLimit'>;

/** What the phone keeps of a product. */
export type Product = Pick<
  Schema<'ProductView'>,
  | 'productCode'
  | 'name'
  | 'brand'
  | 'category'
  | 'unitName'
  | 'subUnitName'
  | 'conversionRate'
  | 'sellingPrice'
  | 'sellingPriceSub'
  | 'stockQuantity'
> & { productId: string };

/** How the rep found the outlet, by the name the server keeps. */
export const OUTLET_STATES = { open: 'Open', closed: 'Closed', ownerAway: 'OwnerAway' } as const;
export type OutletState = keyof typeof OUTLET_STATES;

/** Albums a photo of a visit can go into, by the name the server keeps. */
export const ALBUMS = {
  storefront: 'Mặt tiền',
  display: 'Trưng bày',
  posm: 'POSM',
  closed: 'Đóng cửa',
  avatar: 'Hình đại diện',
} as const;
export type Album = keyof typeof ALBUMS;
