import type { LedgerEntry } from './receivables.api';

/** A document with something left open. */
export type OpenItem = Pick<
  LedgerEntry,
  'documentNumber' | 'businessDate' | 'dueDate' | 'openAmount'
>;

export interface Allocation {
  readonly documentNumber: string;
  readonly amount: number;
}

/**
 * What a payment will cover: oldest due first; what is left over stays as credit. Open credits
 * (negative) are no debt and stay as they are.
 */
export function allocateOldestFirst(
  open: readonly OpenItem[],
  amount: number,
): { readonly allocations: readonly Allocation[]; readonly rest: number } {
  const due = (entry: OpenItem) => entry.dueDate ?? entry.businessDate;
  const allocations: Allocation[] = [];
  let rest = amount;
  for (const entry of [...open].sort((a, b) => due(a).localeCompare(due(b)))) {
    const part = Math.min(rest, entry.openAmount);
    if (part <= 0) continue;
    allocations.push({ documentNumber: entry.documentNumber, amount: part });
    rest -= part;
  }
  return { allocations, rest };
}

/** Reads an amount as people type it (`1.234.567`, `1 234 567 ₫`); null unless a positive whole number. */
export function parseAmount(text: string): number | null {
  const digits = text.replace(/[\s\u00a0.,₫đ]/g, '');
  if (!/^\d{1,15}$/.test(digits)) return null;
  const amount = Number(digits);
  return amount > 0 ? amount : null;
}
