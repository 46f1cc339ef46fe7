import { Injectable, inject } from '@angular/core';
import { ApiClient, ListQuery, Schema, body } from '@dms/shared';

export type OrderRow = Schema<'OrderHead'>;

@Injectable({ providedIn: 'root' })
export class OrdersApi {
  private readonly http = inject(ApiClient).http;

  list(filter: ListQuery<'/api/v1/orders'>) {
    const query = { pageSize: 50, ...filter };
    return body(this.http.GET('/api/v1/orders', { params: { query } }));
  }

  detail(id: string) {
    return body(this.http.GET('/api/v1/orders/{id}', { params: { path: { id } } }));
  }

  approve(id: string, overrideCredit: boolean) {
    return body(
      this.http.POST('/api/v1/orders/{id}/approve', {
        params: { path: { id } },
        body: { overrideCredit, acceptDifferences: false, onShortage: null },
      }),
    );
  }

  reject(id: string, reason: string) {
    return body(
      this.http.POST('/api/v1/orders/{id}/reject', { params: { path: { id } }, body: { reason } }),
    );
  }

  bulkApprove(orderIds: string[]) {
    return body(this.http.POST('/api/v1/orders/bulk-approve', { body: { orderIds } }));
  }
}
