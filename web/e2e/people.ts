import { type APIRequestContext, type Browser, type Page, devices, expect } from '@playwright/test';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';

const PASSWORD = 'Diligo@2026';
const SCREENSHOTS = join(__dirname, '../screenshots');

/** The page as it is now, for people to look at. */
export async function picture(page: Page, name: string): Promise<void> {
  mkdirSync(SCREENSHOTS, { recursive: true });
  await page.screenshot({ path: join(SCREENSHOTS, `${name}.png`) });
}

const open: Page[] = [];

/** What everybody saw when a test failed. */
export async function picturesOfFailure(): Promise<void> {
  for (const [i, page] of open.entries()) {
    if (!page.isClosed()) await picture(page, `failed-${i}`);
  }
}

/** Somebody at the back office. */
export async function atTheDesk(browser: Browser, baseURL: string, username: string): Promise<Page> {
  const context = await browser.newContext({ baseURL, viewport: { width: 1366, height: 768 }, locale: 'vi-VN', timezoneId: 'Asia/Ho_Chi_Minh' });
  const page = await context.newPage();
  open.push(page);
  failOnErrors(page);
  await page.goto('/');
  await page.getByLabel('Tên đăng nhập').fill(username);
  await page.getByLabel('Mật khẩu').fill(PASSWORD);
  await page.getByRole('button', { name: 'Đăng nhập' }).click();
  await expect(page.getByText('Đang nhận trực tiếp')).toBeVisible();
  return page;
}

/** Somebody with a phone, standing somewhere. */
export async function onThePhone(browser: Browser, baseURL: string, username: string, place: { latitude: number; longitude: number }): Promise<Page> {
  const context = await browser.newContext({
    ...devices['Galaxy S9+'],
    baseURL,
    locale: 'vi-VN',
    timezoneId: 'Asia/Ho_Chi_Minh',
    permissions: ['geolocation'],
    geolocation: { ...place, accuracy: 8 },
  });
  const page = await context.newPage();
  open.push(page);
  failOnErrors(page);
  await page.goto('/field/');
  await page.getByLabel('Tên đăng nhập').fill(username);
  await page.getByLabel('Mật khẩu', { exact: true }).fill(PASSWORD);
  await page.getByRole('button', { name: 'Đăng nhập' }).click();
  await expect(page.getByRole('navigation').getByText('Hôm nay')).toBeVisible();
  return page;
}

/** A script that fails unseen would make the day pass by luck. */
function failOnErrors(page: Page): void {
  page.on('pageerror', (error) => {
    throw error;
  });
}

/** The API as a user, to know what the screens should show. */
export async function api(request: APIRequestContext, username: string) {
  const login = await request.post('/api/v1/auth/login', { data: { username, password: PASSWORD } });
  expect(login.ok()).toBeTruthy();
  const { accessToken } = (await login.json()) as { accessToken: string };
  return async <T>(path: string): Promise<T> => {
    const answer = await request.get(`/api/v1${path}`, { headers: { authorization: `Bearer ${accessToken}` } });
    expect(answer.ok(), `${path}: ${answer.status()}`).toBeTruthy();
    return (await answer.json()) as T;
  };
}

/** A photo such as a phone takes: a real JPEG, made by the browser itself. */
export async function photo(page: Page): Promise<Buffer> {
  const base64 = await page.evaluate(async () => {
    const canvas = new OffscreenCanvas(1600, 1200);
    const pen = canvas.getContext('2d')!;
    for (let i = 0; i < 60; i++) {
      pen.fillStyle = `hsl(${i * 6} 70% 50%)`;
      pen.fillRect((i % 10) * 160, Math.floor(i / 10) * 200, 150, 190);
    }
    const blob = await canvas.convertToBlob({ type: 'image/jpeg', quality: 0.9 });
    const bytes = new Uint8Array(await blob.arrayBuffer());
    return btoa(Array.from(bytes, (b) => String.fromCharCode(b)).join(''));
  });
  return Buffer.from(base64, 'base64');
}
