import { Injectable, inject } from '@angular/core';
import { ApiClient, Page } from '@dms/shared';

export interface CustomerBalance {
  customerId: string;
  customerCode: string;
  customerName: string;
  phone: string;
  /** đồng; negative is credit. */
  balance: number;
  overdue: number;
  overdueDays: number;
  /** None is without limit. */
  creditLimit?: number | null;
}

export interface BalanceList extends Page<CustomerBalance> {
  /** Sums over all customers of the list, not just those of the page. */
  readonly totals: { balance: number; overdue: number };
}

export interface LedgerEntry {
  entryId: string;
  kind: string;
  documentNumber: string;
  businessDate: string;
  dueDate?: string | null;
  amount: number;
  /** What of it is still open, signed like the amount. */
  openAmount: number;
  balanceAfter: number;
}

export interface Account {
  customer: CustomerBalance;
  /** Oldest due first; credits are negative. */
  openItems: LedgerEntry[];
  /** Newest first. */
  entries: LedgerEntry[];
}

export interface ReceiptMade {
  receiptId: string;
  number: string;
  receipt: {
    amount: number;
    allocations: { entryId: string; documentNumber: string; amount: number }[];
    unallocated: number;
  };
  balance: number;
}

export type PaymentMethod = 'cash' | 'transfer';

/** Allocations left out: the server pays the oldest due first. */
export interface ReceiptDraft {
  id: string;
  customerId: string;
  amount: number;
  method: PaymentMethod;
  note: string;
}

@Injectable({ providedIn: 'root' })
export class ReceivablesApi {
  private readonly api = inject(ApiClient);

  balances(filter: { search: string; page: number }): Promise<BalanceList> {
    return this.api.get('/api/v1/receivables/balances', { ...filter, pageSize: 50 });
  }

  account(customerId: string): Promise<Account> {
    return this.api.get(`/api/v1/receivables/customers/${customerId}`);
  }

  collect(receipt: ReceiptDraft): Promise<ReceiptMade> {
    return this.api.post('/api/v1/receivables/receipts', receipt);
  }
}
