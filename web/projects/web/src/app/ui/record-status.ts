import { CommonKey, Translate, commonVi } from '@dms/shared';
import { WebKey, webDict } from '../core/dict';
import type { Tone } from './data-table';

const TONES: Readonly<Record<string, Tone>> = {
  active: 'good',
  pending: 'warn',
  inactive: 'plain',
  locked: 'bad',
};

/** The name of a master record's status; an unknown one as it came. */
export function recordStatus(status: string, t: Translate<WebKey>): string {
  const key = `status.${status.toLowerCase()}`;
  return key in webDict.vi ? t(key as WebKey) : status;
}

export function recordTone(status: string): Tone {
  return TONES[status.toLowerCase()] ?? 'plain';
}

/** The name of a role; an unknown one as it came. */
export function roleText(role: string, t: Translate<CommonKey>): string {
  const key = `role.${role}`;
  return key in commonVi ? t(key as CommonKey) : role;
}
