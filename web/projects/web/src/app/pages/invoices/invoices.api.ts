import { Injectable, inject } from '@angular/core';
import { ApiClient, ListQuery, Schema, body } from '@dms/shared';

export type InvoiceRow = Schema<'InvoiceHead'>;

@Injectable({ providedIn: 'root' })
export class InvoicesApi {
  private readonly http = inject(ApiClient).http;

  list(filter: ListQuery<'/api/v1/invoices'>) {
    const query = { pageSize: 50, ...filter };
    return body(this.http.GET('/api/v1/invoices', { params: { query } }));
  }

  detail(id: string) {
    return body(this.http.GET('/api/v1/invoices/{id}', { params: { path: { id } } }));
  }

  /** One invoice from approved orders of one customer. */
  create(orderIds: string[]) {
    return body(this.http.POST('/api/v1/invoices', { body: { orderIds } }));
  }

  issue(id: string) {
    return body(
      this.http.POST('/api/v1/invoices/{id}/issue', { params: { path: { id } }, body: {} }),
    );
  }
}
