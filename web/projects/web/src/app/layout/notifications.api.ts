import { Injectable, inject } from '@angular/core';
import { ApiClient, Schema, body } from '@dms/shared';

export type Notification = Schema<'Notification'>;

/** What the signed-in person was told. */
@Injectable({ providedIn: 'root' })
export class NotificationsApi {
  private readonly http = inject(ApiClient).http;

  latest(limit: number) {
    return body(this.http.GET('/api/v1/notifications', { params: { query: { limit } } }));
  }

  read(id: string) {
    return body(this.http.POST('/api/v1/notifications/{id}/read', { params: { path: { id } } }));
  }

  /** All up to this one: what came since stays unread. */
  readAll(upTo: string) {
    return body(this.http.POST('/api/v1/notifications/read-all', { body: { upTo } }));
  }
}
