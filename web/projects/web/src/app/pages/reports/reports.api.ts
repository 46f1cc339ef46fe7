import { Injectable, inject } from '@angular/core';
import { ApiClient, withQuery } from '@dms/shared';

/** One row of "Báo cáo bán hàng theo nhân viên". */
export interface SalesRow {
  unitName: string;
  userId: string;
  userName: string;
  productCode: string;
  productName: string;
  unit: string;
  orderCount: number;
  quantity: number;
  unitPrice: number;
  isFree: boolean;
  vat: number;
  gross: number;
  productDiscount: number;
  orderDiscount: number;
  netRevenue: number;
  revenue: number;
}

export interface SalesSums {
  orderCount: number;
  quantity: number;
  vat: number;
  gross: number;
  productDiscount: number;
  orderDiscount: number;
  netRevenue: number;
  revenue: number;
}

export interface SalesByRepAnswer {
  rows: SalesRow[];
  subtotals: (SalesSums & { userId: string; userName: string })[];
  total: SalesSums;
}

export interface ReportFilter {
  from: string;
  to: string;
  userId: string;
}

@Injectable({ providedIn: 'root' })
export class ReportsApi {
  private readonly api = inject(ApiClient);

  salesByRep(filter: ReportFilter): Promise<SalesByRepAnswer> {
    return this.api.get('/api/v1/reports/sales-by-rep', { ...filter });
  }

  excel(name: string, filter: ReportFilter): Promise<{ blob: Blob; filename: string }> {
    return this.api.download(withQuery(`/api/v1/reports/${name}`, { ...filter, format: 'xlsx' }));
  }
}
