import { ApiProblem, PASSWORD_CHANGE_REQUIRED, multipart } from '@dms/shared';
import type { OutboxError, OutboxItem, Outcome, StoredPhoto, Transport } from './outbox-item';

/** A request with the caller's session; throws `ApiProblem` unless it succeeds. */
export type AuthorisedFetch = (path: string, init: RequestInit) => Promise<Response>;

/** Turns a problem into the line shown to the rep. */
export type Explain = (problem: ApiProblem) => string;

const JSON_TIMEOUT_MS = 30_000;
const PHOTO_TIMEOUT_MS = 120_000;

/** Statuses that say nothing about the item itself: try again later. */
const LATER = new Set([0, 408, 425, 429]);

/** One REST call per outbox item. */
export class HttpTransport implements Transport {
  constructor(
    private readonly fetch: AuthorisedFetch,
    private readonly explain: Explain,
  ) {}

  async send(item: OutboxItem, photo: StoredPhoto | null): Promise<Outcome> {
    if (item.photoId && !photo) {
      return { kind: 'refused', error: { status: 0, code: 'photo_missing', message: '' } };
    }
    try {
      const response = await this.fetch(item.url, request(item, photo));
      return { kind: 'sent', result: await answer(response) };
    } catch (error) {
      return this.outcome(error);
    }
  }

  private outcome(error: unknown): Outcome {
    if (error instanceof ApiProblem) {
      const shown: OutboxError = {
        status: error.status,
        code: error.code,
        message: this.explain(error),
      };
      const later = (reason: 'offline' | 'server' | 'login'): Outcome => ({
        kind: 'later',
        reason,
        error: shown,
        retryAfterMs: error.retryAfter === null ? null : error.retryAfter * 1000,
      });
      if (error.status === 401 || error.code === PASSWORD_CHANGE_REQUIRED) return later('login');
      if (error.status === 0) return later('offline');
      if (error.status >= 500 || LATER.has(error.status)) return later('server');
      return { kind: 'refused', error: shown };
    }
    // Our own time limit, or the connection broke while the answer was being read.
    const message = error instanceof Error ? error.message : String(error);
    return {
      kind: 'later',
      reason: 'offline',
      error: { status: 0, code: 'no_answer', message },
      retryAfterMs: null,
    };
  }
}

function request(item: OutboxItem, photo: StoredPhoto | null): RequestInit {
  const headers: Record<string, string> = { 'idempotency-key': item.idempotencyKey };
  if (!photo) {
    return {
      method: item.method,
      headers: { ...headers, 'content-type': 'application/json' },
      body: JSON.stringify(item.body),
      signal: AbortSignal.timeout(JSON_TIMEOUT_MS),
    };
  }
  const form = multipart(item.body);
  form.append('photo', new Blob([photo.bytes], { type: photo.type }), `${photo.id}.jpg`);
  return {
    method: item.method,
    headers: { ...headers, 'ngsw-bypass': '1' },
    body: form,
    signal: AbortSignal.timeout(PHOTO_TIMEOUT_MS),
  };
}

async function answer(response: Response): Promise<unknown> {
  const text = await response.text();
  return text ? (JSON.parse(text) as unknown) : null;
}
