import '../testing/fake-indexeddb';
import { ApiProblem } from '@dms/shared';
import { FieldDb } from './field-db';
import { type AuthorisedFetch, HttpTransport } from './http-transport';
import { Outbox, backoffMs } from './outbox';
import type { NewOutboxItem, OutboxItem, Outcome, Transport } from './outbox-item';

const SENT: Outcome = { kind: 'sent', result: { ok: true } };
const refusedWith = (code: string): Outcome => ({
  kind: 'refused',
  error: { status: 422, code, message: code },
});
const OFFLINE: Outcome = {
  kind: 'later',
  reason: 'offline',
  error: { status: 0, code: 'network', message: '' },
  retryAfterMs: null,
};

const item = (lane: NewOutboxItem['lane'], label: string, more: Partial<NewOutboxItem> = {}) => ({
  lane,
  kind: 'visit.checkIn' as const,
  entityId: label,
  url: `/${label}`,
  body: {},
  label,
  ...more,
});

/** One lock for all outboxes made here, as Web Locks are one for all tabs. */
function exclusively() {
  let last: Promise<unknown> = Promise.resolve();
  return <T>(work: () => Promise<T>): Promise<T> => {
    const run = last.then(work);
    last = run.catch(() => undefined);
    return run;
  };
}

let count = 0;
let db: FieldDb;
beforeEach(() => (db = new FieldDb(`outbox-${++count}`)));
afterEach(() => db.delete());

function outbox(send: (item: OutboxItem) => Outcome | Promise<Outcome>, lock = exclusively()) {
  const transport: Transport = { send: async (next) => send(next) };
  return new Outbox(db, transport, lock);
}

const states = async () =>
  Object.fromEntries((await db.outbox.toArray()).map((row) => [row.label, row.state]));

describe('Outbox', () => {
  it('sends what was done in the order it was done', async () => {
    const got: string[] = [];
    const box = outbox((next) => (got.push(next.label), SENT));
    for (const label of ['clock', 'in', 'order', 'out']) await box.add(item('work', label));

    const report = await box.run();

    expect(got).toEqual(['clock', 'in', 'order', 'out']);
    expect(report).toMatchObject({ sent: 4, refused: 0, stopped: null });
    expect((await db.outbox.toArray()).every((row) => row.state === 'sent')).toBe(true);
  });

  it('keeps the server’s answer and when it came', async () => {
    const box = new Outbox(
      db,
      { send: async () => ({ kind: 'sent', result: { orderNumber: 'DH-1' } }) },
      exclusively(),
      () => 42,
    );
    const id = await box.add(item('work', 'order'));
    await box.run();
    expect(await db.outbox.get(id)).toMatchObject({
      state: 'sent',
      result: { orderNumber: 'DH-1' },
      sentAt: 42,
    });
  });

  it('stops at the first sign of no network and loses nothing', async () => {
    let tries = 0;
    const box = outbox(() => (tries++, OFFLINE));
    await box.add(item('work', 'a'));
    await box.add(item('work', 'b'));

    const report = await box.run();

    expect(report.stopped).toBe('offline');
    expect(tries).toBe(1);
    expect(await states()).toEqual({ a: 'waiting', b: 'waiting' });
  });

  it('sends again with the same key when the answer was lost', async () => {
    const effects = new Map<string, number>();
    let lose = true;
    const box = outbox((next) => {
      effects.set(next.idempotencyKey, (effects.get(next.idempotencyKey) ?? 0) + 1);
      if (!lose) return SENT;
      lose = false;
      return OFFLINE;
    });
    await box.add(item('work', 'order'));

    await box.run();
    await box.run();

    expect([...effects.values()]).toEqual([2]); // two requests, one key: one effect on the server
    expect(await states()).toEqual({ order: 'sent' });
  });

  it('takes up what a killed tab left half-sent', async () => {
    const got: string[] = [];
    const box = outbox((next) => (got.push(next.label), SENT));
    const id = await box.add(item('work', 'order'));
    await db.outbox.update(id, { state: 'sending' });
    await box.run();
    expect(got).toEqual(['order']);
  });

  it('sends once although two tabs run at the same time', async () => {
    const got: string[] = [];
    const lock = exclusively();
    const send = async (next: OutboxItem): Promise<Outcome> => {
      got.push(next.label);
      await new Promise((resolve) => setTimeout(resolve));
      return SENT;
    };
    const [first, second] = [outbox(send, lock), outbox(send, lock)];
    for (const label of ['a', 'b', 'c']) await first.add(item('work', label));

    await Promise.all([first.run(), second.run()]);

    expect(got).toEqual(['a', 'b', 'c']);
  });

  it('steps over a refused item and only holds back what needs it', async () => {
    const got: string[] = [];
    const box = outbox((next) => {
      got.push(next.label);
      return next.label === 'check-in' ? refusedWith('visit_open') : SENT;
    });
    const checkIn = await box.add(item('work', 'check-in'));
    const order = await box.add(item('work', 'order', { needs: [checkIn] }));
    await box.add(item('work', 'receipt of order', { needs: [order] }));
    await box.add(item('work', 'clock-out'));

    const report = await box.run();

    expect(got).toEqual(['check-in', 'clock-out']);
    expect(report).toMatchObject({ sent: 1, refused: 1, stopped: null });
    const refused = await db.outbox.get(checkIn);
    expect(refused).toMatchObject({ state: 'refused', error: { code: 'visit_open' } });
    expect(await states()).toMatchObject({ order: 'waiting', 'receipt of order': 'waiting' });
  });

  it('sends a refused item and its followers after a retry', async () => {
    let allow = false;
    const box = outbox((next) => (next.label === 'check-in' && !allow ? refusedWith('no') : SENT));
    const checkIn = await box.add(item('work', 'check-in'));
    await box.add(item('work', 'check-out', { needs: [checkIn] }));
    await box.run();
    allow = true;

    await box.retry(checkIn);
    await box.run();

    expect(await states()).toEqual({ 'check-in': 'sent', 'check-out': 'sent' });
  });

  it('gives up a refused visit with its photos, but sends the order without it', async () => {
    const bodies: Record<string, unknown>[] = [];
    const box = outbox((next) => {
      bodies.push(next.body);
      return next.label === 'check-in' ? refusedWith('no') : SENT;
    });
    const checkIn = await box.add(item('work', 'check-in'));
    await box.add(item('photo', 'photo', { needs: [checkIn] }));
    await box.add(
      item('work', 'order', {
        kind: 'order.create',
        needs: [checkIn],
        body: { visitId: 'v', items: 1 },
      }),
    );
    await box.add(item('work', 'check-out', { kind: 'visit.checkOut', needs: [checkIn] }));
    await box.run();

    expect((await box.dependants(checkIn)).map((row) => row.label)).toEqual(['photo', 'check-out']);
    await box.discard(checkIn);
    await box.run();

    expect(await states()).toEqual({
      'check-in': 'discarded',
      photo: 'discarded',
      'check-out': 'discarded',
      order: 'sent',
    });
    expect(bodies.at(-1)).toEqual({ items: 1 });
  });

  it('does not discard what is still on its way', async () => {
    const box = outbox(() => OFFLINE);
    const id = await box.add(item('work', 'order'));
    await box.discard(id);
    expect(await states()).toEqual({ order: 'waiting' });
  });

  it('lets an order overtake photos, but a check-out waits for those of its visit', async () => {
    const got: string[] = [];
    let photoSlow = true;
    const box = outbox((next) => {
      got.push(next.label);
      return next.lane === 'photo' && photoSlow ? OFFLINE : SENT;
    });
    const checkIn = await box.add(item('work', 'check-in'));
    const photo = await box.add(item('photo', 'photo', { needs: [checkIn] }));
    await box.add(item('work', 'order', { needs: [checkIn] }));
    await box.add(item('work', 'check-out', { needs: [checkIn], after: [photo] }));
    await box.add(item('work', 'next check-in'));

    await box.run();
    expect(await states()).toMatchObject({
      'check-in': 'sent',
      photo: 'waiting',
      'check-out': 'waiting',
      'next check-in': 'waiting',
    });

    photoSlow = false;
    await box.run();
    expect(got.slice(-3)).toEqual(['photo', 'check-out', 'next check-in']);
    expect(got.filter((label) => label === 'order')).toHaveLength(1);
  });

  it.each(['offline', 'server'] as const)('sends work although photos stop: %s', async (reason) => {
    const box = outbox((next) => (next.lane === 'photo' ? { ...OFFLINE, reason } : SENT));
    await box.add(item('photo', 'photo'));
    for (const label of ['check-in', 'order', 'check-out']) await box.add(item('work', label));
    expect(await box.run()).toMatchObject({ sent: 3, stopped: reason });
    expect(await states()).toMatchObject({ photo: 'waiting', 'check-out': 'sent' });
  });

  it('tries another photo after one that did not get through', async () => {
    const box = outbox((next) => (next.label === 'large' ? OFFLINE : SENT));
    await box.add(item('photo', 'large'));
    await box.add(item('photo', 'small'));
    await box.run();
    await box.run();
    expect(await states()).toEqual({ large: 'waiting', small: 'sent' });
  });

  it('sends nothing more once a photo says that the session is over', async () => {
    let tries = 0;
    const box = outbox(() => (tries++, { ...OFFLINE, reason: 'login' }));
    await box.add(item('photo', 'photo'));
    await box.run();
    await box.add(item('work', 'order', { after: [] }));
    expect(await box.run()).toMatchObject({ sent: 0, stopped: 'login' });
    expect(tries).toBeLessThanOrEqual(3);
  });

  it('sends what is added while a slow photo is on its way', async () => {
    const got: string[] = [];
    let arrive: (outcome: Outcome) => void = () => undefined;
    const box = outbox((next) => {
      got.push(next.label);
      return next.lane === 'photo' ? new Promise((resolve) => (arrive = resolve)) : SENT;
    });
    await box.add(item('photo', 'photo'));
    const run = box.run();
    await vi.waitUntil(() => got.includes('photo'));
    await box.add(item('work', 'order'));
    box.look();
    await vi.waitUntil(() => got.includes('order'));
    expect(await states()).toMatchObject({ photo: 'sending' });
    arrive(SENT);
    expect(await run).toMatchObject({ sent: 2, stopped: null });
  });

  it('lets an order that needs nothing overtake a check-out that waits for its photos', async () => {
    const box = outbox((next) => (next.lane === 'photo' ? OFFLINE : SENT));
    const photo = await box.add(item('photo', 'photo'));
    const out = item('work', 'check-out', { kind: 'visit.checkOut', after: [photo] });
    await box.add(out);
    const next = await box.add(item('work', 'next check-in'));
    const order = { kind: 'order.create' as const };
    await box.add(item('work', 'order there', { ...order, needs: [next] }));
    await box.add(item('work', 'order by phone', order));
    await box.run();
    expect(await states()).toEqual({
      photo: 'waiting',
      'check-out': 'waiting',
      'next check-in': 'waiting',
      'order there': 'waiting',
      'order by phone': 'sent',
    });
  });

  it('lets the check-out go when a photo was refused', async () => {
    const box = outbox((next) => (next.lane === 'photo' ? refusedWith('too_large') : SENT));
    const photo = await box.add(item('photo', 'photo'));
    await box.add(item('work', 'check-out', { after: [photo] }));
    await box.run();
    expect(await states()).toEqual({ photo: 'refused', 'check-out': 'sent' });
  });

  it('does not let one item the server chokes on stop the day', async () => {
    const box = outbox((next) =>
      next.label === 'poison'
        ? {
            kind: 'later',
            reason: 'server',
            error: { status: 500, code: 'internal', message: '' },
            retryAfterMs: null,
          }
        : SENT,
    );
    await box.add(item('work', 'poison'));
    await box.add(item('work', 'order'));
    for (let i = 0; i < 5; i++) await box.run();
    expect(await states()).toEqual({ poison: 'refused', order: 'sent' });
  });

  describe('when the clock was set back', () => {
    const id = (time: number) => {
      const hex = time.toString(16).padStart(12, '0');
      return `${hex.slice(0, 8)}-${hex.slice(8)}-7000-8000-000000000000`;
    };
    /** Gives an item the id it would have had by a clock an hour ahead. */
    async function anHourAhead(oldId: string): Promise<string> {
      const row = (await db.outbox.get(oldId))!;
      await db.outbox.delete(oldId);
      const newId = id(Date.now() + 3_600_000);
      await db.outbox.add({ ...row, id: newId });
      return newId;
    }

    it('still puts what is new after what was there', async () => {
      const got: string[] = [];
      const box = outbox((next) => (got.push(next.label), SENT));
      const checkIn = await anHourAhead(await box.add(item('work', 'check-in')));
      await box.add(item('work', 'order', { needs: [checkIn] }));
      await box.add(item('work', 'check-out', { needs: [checkIn] }));
      await box.run();
      expect(got).toEqual(['check-in', 'order', 'check-out']);
    });

    it('sends what is needed first where the ids are mixed up already', async () => {
      const got: string[] = [];
      let refuse = true;
      const box = outbox((next) => {
        got.push(next.label);
        return refuse && next.label === 'check-in' ? refusedWith('no') : SENT;
      });
      const order = await box.add(item('work', 'order'));
      const checkIn = await anHourAhead(await box.add(item('work', 'check-in')));
      await db.outbox.update(order, { needs: [checkIn] });

      await box.run();
      expect(await states()).toEqual({ 'check-in': 'refused', order: 'waiting' });
      expect(await box.dependants(checkIn)).toHaveLength(1);
      refuse = false;
      await box.retry(checkIn);
      await box.run();
      expect(got).toEqual(['check-in', 'check-in', 'order']);
    });
  });

  it('waits longer after each failure, up to five minutes', () => {
    expect(backoffMs(1, () => 1)).toBe(4_000);
    expect(backoffMs(3, () => 1)).toBe(16_000);
    expect(backoffMs(50, () => 1)).toBe(300_000);
    expect(backoffMs(50, () => 0)).toBe(150_000);
  });
});

describe('HttpTransport', () => {
  const row = (more: Partial<OutboxItem> = {}): OutboxItem => ({
    ...item('work', 'order'),
    id: 'i',
    method: 'POST',
    idempotencyKey: 'k',
    needs: [],
    after: [],
    createdAt: 0,
    state: 'sending',
    attempts: 0,
    error: null,
    result: null,
    sentAt: null,
    body: { id: 'o' },
    ...more,
  });
  const problem = (status: number, code = 'c') =>
    new ApiProblem(status, code, '', 'why', {}, null, {});
  const sendWith = (fetch: AuthorisedFetch, next = row()) =>
    new HttpTransport(fetch, (p) => p.detail).send(next, null);
  const failing = (error: unknown) => sendWith(() => Promise.reject(error));

  it('posts the body with the item’s idempotency key and keeps the answer', async () => {
    let seen: RequestInit = {};
    const outcome = await sendWith(async (_path, init) => {
      seen = init;
      return new Response('{"orderNumber":"DH-1"}', { status: 201 });
    });
    expect(outcome).toEqual({ kind: 'sent', result: { orderNumber: 'DH-1' } });
    expect(new Headers(seen.headers).get('idempotency-key')).toBe('k');
    expect(seen.body).toBe('{"id":"o"}');
  });

  it.each([
    [422, 'refused'],
    [409, 'refused'],
    [404, 'refused'],
    [400, 'refused'],
    [403, 'refused'],
  ])('takes %i as the server’s word', async (status, kind) => {
    expect(await failing(problem(status))).toMatchObject({ kind, error: { message: 'why' } });
  });

  it.each([
    [0, 'offline'],
    [401, 'login'],
    [429, 'server'],
    [500, 'server'],
    [503, 'server'],
  ])('tries again later after %i', async (status, reason) => {
    expect(await failing(problem(status))).toMatchObject({ kind: 'later', reason });
  });

  it('keeps work for later while the password must be changed first', async () => {
    const outcome = await failing(problem(403, 'auth.password_change_required'));
    expect(outcome).toMatchObject({ kind: 'later', reason: 'login' });
  });

  it('waits as long as the server asks', async () => {
    const busy = new ApiProblem(503, 'busy', '', '', {}, null, {}, 30);
    expect(await failing(busy)).toMatchObject({ kind: 'later', retryAfterMs: 30_000 });
  });

  it('does not believe an answer that is not ours', async () => {
    // A hotel’s login page answers 200 with HTML.
    const outcome = await sendWith(async () => new Response('<html>', { status: 200 }));
    expect(outcome).toMatchObject({ kind: 'later', reason: 'offline' });
  });

  it('sends a photo as multipart with its particulars', async () => {
    let form: FormData | undefined;
    const transport = new HttpTransport(
      async (_path, init) => {
        form = init.body as FormData;
        return new Response(null, { status: 204 });
      },
      () => '',
    );
    const bytes = new Uint8Array([1, 2, 3]).buffer;
    const outcome = await transport.send(
      row({ photoId: 'p', body: { albumType: 'Display', latitude: 10.5, missing: null } }),
      { id: 'p', visitId: 'v', bytes, type: 'image/jpeg', capturedAt: 0 },
    );
    expect(outcome).toEqual({ kind: 'sent', result: null });
    expect(form?.get('albumType')).toBe('Display');
    expect(form?.get('latitude')).toBe('10.5');
    expect(form?.has('missing')).toBe(false);
    expect((form?.get('photo') as File).size).toBe(3);
    expect((form?.get('photo') as File).type).toBe('image/jpeg');
  });

  it('says when the photo itself is gone', async () => {
    const outcome = await sendWith(
      () => Promise.reject(new Error('not called')),
      row({ photoId: 'p' }),
    );
    expect(outcome).toMatchObject({ kind: 'refused', error: { code: 'photo_missing' } });
  });
});
