import { Injectable, inject } from '@angular/core';
import { ApiClient, Schema, body } from '@dms/shared';

export type StockRow = Schema<'ProductStock'>;
export type StockLot = Schema<'WarehouseLot'>;

@Injectable({ providedIn: 'root' })
export class StockApi {
  private readonly http = inject(ApiClient).http;

  async warehouses() {
    return (await body(this.http.GET('/api/v1/warehouses'))).data;
  }

  stock(id: string, search: string, page: number) {
    return body(
      this.http.GET('/api/v1/warehouses/{id}/stock', {
        params: { path: { id }, query: { search, page, pageSize: 50 } },
      }),
    );
  }
}
