import { Injectable, inject } from '@angular/core';
import { ApiClient, Schema, body } from '@dms/shared';

/** Somebody on the live board: where (as far as live events tell), doing what, the day's figures. */
export type LivePerson = Omit<Schema<'LivePerson'>, 'position'> & {
  position?: Pick<
    Schema<'LivePosition'>,
    'latitude' | 'longitude' | 'accuracy' | 'battery' | 'at'
  > | null;
};
export type VisitRow = Schema<'Visit'>;

/** An outlet whose place is known. */
export interface Outlet {
  readonly name: string;
  readonly latitude: number;
  readonly longitude: number;
}

@Injectable({ providedIn: 'root' })
export class TodayApi {
  private readonly http = inject(ApiClient).http;

  async people(): Promise<LivePerson[]> {
    return (await body(this.http.GET('/api/v1/tracking/live'))).data;
  }

  async visits(date: string): Promise<VisitRow[]> {
    const query = { date, pageSize: 50 };
    return (await body(this.http.GET('/api/v1/visits', { params: { query } }))).data;
  }

  /** Outlets for the map: the first few hundred do, it is only background. */
  async outlets(): Promise<Outlet[]> {
    const pages = await Promise.all(
      [1, 2, 3].map((page) =>
        body(this.http.GET('/api/v1/customers', { params: { query: { page, pageSize: 100 } } })),
      ),
    );
    return pages.flatMap(({ data }) =>
      data.flatMap(({ name, latitude, longitude }) =>
        latitude != null && longitude != null ? [{ name, latitude, longitude }] : [],
      ),
    );
  }
}
