import { Injectable, inject } from '@angular/core';
import { ApiClient, Schema, allRows } from '@dms/shared';

@Injectable({ providedIn: 'root' })
export class PeopleApi {
  private readonly http = inject(ApiClient).http;

  /** The reps the caller may see. */
  reps(): Promise<Schema<'UserView'>[]> {
    return allRows((page) =>
      this.http.GET('/api/v1/users', {
        params: { query: { role: 'sales_rep', page, pageSize: 100 } },
      }),
    );
  }
}
