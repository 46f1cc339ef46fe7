/** What the server sends over `/hubs/dms`, by event name. Instants RFC 3339, money whole đồng. */
export interface HubEvents {
  readonly LocationUpdated: LocationUpdated;
  readonly OrderCreated: OrderCreated;
  readonly OrderStatusChanged: OrderStatusChanged;
  readonly VisitStarted: VisitStarted;
  readonly VisitCompleted: VisitCompleted;
  readonly AlertReceived: Notice;
  readonly NotificationReceived: Notice;
  readonly ReportReady: ReportReady;
}

export interface LocationUpdated {
  readonly userId: string;
  readonly fullName: string;
  readonly latitude: number;
  readonly longitude: number;
  readonly accuracy: number | null;
  readonly speed: number | null;
  /** Percent. */
  readonly battery: number | null;
  readonly activity: string | null;
  readonly at: string;
}

export interface OrderCreated {
  readonly orderId: string;
  readonly orderNumber: string;
  readonly customerId: string;
  readonly customerName: string;
  readonly repId: string;
  readonly repName: string;
  readonly totalAmount: number;
  readonly status: string;
  readonly orderedAt: string;
}

export interface OrderStatusChanged {
  readonly orderId: string;
  readonly orderNumber: string;
  readonly customerName: string;
  readonly repId: string;
  readonly status: string;
  readonly reason: string;
}

export interface VisitStarted {
  readonly visitId: string;
  readonly customerId: string;
  readonly customerName: string;
  readonly userId: string;
  readonly fullName: string;
  readonly latitude: number;
  readonly longitude: number;
  readonly outOfRange: boolean;
  readonly at: string;
}

export interface VisitCompleted {
  readonly visitId: string;
  readonly customerId: string;
  readonly customerName: string;
  readonly userId: string;
  readonly fullName: string;
  readonly visitResult: string;
  readonly at: string;
}

export interface Notice {
  readonly id?: string;
  readonly title: string;
  readonly message?: string | null;
  readonly at: string;
}

export interface ReportReady {
  readonly jobId: string;
  readonly name: string;
  readonly url?: string | null;
}
