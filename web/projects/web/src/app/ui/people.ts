import { Injectable, inject } from '@angular/core';
import { ApiClient, Page } from '@dms/shared';

/** A user as lists and filters name one. */
export interface Person {
  userId: string;
  username: string;
  fullName: string;
}

@Injectable({ providedIn: 'root' })
export class PeopleApi {
  private readonly api = inject(ApiClient);

  /** The reps the caller may see. */
  async reps(): Promise<Person[]> {
    const page = await this.api.get<Page<Person>>('/api/v1/users', {
      role: 'sales_rep',
      pageSize: 100,
    });
    return page.data;
  }
}
