import { Injectable, inject } from '@angular/core';
import { ApiProblem, allRows, body } from '@dms/shared';
import type {
  ClockSummary,
  Customer,
  OrderAnswer,
  OrderSummary,
  Product,
  Quote,
  RouteToday,
  VisitSummary,
} from './api-types';
import { FieldStore } from './field-store';
import type { OrderItemDraft } from './quote';

const PAGE = { pageSize: 100 };

/** What the phone reads from the server. Writing goes through the outbox. */
@Injectable({ providedIn: 'root' })
export class FieldApi {
  private readonly http = inject(FieldStore).api.http;

  routeToday(date: string): Promise<RouteToday> {
    return answer(
      body(this.http.GET('/api/v1/routes/today', { params: { query: { date } }, ...limit() })),
    );
  }

  async products(): Promise<Product[]> {
    const rows = await answer(
      allRows((page) => {
        const query = { status: 'active' as const, page, ...PAGE };
        return this.http.GET('/api/v1/products', { params: { query }, ...limit() });
      }),
    );
    return rows.map(({ id, ...product }) => ({ productId: id, ...product }));
  }

  async customers(): Promise<Customer[]> {
    const rows = await answer(
      allRows((page) => {
        const query = { status: 'active' as const, page, ...PAGE };
        return this.http.GET('/api/v1/customers', { params: { query }, ...limit() });
      }),
    );
    return rows.map(({ id, ...customer }) => ({ customerId: id, ...customer }));
  }

  /** The caller's clock events of today. */
  async clocksToday(): Promise<ClockSummary[]> {
    return (await answer(body(this.http.GET('/api/v1/attendance/today', limit())))).events;
  }

  /** The visits of one person, from a business day on or those that go on. */
  visits(userId: string, filter: { from: string } | { open: true }): Promise<VisitSummary[]> {
    return answer(
      allRows((page) => {
        const query = { ...filter, userId, page, ...PAGE };
        return this.http.GET('/api/v1/visits', { params: { query }, ...limit() });
      }),
    );
  }

  /** The orders one person took on a business day. */
  ordersOn(day: string, repId: string): Promise<OrderSummary[]> {
    return answer(
      allRows((page) => {
        const query = { from: day, to: day, repId, page, ...PAGE };
        return this.http.GET('/api/v1/orders', { params: { query }, ...limit() });
      }),
    );
  }

  order(id: string): Promise<OrderAnswer> {
    return answer(
      body(this.http.GET('/api/v1/orders/{id}', { params: { path: { id } }, ...limit() })),
    );
  }

  quote(
    order: { customerId: string; items: OrderItemDraft[] },
    signal: AbortSignal,
  ): Promise<Quote> {
    return answer(
      body(
        this.http.POST('/api/v1/pricing/quote', {
          body: { orderType: 'PreSales', ...order },
          signal,
        }),
      ),
    );
  }
}

const limit = () => ({ signal: AbortSignal.timeout(30_000) });

/** Throws nothing but `ApiProblem`: no answer in time, or one that is not ours, is no answer. */
async function answer<T>(value: Promise<T>): Promise<T> {
  try {
    return await value;
  } catch (error) {
    throw error instanceof ApiProblem ? error : ApiProblem.network(error);
  }
}
