import { Injectable, inject } from '@angular/core';
import { ApiClient, Schema, body } from '@dms/shared';

export type CustomerBalance = Schema<'CustomerBalance'>;
export type LedgerEntry = Schema<'ReceivableEntry'>;
export type ReceiptMade = Schema<'MoneyReceiptMade'>;
export type PaymentMethod = Schema<'ReceiptMethod'>;

@Injectable({ providedIn: 'root' })
export class ReceivablesApi {
  private readonly http = inject(ApiClient).http;

  balances(filter: { search: string; page: number }) {
    const query = { ...filter, pageSize: 50 };
    return body(this.http.GET('/api/v1/receivables/balances', { params: { query } }));
  }

  account(customerId: string) {
    return body(
      this.http.GET('/api/v1/receivables/customers/{customerId}', {
        params: { path: { customerId } },
      }),
    );
  }

  /** Without allocations the server pays the oldest due first. */
  collect(receipt: Schema<'CreateMoneyReceipt'>) {
    return body(this.http.POST('/api/v1/receivables/receipts', { body: receipt }));
  }
}
