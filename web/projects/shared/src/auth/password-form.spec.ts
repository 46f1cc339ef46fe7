import { TestBed } from '@angular/core/testing';
import { ApiClient } from '../api/api-client';
import { Language } from '../i18n/i18n';
import { AuthStore, SESSION_OPTIONS } from './auth-store';
import { PasswordForm } from './password-form';

const KEY = 'dms.test';
const GIVEN = 'Given@2026';
const OWN = 'MyOwn@2026';

type Body = Record<string, string>;

/** A server where an administrator set the password: it opens nothing until the user changed it. */
class FakeServer {
  readonly changes: Body[] = [];
  password = GIVEN;
  due = true;
  offline = false;

  readonly fetch = async (input: RequestInfo | URL, init: RequestInit = {}): Promise<Response> => {
    const request = input instanceof Request ? input : new Request(input, init);
    const body = JSON.parse((await request.text()) || '{}') as Body;
    if (this.offline) throw new TypeError('offline');
    switch (new URL(request.url).pathname) {
      case '/api/v1/auth/login':
        return json(200, {
          accessToken: 'access',
          refreshToken: 'refresh',
          expiresIn: 900,
          tokenType: 'Bearer',
          user: { userId: 'u1', username: 'nvbh01', permissions: [], mustChangePassword: this.due },
        });
      case '/api/v1/auth/password':
        return this.change(body);
      default:
        return this.due ? problem(403, 'auth.password_change_required') : json(200, {});
    }
  };

  private change(body: Body): Response {
    this.changes.push(body);
    if (body['currentPassword'] !== this.password) return problem(422, 'auth.wrong_password');
    if (body['newPassword'] === this.password) return problem(422, 'auth.password_reused');
    this.password = body['newPassword'];
    this.due = false;
    return new Response(null, { status: 204 });
  }
}

function json(status: number, value: unknown): Response {
  return new Response(JSON.stringify(value), {
    status,
    headers: { 'content-type': 'application/json' },
  });
}

function problem(status: number, code: string): Response {
  return json(status, { title: code, status, detail: `why ${code}`, code, traceId: 't1' });
}

describe('changing one’s password', () => {
  let server: FakeServer;

  const start = () => {
    TestBed.resetTestingModule();
    TestBed.configureTestingModule({
      providers: [
        { provide: SESSION_OPTIONS, useValue: { storageKey: KEY, idleMinutes: null } },
        PasswordForm,
      ],
    });
    return {
      auth: TestBed.inject(AuthStore),
      api: TestBed.inject(ApiClient),
      form: TestBed.inject(PasswordForm),
    };
  };
  const fill = (form: PasswordForm, fresh: string, again = fresh, current = '') =>
    form.group.setValue({ current, fresh, again });

  beforeEach(() => {
    localStorage.clear();
    server = new FakeServer();
    vi.stubGlobal('fetch', server.fetch);
  });

  afterEach(() => vi.unstubAllGlobals());

  it('needs no present password right after the login, and opens the rest', async () => {
    const { auth, api, form } = start();
    await auth.login('nvbh01', GIVEN);
    expect(auth.mustChangePassword()).toBe(true);
    expect(form.asksCurrent()).toBe(false);
    fill(form, OWN);
    expect(await form.submit()).toBe(true);
    expect(server.changes).toEqual([{ currentPassword: GIVEN, newPassword: OWN }]);
    expect(auth.mustChangePassword()).toBe(false);
    expect(form.asksCurrent()).toBe(true);
    await expect(api.http.GET('/api/v1/orders')).resolves.toMatchObject({ data: {} });
    expect(start().auth.mustChangePassword()).toBe(false); // also after a reload
  });

  it('keeps no typed password in storage, so it asks for it after a reload', async () => {
    await start().auth.login('nvbh01', GIVEN);
    expect(JSON.stringify({ ...localStorage })).not.toContain(GIVEN);
    const { auth, form } = start();
    expect(auth.mustChangePassword()).toBe(true);
    expect(form.asksCurrent()).toBe(true);
    fill(form, OWN);
    expect(await form.submit()).toBe(false);
    expect(form.message()).toBe('Hãy nhập mật khẩu hiện tại.');
    expect(server.changes).toEqual([]);
  });

  it('forgets the typed password with the session', async () => {
    const { auth } = start();
    await auth.login('nvbh01', GIVEN);
    await auth.logout();
    expect(auth.typedPassword()).toBeNull();
  });

  it.each([
    ['Mk1@', ['length']],
    ['matkhau@1', ['upper']],
    ['MATKHAU@1', ['lower']],
    ['Matkhau@', ['digit']],
    ['Matkhau 1', ['special']],
    ['Mậtkhẩu2026', ['special']],
    ['Mậtkhẩu@2026', []],
  ])('says while %s is typed which demands it misses', (fresh, missing) => {
    const { form } = start();
    fill(form, fresh);
    const unmet = form.rules().filter((rule) => !rule.met);
    expect(unmet.map((rule) => rule.text)).toEqual(missing.map((name) => `password.rule.${name}`));
  });

  it.each([
    ['weak', 'weak', 'The new password does not yet meet the demands listed.'],
    [OWN, `${OWN}!`, 'The two new passwords are not the same.'],
  ])('does not send %s and %s', async (fresh, again, message) => {
    const { auth, form } = start();
    TestBed.inject(Language).use('en');
    await auth.login('nvbh01', GIVEN);
    fill(form, fresh, again);
    expect(await form.submit()).toBe(false);
    expect(form.message()).toBe(message);
    expect(server.changes).toEqual([]);
  });

  it('shows why the server refused, and lets one try again', async () => {
    const { auth, form } = start();
    await auth.login('nvbh01', GIVEN);
    fill(form, GIVEN);
    expect(await form.submit()).toBe(false);
    expect(form.message()).toBe('why auth.password_reused');
    expect(auth.mustChangePassword()).toBe(true);
    fill(form, OWN);
    expect(await form.submit()).toBe(true);
    expect(form.message()).toBe('');
  });

  it('asks for the present password when the one it knew is wrong', async () => {
    const { auth, form } = start();
    await auth.login('nvbh01', GIVEN);
    server.password = 'Other@2026';
    fill(form, OWN);
    expect(await form.submit()).toBe(false);
    expect(form.asksCurrent()).toBe(true);
    fill(form, OWN, OWN, 'Other@2026');
    expect(await form.submit()).toBe(true);
  });

  it('says when the server cannot be reached', async () => {
    const { auth, form } = start();
    await auth.login('nvbh01', GIVEN);
    server.offline = true;
    fill(form, OWN);
    expect(await form.submit()).toBe(false);
    expect(form.message()).toBe('Không kết nối được máy chủ. Hãy kiểm tra mạng rồi thử lại.');
    expect(form.busy()).toBe(false);
  });

  it('is due as soon as a call is refused for it', async () => {
    server.due = false;
    const { auth, api } = start();
    await auth.login('nvbh01', GIVEN);
    expect(auth.mustChangePassword()).toBe(false);
    server.due = true;
    await expect(api.http.GET('/api/v1/orders')).rejects.toMatchObject({ status: 403 });
    expect(auth.mustChangePassword()).toBe(true);
  });
});
