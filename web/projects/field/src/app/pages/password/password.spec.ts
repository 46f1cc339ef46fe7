import { TestBed } from '@angular/core/testing';
import { Router, provideRouter, withComponentInputBinding } from '@angular/router';
import { RouterTestingHarness } from '@angular/router/testing';
import { AuthStore, SESSION_OPTIONS } from '@dms/shared';
import { routes } from '../../app.routes';

const KEY = 'dms.test';

const start = (mustChangePassword: boolean) => {
  const user = { userId: 'u1', username: 'nvbh01', permissions: [], mustChangePassword };
  localStorage.setItem(KEY, JSON.stringify({ refreshToken: 'refresh', user }));
  TestBed.configureTestingModule({
    providers: [
      provideRouter(routes, withComponentInputBinding()),
      { provide: SESSION_OPTIONS, useValue: { storageKey: KEY, idleMinutes: null } },
    ],
  });
  return RouterTestingHarness.create();
};

describe('the screen to change the password', () => {
  beforeEach(() => {
    localStorage.clear();
    vi.stubGlobal('fetch', async () => new Response(null, { status: 204 }));
  });

  afterEach(() => vi.unstubAllGlobals());

  it('stands before the app while the password is somebody else’s', async () => {
    const harness = await start(true);
    await harness.navigateByUrl('/orders');
    const { url } = TestBed.inject(Router);
    expect(url).toBe('/password?to=%2Forders');
    const text = harness.routeNativeElement?.textContent;
    expect(text).toContain('Mật khẩu này do quản trị đặt.');
    expect(text).toContain('Đăng xuất');
  });

  it('leads to the login when the session ends meanwhile', async () => {
    const harness = await start(true);
    await harness.navigateByUrl('/orders');
    await TestBed.inject(AuthStore).logout('expired');
    harness.detectChanges();
    await vi.waitFor(() => expect(TestBed.inject(Router).url).toBe('/login?to=%2Forders'));
  });

  it('can be left again when nobody demands it', async () => {
    const harness = await start(false);
    await harness.navigateByUrl('/password');
    const text = harness.routeNativeElement?.textContent;
    expect(text).toContain('Huỷ');
    expect(text).not.toContain('Mật khẩu này do quản trị đặt.');
  });
});
