import type { Tone } from './data-table';

const ORDER_TONES: Readonly<Record<string, Tone>> = {
  Pending: 'warn',
  Approved: 'info',
  Invoiced: 'info',
  Issued: 'good',
  Rejected: 'bad',
  Cancelled: 'plain',
  Draft: 'plain',
};

export function orderTone(status: string): Tone {
  return ORDER_TONES[status] ?? 'plain';
}
