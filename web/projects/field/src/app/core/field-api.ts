import { Injectable, inject } from '@angular/core';
import { ApiClient, ApiProblem, type Page } from '@dms/shared';
import type {
  AttendanceToday,
  Customer,
  OrderAnswer,
  OrderSummary,
  Product,
  Quote,
  RouteToday,
  VisitSummary,
} from './api-types';
import type { OrderItemDraft } from './quote';

const PAGE_SIZE = 100;
/** Far beyond any rep's scope; a guard against a server that never says it is the last page. */
const MAX_PAGES = 100;

/** What the phone reads from the server. Writing goes through the outbox. */
@Injectable({ providedIn: 'root' })
export class FieldApi {
  private readonly api = inject(ApiClient);

  routeToday(day: string): Promise<RouteToday> {
    return this.get(`/api/v1/routes/today?date=${day}`);
  }

  async products(): Promise<Product[]> {
    type Row = Omit<Product, 'productId'> & { id: string };
    const rows = await this.all<Row>('/api/v1/products?status=active');
    return rows.map(({ id, ...product }) => ({ productId: id, ...product }));
  }

  async customers(): Promise<Customer[]> {
    type Row = Omit<Customer, 'customerId'> & { id: string };
    const rows = await this.all<Row>('/api/v1/customers?status=active');
    return rows.map(({ id, ...customer }) => ({ customerId: id, ...customer }));
  }

  attendanceToday(): Promise<AttendanceToday> {
    return this.get('/api/v1/attendance/today');
  }

  /** The visits of one person from a business day on. */
  visitsSince(day: string, userId: string): Promise<VisitSummary[]> {
    return this.all<VisitSummary>(`/api/v1/visits?from=${day}&userId=${userId}`);
  }

  /** The caller's orders of one business day. */
  ordersOn(day: string): Promise<OrderSummary[]> {
    return this.all<OrderSummary>(`/api/v1/orders?from=${day}&to=${day}`);
  }

  order(id: string): Promise<OrderAnswer> {
    return this.get(`/api/v1/orders/${encodeURIComponent(id)}`);
  }

  quote(
    order: { customerId: string; items: OrderItemDraft[] },
    signal: AbortSignal,
  ): Promise<Quote> {
    return this.json('/api/v1/pricing/quote', {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ orderType: 'PreSales', ...order }),
      signal,
    });
  }

  private get<T>(path: string): Promise<T> {
    return this.json(path, { signal: AbortSignal.timeout(30_000) });
  }

  /** Throws nothing but `ApiProblem`: no answer in time, or one that is not ours, is no answer. */
  private async json<T>(path: string, init: RequestInit): Promise<T> {
    try {
      return (await (await this.api.fetch(path, init)).json()) as T;
    } catch (error) {
      throw error instanceof ApiProblem ? error : ApiProblem.network(error);
    }
  }

  private async all<T>(path: string): Promise<T[]> {
    const rows: T[] = [];
    for (let page = 1; page <= MAX_PAGES; page++) {
      const answer = await this.get<Page<T>>(`${path}&page=${page}&pageSize=${PAGE_SIZE}`);
      rows.push(...answer.data);
      if (page >= answer.pagination.totalPages) break;
    }
    return rows;
  }
}
