/** Queues of their own: slow photos never hold up other work, positions hold up nothing. */
export type Lane = 'work' | 'photo' | 'track';
export const LANES: readonly Lane[] = ['work', 'photo', 'track'];

export type OperationKind =
  | 'attendance.clockIn'
  | 'attendance.clockOut'
  | 'visit.checkIn'
  | 'visit.photo'
  | 'visit.outletState'
  | 'visit.checkOut'
  | 'order.create'
  | 'locations.report';

/**
 * waiting: on this phone, to be sent. sending: on its way. sent: the server has it. refused: the
 * server said no, a person must look. discarded: given up by the user, kept to be read.
 */
export type OutboxState = 'waiting' | 'sending' | 'sent' | 'refused' | 'discarded';

/** Why an item did not get through, in the words of the server where it had any. */
export interface OutboxError {
  /** HTTP status, 0 when no answer came. */
  status: number;
  code: string;
  message: string;
}

/** The server knows no such open visit, so there is nothing to go on with. */
export const isOver = (error: OutboxError | null): boolean =>
  error?.status === 404 || error?.status === 409;

/** One thing the rep did that the server must hear of exactly once. */
export interface OutboxItem {
  /** UUIDv7, after that of every earlier item: sorts in the order things were done. */
  id: string;
  lane: Lane;
  kind: OperationKind;
  /** The visit, order or clock event this creates or changes. */
  entityId: string;
  method: 'POST' | 'PUT';
  url: string;
  /** JSON body; with `photoId`, the text parts of the multipart form. */
  body: Record<string, unknown>;
  /** Bytes that go along as the multipart part `photo`. */
  photoId?: string;
  /** Stays the same through every attempt, so that the server has one effect and one answer. */
  idempotencyKey: string;
  /** Items the server must have accepted before this one makes sense. */
  needs: string[];
  /** Items that must have been tried before this one, whatever came of them. */
  after: string[];
  /** Milliseconds since 1970, device clock. */
  createdAt: number;
  state: OutboxState;
  attempts: number;
  error: OutboxError | null;
  /** The server's answer. */
  result: unknown;
  sentAt: number | null;
  /** What it is about, for people: the outlet's name, mostly. */
  label: string;
}

export type NewOutboxItem = Pick<
  OutboxItem,
  'lane' | 'kind' | 'entityId' | 'url' | 'body' | 'label'
> &
  Partial<Pick<OutboxItem, 'method' | 'photoId' | 'needs' | 'after'>>;

/** What came of one attempt. */
export type Outcome =
  | { kind: 'sent'; result: unknown }
  | { kind: 'refused'; error: OutboxError }
  /** No fault of the item: offline, server down or busy, session over. */
  | { kind: 'later'; reason: StopReason; error: OutboxError; retryAfterMs: number | null };

export type StopReason = 'offline' | 'server' | 'login';

/** How items travel. Another way of upload replaces this and nothing else. */
export interface Transport {
  send(item: OutboxItem, photo: StoredPhoto | null): Promise<Outcome>;
}

/** A photo as it is kept on the phone. Bytes, not a Blob: every browser stores those reliably. */
export interface StoredPhoto {
  id: string;
  visitId: string;
  bytes: ArrayBuffer;
  type: string;
  capturedAt: number;
}
