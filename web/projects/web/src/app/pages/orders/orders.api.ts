import { Injectable, inject } from '@angular/core';
import { ApiClient, Page } from '@dms/shared';

export interface OrderRow {
  orderId: string;
  orderNumber: string;
  status: string;
  orderType: string;
  customerId: string;
  customerCode: string;
  customerName: string;
  repId: string;
  repName: string;
  orderedAt: string;
  businessDate: string;
  totalAmount: number;
  notes: string;
  reason: string;
  version: number;
}

export interface OrderLine {
  lineNo: number;
  productId: string;
  productCode: string;
  productName: string;
  quantity: number;
  unit: 'whole' | 'retail';
  unitName: string;
  pieces: number;
  unitPrice: number;
  gross: number;
  discountAmount: number;
  vat: number;
  taxAmount: number;
  lineTotal: number;
  isFree: boolean;
  promotionId?: string | null;
  promotionName?: string | null;
}

export interface OrderStep {
  at: string;
  actorName?: string | null;
  fromStatus?: string | null;
  toStatus: string;
  note: string;
}

export interface OrderDetail extends OrderRow {
  items: OrderLine[];
  subTotal: number;
  discountAmount: number;
  taxAmount: number;
  history: OrderStep[];
}

export interface OrderFilter {
  search: string;
  status: string;
  from: string;
  to: string;
  repId: string;
  customerId: string;
  page: number;
}

/** What came of one order of a bulk approval. */
export interface BulkResult {
  orderId: string;
  status?: string | null;
  code?: string | null;
  message?: string | null;
}

@Injectable({ providedIn: 'root' })
export class OrdersApi {
  private readonly api = inject(ApiClient);

  list(filter: Partial<OrderFilter>): Promise<Page<OrderRow>> {
    return this.api.get('/api/v1/orders', { pageSize: 50, ...filter });
  }

  detail(id: string): Promise<OrderDetail> {
    return this.api.get(`/api/v1/orders/${id}`);
  }

  approve(id: string, overrideCredit: boolean): Promise<OrderDetail> {
    return this.api.post(`/api/v1/orders/${id}/approve`, { overrideCredit });
  }

  reject(id: string, reason: string): Promise<OrderDetail> {
    return this.api.post(`/api/v1/orders/${id}/reject`, { reason });
  }

  bulkApprove(orderIds: readonly string[]): Promise<{ results: BulkResult[] }> {
    return this.api.post('/api/v1/orders/bulk-approve', { orderIds });
  }
}
