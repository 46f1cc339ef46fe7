import { TestBed } from '@angular/core/testing';
import { Router, provideRouter, withComponentInputBinding } from '@angular/router';
import { RouterTestingHarness } from '@angular/router/testing';
import { SESSION_OPTIONS } from '@dms/shared';
import { routes } from '../../app.routes';

const KEY = 'dms.test';

const start = (mustChangePassword: boolean) => {
  const user = { userId: 'u1', username: 'npp01', permissions: [], mustChangePassword };
  localStorage.setItem(KEY, JSON.stringify({ refreshToken: 'refresh', user }));
  TestBed.configureTestingModule({
    providers: [
      provideRouter(routes, withComponentInputBinding()),
      { provide: SESSION_OPTIONS, useValue: { storageKey: KEY, idleMinutes: null } },
    ],
  });
  return RouterTestingHarness.create();
};

const answer = (status: number, value: unknown) => new Response(JSON.stringify(value), { status });

describe('the screen to change the password', () => {
  let sent: unknown = null;

  beforeEach(() => {
    localStorage.clear();
    sent = null;
    vi.stubGlobal('fetch', async (input: RequestInfo | URL, init?: RequestInit) => {
      const request = new Request(input, init);
      if (new URL(request.url).pathname === '/api/v1/auth/password') {
        sent = await request.json();
        return new Response(null, { status: 204 });
      }
      const user = { userId: 'u1', username: 'npp01', permissions: [], mustChangePassword: true };
      return answer(200, { accessToken: 'a', refreshToken: 'r', expiresIn: 900, user });
    });
  });

  afterEach(() => vi.unstubAllGlobals());

  it.each(['/orders?status=Pending', '/print/invoices/i1'])(
    'stands before %s while the password is somebody else’s',
    async (wanted) => {
      const harness = await start(true);
      await harness.navigateByUrl(wanted);
      const router = TestBed.inject(Router);
      expect(router.parseUrl(router.url).queryParams).toEqual({ next: wanted });
      expect(harness.routeNativeElement?.textContent).toContain('Mật khẩu này do quản trị đặt.');
    },
  );

  it('goes on to where the user wanted once the password is changed', async () => {
    const harness = await start(true);
    await harness.navigateByUrl('/today');
    const router = TestBed.inject(Router);
    const goOn = vi.spyOn(router, 'navigateByUrl').mockResolvedValue(true);
    const page = harness.routeNativeElement!;
    for (const [field, text] of Object.entries({
      current: 'Given@2026',
      fresh: 'MyOwn@2026',
      again: 'MyOwn@2026',
    })) {
      const input = page.querySelector<HTMLInputElement>(`[formControlName=${field}]`)!;
      input.value = text;
      input.dispatchEvent(new Event('input'));
    }
    page.querySelector<HTMLButtonElement>('button[type=submit]')!.click();
    await vi.waitFor(() => expect(goOn).toHaveBeenCalledWith('/today'));
    expect(sent).toEqual({ currentPassword: 'Given@2026', newPassword: 'MyOwn@2026' });
  });

  it('can be left again when nobody demands it', async () => {
    const harness = await start(false);
    await harness.navigateByUrl('/password');
    const text = harness.routeNativeElement?.textContent;
    expect(text).toContain('Huỷ');
    expect(text).not.toContain('Mật khẩu này do quản trị đặt.');
  });
});
