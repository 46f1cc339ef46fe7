import { uuid7 } from '@dms/shared';

const STORAGE_KEY = 'dms.web.device';

/** An id this browser made for itself; the server records a login from a device it has not seen. */
export function deviceId(): string {
  const known = localStorage.getItem(STORAGE_KEY);
  if (known) return known;
  const fresh = `web-${uuid7()}`;
  localStorage.setItem(STORAGE_KEY, fresh);
  return fresh;
}
