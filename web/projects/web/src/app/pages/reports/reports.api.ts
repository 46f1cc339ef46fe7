import { Injectable, inject } from '@angular/core';
import { ApiClient, ListQuery, Schema, body, download } from '@dms/shared';

/** One row of "Báo cáo bán hàng theo nhân viên". */
export type SalesRow = Schema<'SalesByRepRow'>;
export type SalesSums = Schema<'SalesByRepSum'>;
type Filter = ListQuery<'/api/v1/reports/sales-by-rep'>;

@Injectable({ providedIn: 'root' })
export class ReportsApi {
  private readonly http = inject(ApiClient).http;

  salesByRep(query: Filter) {
    return body(this.http.GET('/api/v1/reports/sales-by-rep', { params: { query } }));
  }

  salesByRepExcel(filter: Filter) {
    return download(
      this.http.GET('/api/v1/reports/sales-by-rep', {
        params: { query: { ...filter, format: 'xlsx' } },
        parseAs: 'blob',
      }),
    );
  }
}
