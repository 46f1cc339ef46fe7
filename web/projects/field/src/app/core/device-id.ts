import { uuid7 } from '@dms/shared';

const KEY = 'dms.field.device';

/**
 * The id of this phone's browser profile: made once, kept through logins of anybody. By `field-` the
 * server knows the phone app, whose sessions do not end for idleness.
 */
export function deviceId(): string {
  const known = localStorage.getItem(KEY);
  if (known) return known;
  const made = `field-${uuid7()}`;
  localStorage.setItem(KEY, made);
  return made;
}
