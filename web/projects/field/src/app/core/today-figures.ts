import { Injectable, computed, inject } from '@angular/core';
import type { OrderStatus } from './api-types';
import { BusinessDay } from './business-day';
import { Day } from './day';
import type { LocalOrder } from './field-db';
import { FieldStore } from './field-store';
import { liveFor } from './live';
import { OrderNews } from './order-news';
import type { OutboxState } from './outbox-item';

/** An order of today, from this phone, from the server, or both. */
export interface TodayOrder {
  orderId: string;
  /** Outbox item when it was taken on this phone. */
  itemId: string | null;
  customerId: string;
  customerName: string;
  visitId: string | null;
  orderedAt: number;
  /** Null until the server has it. */
  orderNumber: string | null;
  status: OrderStatus | null;
  total: number;
  /** False while `total` is only the phone's estimate. */
  final: boolean;
}

interface MyOrder {
  order: LocalOrder;
  state: OutboxState;
  answer: { orderNumber: string; status: OrderStatus; totalAmount: number } | null;
}

const NONE: MyOrder[] = [];
const UNSOLD: readonly (OrderStatus | null)[] = ['Rejected', 'Cancelled'];

/** Today's orders and sums, complete at once on this phone and corrected by the server. */
@Injectable({ providedIn: 'root' })
export class TodayFigures {
  private readonly db = inject(FieldStore).db;
  private readonly news = inject(OrderNews);
  private readonly day = inject(Day);

  private readonly mine = liveFor(inject(BusinessDay).today, (day) => this.read(day), NONE);

  readonly orders = computed((): TodayOrder[] => {
    const byServer = this.news.byId();
    const rows = this.mine()
      .filter(({ state }) => state !== 'discarded')
      .map(({ order, answer }): TodayOrder => {
        const server = byServer.get(order.id);
        return {
          orderId: order.id,
          itemId: order.itemId,
          customerId: order.customerId,
          customerName: order.customerName,
          visitId: order.visitId,
          orderedAt: order.orderedAt,
          orderNumber: server?.orderNumber ?? answer?.orderNumber ?? null,
          status: server?.status ?? answer?.status ?? null,
          total: server?.totalAmount ?? answer?.totalAmount ?? order.shownTotal,
          final: !!(server ?? answer ?? order.quote),
        };
      });
    const known = new Set(rows.map((row) => row.orderId));
    for (const order of byServer.values()) {
      if (known.has(order.orderId)) continue;
      rows.push({
        ...order,
        itemId: null,
        visitId: order.visitId ?? null,
        orderedAt: Date.parse(order.orderedAt),
        total: order.totalAmount,
        final: true,
      });
    }
    return rows.sort((a, b) => b.orderedAt - a.orderedAt);
  });

  readonly value = computed(() => {
    const sold = this.orders().filter((order) => !UNSOLD.includes(order.status));
    return {
      visits: this.day.visits().filter((visit) => visit.checkedOutAt !== null).length,
      orders: sold.length,
      amount: sold.reduce((sum, order) => sum + order.total, 0),
    };
  });

  private async read(today: string): Promise<MyOrder[]> {
    const orders = await this.db.orders.where('day').equals(today).toArray();
    const items = await this.db.outbox.bulkGet(orders.map((order) => order.itemId));
    return orders.map((order, i) => ({
      order,
      state: items[i]?.state ?? 'sent',
      answer: (items[i]?.result as MyOrder['answer'] | undefined) ?? null,
    }));
  }
}
