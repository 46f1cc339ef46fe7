import { Injectable, inject } from '@angular/core';
import { ApiClient, AuthStore, problemText } from '@dms/shared';
import { injectT } from '../i18n/texts';
import { FieldDb, dbName } from './field-db';
import { HttpTransport } from './http-transport';
import { Outbox, webLock } from './outbox';

/**
 * The database and queue of the user this page was opened for. Changing the user reloads the page,
 * so everything below can rely on it staying the same.
 */
@Injectable({ providedIn: 'root' })
export class FieldStore {
  private readonly t = injectT();

  readonly user = requireUser(inject(AuthStore));
  /** The server, for this user alone: another window may change the session under this page. */
  readonly api = inject(ApiClient).as(this.user.userId);
  readonly db = new FieldDb(dbName(this.user.userId));
  readonly outbox = new Outbox(
    this.db,
    new HttpTransport(this.api.fetch, (problem) => problemText(problem, this.t)),
    webLock(`dms-outbox-${this.user.userId}`),
  );
}

function requireUser(auth: AuthStore) {
  const user = auth.user();
  if (!user) throw new Error('the store was opened without a session');
  return user;
}
