import { Injectable, inject } from '@angular/core';
import { ApiClient, Page } from '@dms/shared';

/** Somebody on the live board: where, doing what, and the day's figures. */
export interface LivePerson {
  userId: string;
  fullName: string;
  unitName?: string | null;
  /** None when the phone never sent one. */
  position?: LivePosition | null;
  activity: 'offDuty' | 'working' | 'visiting';
  /** Since when, for those who clocked in or out today. */
  clockedAt?: string | null;
  openVisit?: LiveVisit | null;
  visitsToday: number;
  ordersToday: number;
  /** đồng; rejected and cancelled orders don't count. */
  salesToday: number;
}

export interface LivePosition {
  latitude: number;
  longitude: number;
  accuracy?: number | null;
  /** Percent. */
  battery?: number | null;
  at: string;
}

export interface LiveVisit {
  visitId: string;
  customerId: string;
  customerName: string;
  checkInTime: string;
}

export interface VisitRow {
  visitId: string;
  userId: string;
  fullName: string;
  customerName: string;
  checkInTime: string;
  checkOutTime?: string | null;
  visitResult?: string | null;
}

/** An outlet whose place is known. */
export interface Outlet {
  name: string;
  latitude: number;
  longitude: number;
}

@Injectable({ providedIn: 'root' })
export class TodayApi {
  private readonly api = inject(ApiClient);

  async people(): Promise<LivePerson[]> {
    return (await this.api.get<{ data: LivePerson[] }>('/api/v1/tracking/live')).data;
  }

  async visits(date: string): Promise<VisitRow[]> {
    const page = await this.api.get<Page<VisitRow>>('/api/v1/visits', {
      date,
      pageSize: 50,
    });
    return page.data;
  }

  /** Outlets for the map: the first few hundred do, it is only background. */
  async outlets(): Promise<Outlet[]> {
    const pages = await Promise.all(
      [1, 2, 3].map((page) =>
        this.api.get<Page<Partial<Outlet>>>('/api/v1/customers', { page, pageSize: 100 }),
      ),
    );
    return pages
      .flatMap((page) => page.data)
      .filter((row): row is Outlet => row.latitude != null && row.longitude != null);
  }
}
