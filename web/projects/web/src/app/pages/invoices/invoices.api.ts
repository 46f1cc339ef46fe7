import { Injectable, inject } from '@angular/core';
import { ApiClient, Page } from '@dms/shared';
import type { OrderLine } from '../orders/orders.api';

export interface InvoiceRow {
  invoiceId: string;
  invoiceNumber: string;
  status: string;
  customerId: string;
  customerCode: string;
  customerName: string;
  customerAddress: string;
  customerPhone: string;
  repId: string;
  repName: string;
  businessDate: string;
  totalAmount: number;
}

/** A goods issue made from an invoice, with the lots the goods came from. */
export interface GoodsIssue {
  issueId: string;
  issueNumber: string;
  businessDate: string;
  picks: Pick[];
}

export interface Pick {
  lineNo: number;
  productId: string;
  lotId: string;
  lotNumber: string;
  expiry?: string | null;
  pieces: number;
}

export interface InvoiceDetail extends InvoiceRow {
  distributorName: string;
  distributorAddress: string;
  distributorPhone: string;
  orderNumbers: string[];
  items: OrderLine[];
  subTotal: number;
  discountAmount: number;
  taxAmount: number;
  /** The total in Vietnamese words. */
  totalInWords: string;
  issue?: GoodsIssue | null;
}

export interface InvoiceFilter {
  search: string;
  status: string;
  from: string;
  to: string;
  page: number;
}

@Injectable({ providedIn: 'root' })
export class InvoicesApi {
  private readonly api = inject(ApiClient);

  list(filter: InvoiceFilter): Promise<Page<InvoiceRow>> {
    return this.api.get('/api/v1/invoices', { pageSize: 50, ...filter });
  }

  detail(id: string): Promise<InvoiceDetail> {
    return this.api.get(`/api/v1/invoices/${id}`);
  }

  /** One invoice from approved orders of one customer. */
  create(orderIds: readonly string[]): Promise<InvoiceDetail> {
    return this.api.post('/api/v1/invoices', { orderIds });
  }

  issue(id: string): Promise<InvoiceDetail> {
    return this.api.post(`/api/v1/invoices/${id}/issue`);
  }
}
