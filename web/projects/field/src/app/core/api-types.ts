/** Money is whole đồng, quantities are integers, instants RFC 3339 in UTC, dates `YYYY-MM-DD`. */
export type Unit = 'whole' | 'retail';
export type VisitType = 'InRoute' | 'OffRoute';
export type VisitResult = 'HasOrder' | 'NoOrder' | 'Closed' | 'OwnerAway';
export type VisitState = 'notVisited' | 'inProgress' | 'visited';
export type OrderStatus =
  'Draft' | 'Pending' | 'Approved' | 'Rejected' | 'Cancelled' | 'Invoiced' | 'Issued';

/** Albums a photo of a visit can go into, by the name the server keeps. */
export const ALBUMS = {
  storefront: 'Mặt tiền',
  display: 'Trưng bày',
  posm: 'POSM',
  closed: 'Đóng cửa',
  avatar: 'Hình đại diện',
} as const;
export type Album = keyof typeof ALBUMS;

export interface Customer {
  customerId: string;
  customerCode: string;
  name: string;
  phone?: string | null;
  contactPerson?: string | null;
  customerGroup?: string | null;
  customerType?: string | null;
  latitude: number | null;
  longitude: number | null;
  address: string;
  creditLimit?: number | null;
  currentBalance: number;
  status?: string;
}

export interface RouteCustomer {
  customerId: string;
  customerCode: string;
  name: string;
  phone: string;
  contactPerson: string;
  visitOrder: number;
  latitude: number | null;
  longitude: number | null;
  address: string;
  lastVisitDate: string | null;
  lastOrderDate: string | null;
  currentBalance: number;
  visitState: VisitState;
}

export interface RouteToday {
  /** The first of the day's routes. */
  route: { routeId: string; routeCode: string; name: string } | null;
  customers: RouteCustomer[];
  summary: { totalCustomers: number; visitedToday: number; ordersToday: number };
}

export interface Product {
  productId: string;
  productCode: string;
  name: string;
  brand: string | null;
  category: string | null;
  unitName: string;
  subUnitName: string;
  /** Retail units in one whole unit, at least 1. */
  conversionRate: number;
  sellingPrice: number;
  sellingPriceSub: number;
  /** Per cent. */
  vat: number;
  /** Retail units, null when the caller may not see stock. */
  stockQuantity: number | null;
  status: string;
}

export interface OrderItemAnswer {
  productId: string;
  productCode: string;
  productName: string;
  quantity: number;
  unit: Unit;
  unitName: string;
  /** Before VAT. */
  unitPrice: number;
  /** Quantity × unit price. */
  gross: number;
  discountAmount: number;
  taxAmount: number;
  /** Gross − discount + VAT. */
  lineTotal: number;
  promotionId: string | null;
  promotionName: string | null;
  isFree: boolean;
}

/** What a promotion gave. */
export type Benefit =
  | { type: 'discount'; amount: number }
  | { type: 'freeGoods'; productId: string; quantity: number; unit: Unit };

export interface Explanation {
  promotionId: string;
  promotionName: string;
  /** The product that earned it, null when the whole order did. */
  productId: string | null;
  benefit: Benefit;
}

/** What is missing until a promotion gives something. */
export type Missing = { type: 'pieces'; quantity: number } | { type: 'value'; amount: number };

/** What it would give. */
export type Gain =
  | { type: 'percent'; percent: number }
  | { type: 'amountPerUnit'; amount: number; unit: Unit }
  | { type: 'amount'; amount: number }
  | { type: 'freeGoods'; productId: string; quantity: number; unit: Unit };

export interface NearMiss {
  promotionId: string;
  promotionName: string;
  tier: number;
  productId: string | null;
  missing: Missing;
  gain: Gain;
}

/** A priced order: subTotal − discountAmount + taxAmount = totalAmount. */
export interface Quote {
  /** Priced lines, then free goods. */
  items: OrderItemAnswer[];
  subTotal: number;
  discountAmount: number;
  taxAmount: number;
  totalAmount: number;
  explanations: Explanation[];
  nearMisses: NearMiss[];
}

export interface OrderAnswer {
  orderId: string;
  orderNumber: string;
  status: OrderStatus;
  customerId: string;
  customerName: string;
  orderedAt: string;
  reason: string;
  items: OrderItemAnswer[];
  subTotal: number;
  discountAmount: number;
  taxAmount: number;
  totalAmount: number;
  explanations: Explanation[];
}

/** The caller's clock events of the day. */
export interface AttendanceToday {
  events: { clockEventId: string; kind: 'in' | 'out'; at: string; businessDate: string }[];
}

/** A visit in a list. */
export interface VisitSummary {
  visitId: string;
  customerId: string;
  customerName: string;
  visitType: VisitType;
  businessDate: string;
  checkInTime: string;
  latitude: number;
  longitude: number;
  accuracy: number | null;
  checkInDistance: number | null;
  outOfRange: boolean;
  checkOutTime: string | null;
  visitResult: VisitResult | null;
  notes: string;
  photoCount: number;
}

/** An order in a list. */
export interface OrderSummary {
  orderId: string;
  orderNumber: string;
  status: OrderStatus;
  customerId: string;
  customerName: string;
  visitId: string | null;
  totalAmount: number;
  orderedAt: string;
}
