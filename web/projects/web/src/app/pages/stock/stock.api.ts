import { Injectable, inject } from '@angular/core';
import { ApiClient, Page } from '@dms/shared';

export interface Warehouse {
  warehouseId: string;
  code: string;
  name: string;
  kind: string;
}

/** One product of a warehouse; quantities in retail units. */
export interface StockRow {
  productId: string;
  productCode: string;
  productName: string;
  unitName: string;
  subUnitName: string;
  conversionRate: number;
  onHand: number;
  reserved: number;
  available: number;
  lowStock: boolean;
  lots: StockLot[];
}

export interface StockLot {
  lotId: string;
  lotNumber: string;
  expiry?: string | null;
  onHand: number;
}

@Injectable({ providedIn: 'root' })
export class StockApi {
  private readonly api = inject(ApiClient);

  async warehouses(): Promise<Warehouse[]> {
    return (await this.api.get<{ data: Warehouse[] }>('/api/v1/warehouses')).data;
  }

  stock(warehouseId: string, search: string, page: number): Promise<Page<StockRow>> {
    return this.api.get(`/api/v1/warehouses/${warehouseId}/stock`, { search, page, pageSize: 50 });
  }
}
