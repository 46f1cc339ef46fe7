import { TestBed } from '@angular/core/testing';
import { ApiClient } from '../api/api-client';
import { ApiProblem } from '../api/problem';
import { AuthStore, SESSION_OPTIONS } from './auth-store';

const KEY = 'dms.test';
const USER = {
  userId: 'u1',
  username: 'gsbh01',
  fullName: 'Trần Thị Giám Sát',
  role: 'supervisor',
  distributorId: null,
  distributorName: null,
  permissions: ['orders.approve'],
  mustChangePassword: false,
};

interface Call {
  readonly path: string;
  readonly query: string;
  readonly headers: Headers;
  readonly body: Record<string, string>;
}

/** A server that rotates refresh tokens and revokes the family when one is used twice. */
class FakeServer {
  readonly calls: Call[] = [];
  generation = 0;
  revoked = false;
  user = USER;
  accessOk: (token: string) => boolean = () => true;
  failRefresh = false;

  readonly fetch = async (input: RequestInfo | URL, init: RequestInit = {}): Promise<Response> => {
    const request = input instanceof Request ? input : new Request(input, init);
    const call = {
      path: new URL(request.url).pathname,
      query: new URL(request.url).search,
      headers: request.headers,
      body: JSON.parse((await request.text()) || '{}') as Record<string, string>,
    };
    this.calls.push(call);
    await Promise.resolve();
    if (call.path === '/api/v1/auth/login') {
      return call.body['password'] === 'right'
        ? this.tokens()
        : problem(401, 'auth.invalid_credentials');
    }
    if (call.path === '/api/v1/auth/refresh') {
      if (this.failRefresh) throw new TypeError('offline');
      if (this.revoked || call.body['refreshToken'] !== `refresh-${this.generation}`) {
        this.revoked = true;
        return problem(401, 'auth.invalid_refresh_token');
      }
      return this.tokens();
    }
    if (call.path === '/api/v1/auth/logout') return new Response(null, { status: 204 });
    const token = call.headers.get('authorization')?.replace('Bearer ', '') ?? '';
    return this.accessOk(token) ? json(200, { ok: true }) : problem(401, 'auth.token_expired');
  };

  count(path: string): number {
    return this.calls.filter((call) => call.path === path).length;
  }

  private tokens(): Response {
    this.generation++;
    return json(200, {
      accessToken: `access-${this.generation}`,
      refreshToken: `refresh-${this.generation}`,
      expiresIn: 900,
      tokenType: 'Bearer',
      user: this.user,
    });
  }
}

function json(status: number, value: unknown): Response {
  return new Response(JSON.stringify(value), {
    status,
    headers: { 'content-type': 'application/json' },
  });
}

function problem(status: number, code: string): Response {
  return json(status, {
    type: 'about:blank',
    title: code,
    status,
    detail: '',
    code,
    traceId: 't1',
  });
}

describe('a session', () => {
  let server: FakeServer;

  const start = (idleMinutes: number | null = null) => {
    TestBed.resetTestingModule();
    TestBed.configureTestingModule({
      providers: [{ provide: SESSION_OPTIONS, useValue: { storageKey: KEY, idleMinutes } }],
    });
    return { auth: TestBed.inject(AuthStore), api: TestBed.inject(ApiClient) };
  };

  beforeEach(() => {
    localStorage.clear();
    server = new FakeServer();
    vi.stubGlobal('fetch', server.fetch);
  });

  afterEach(() => {
    vi.unstubAllGlobals();
    vi.useRealTimers();
  });

  it('knows the user and the rights after login, and keeps no access token in storage', async () => {
    const { auth } = start();
    await auth.login('gsbh01', 'right');
    expect(auth.user()?.fullName).toBe('Trần Thị Giám Sát');
    expect(auth.can('orders.approve')).toBe(true);
    expect(auth.can('invoices.manage')).toBe(false);
    expect(localStorage.getItem(KEY)).not.toContain('access-1');
  });

  it('says why a login was refused', async () => {
    const { auth } = start();
    await expect(auth.login('gsbh01', 'wrong')).rejects.toMatchObject({
      status: 401,
      code: 'auth.invalid_credentials',
    });
    expect(auth.loggedIn()).toBe(false);
  });

  it('survives a reload and fetches one access token for many calls at once', async () => {
    await start().auth.login('gsbh01', 'right');
    const { auth, api } = start();
    expect(auth.user()?.username).toBe('gsbh01');
    const { http } = api;
    await Promise.all([
      http.GET('/api/v1/orders'),
      http.GET('/api/v1/visits'),
      http.GET('/api/v1/products'),
    ]);
    expect(server.count('/api/v1/auth/refresh')).toBe(1);
  });

  it('renews a refused token once for all calls under way, and sends each of them again', async () => {
    const { auth, api } = start();
    await auth.login('gsbh01', 'right');
    server.accessOk = (token) => token === 'access-2';
    const orderIds = ['o1'];
    await Promise.all([
      api.http.GET('/api/v1/products'),
      api.http.POST('/api/v1/invoices', { body: { orderIds } }),
    ]);
    expect(server.count('/api/v1/auth/refresh')).toBe(1);
    const posts = server.calls.filter((call) => call.path === '/api/v1/invoices');
    expect(posts.map((call) => call.body)).toEqual([{ orderIds }, { orderIds }]);
    const keys = posts.map((call) => call.headers.get('idempotency-key'));
    expect(keys[0]).toMatch(/^[0-9a-f-]{36}$/);
    expect(keys[1]).toBe(keys[0]);
  });

  it('uses the token another tab has rotated in the meantime', async () => {
    const first = start();
    await first.auth.login('gsbh01', 'right');
    const second = start(); // shares the storage, knows no access token
    await second.api.http.GET('/api/v1/orders');
    server.accessOk = (token) => token === 'access-3';
    await first.api.http.GET('/api/v1/orders');
    expect(server.revoked).toBe(false);
  });

  it('sends nothing of one account with the session of another', async () => {
    const first = start();
    await first.auth.login('gsbh01', 'right');
    const mine = first.api.as('u1');
    await mine.fetch('/api/v1/orders', { method: 'POST', body: '{}' });
    expect(server.count('/api/v1/orders')).toBe(1);

    // Another tab logs in as somebody else; a token of theirs is then all there is to have.
    server.user = { ...USER, userId: 'u2' };
    await first.auth.login('nvbh02', 'right');
    const refused = { status: 401, code: 'not_logged_in' };
    await expect(mine.fetch('/api/v1/orders', { method: 'POST' })).rejects.toMatchObject(refused);
    await expect(mine.http.GET('/api/v1/visits')).rejects.toMatchObject(refused);
    expect(server.count('/api/v1/orders')).toBe(1);
    expect(server.count('/api/v1/visits')).toBe(0);
    expect(first.auth.user()?.userId).toBe('u2');
  });

  it('does not repeat a refused request with the token of another account', async () => {
    const { auth, api } = start();
    await auth.login('gsbh01', 'right');
    server.user = { ...USER, userId: 'u2' };
    server.accessOk = (token) => token !== 'access-1';
    await expect(api.as('u1').http.GET('/api/v1/orders')).rejects.toMatchObject({ status: 401 });
    expect(server.count('/api/v1/orders')).toBe(1);
  });

  it('does not send query parameters without a value', async () => {
    const { auth, api } = start();
    await auth.login('gsbh01', 'right');
    const query = { search: '', status: undefined, page: 2 };
    await api.http.GET('/api/v1/orders', { params: { query } });
    expect(server.calls.at(-1)?.query).toBe('?page=2');
  });

  it('ends when the refresh token is refused', async () => {
    const { auth, api } = start();
    await auth.login('gsbh01', 'right');
    server.revoked = true;
    server.accessOk = () => false;
    await expect(api.http.GET('/api/v1/orders')).rejects.toBeInstanceOf(ApiProblem);
    expect(auth.loggedIn()).toBe(false);
    expect(auth.endReason()).toBe('expired');
    expect(localStorage.getItem(KEY)).toBeNull();
  });

  it('stays when the server cannot be reached', async () => {
    await start().auth.login('gsbh01', 'right');
    const { auth, api } = start();
    server.failRefresh = true;
    await expect(api.http.GET('/api/v1/orders')).rejects.toMatchObject({
      status: 0,
      code: 'network',
    });
    expect(auth.loggedIn()).toBe(true);
  });

  it('is gone at once at logout, and the server is told', async () => {
    const { auth } = start();
    await auth.login('gsbh01', 'right');
    const leaving = auth.logout();
    expect(auth.loggedIn()).toBe(false);
    await leaving;
    expect(server.calls.at(-1)).toMatchObject({
      path: '/api/v1/auth/logout',
      body: { refreshToken: 'refresh-1' },
    });
  });

  it('ends after 30 idle minutes, not before', async () => {
    vi.useFakeTimers({ toFake: ['Date', 'setInterval', 'clearInterval'] });
    const { auth } = start(30);
    await auth.login('gsbh01', 'right');
    vi.advanceTimersByTime(29 * 60_000);
    window.dispatchEvent(new Event('keydown'));
    vi.advanceTimersByTime(29 * 60_000);
    expect(auth.loggedIn()).toBe(true);
    vi.advanceTimersByTime(2 * 60_000);
    expect(auth.loggedIn()).toBe(false);
    expect(auth.endReason()).toBe('idle');
  });
});
