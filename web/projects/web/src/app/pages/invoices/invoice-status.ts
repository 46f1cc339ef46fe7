import { Translate } from '@dms/shared';
import { WebKey, webDict } from '../../core/dict';
import type { Tone } from '../../ui/data-table';

/** The name of an invoice status; an unknown one as it came. */
export function invoiceStatus(status: string, t: Translate<WebKey>): string {
  const key = `invoiceStatus.${status}`;
  return key in webDict.vi ? t(key as WebKey) : status;
}

const TONES: Readonly<Record<string, Tone>> = { Open: 'warn', Issued: 'good', Cancelled: 'plain' };

export function invoiceTone(status: string): Tone {
  return TONES[status] ?? 'info';
}
