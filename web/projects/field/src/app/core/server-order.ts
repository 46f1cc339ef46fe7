import { effect, inject, signal } from '@angular/core';
import { ApiProblem } from '@dms/shared';
import type { OrderAnswer } from './api-types';
import { FieldApi } from './field-api';

/** An order read from the server when the phone has none of its own; for the life of a component. */
export class ServerOrder {
  private readonly api = inject(FieldApi);
  private readonly value = signal<OrderAnswer | null>(null);
  private readonly busy = signal(false);
  readonly order = this.value.asReadonly();
  readonly asking = this.busy.asReadonly();

  /** `wanted` answers the id to read, or null for none. */
  constructor(wanted: () => string | null) {
    effect((onCleanup) => {
      const id = wanted();
      this.value.set(null);
      if (!id) return;
      let current = true;
      onCleanup(() => (current = false));
      this.busy.set(true);
      this.api
        .order(id)
        .then((order) => current && this.value.set(order))
        .catch((error: unknown) => {
          if (!(error instanceof ApiProblem)) throw error; // unknown or out of reach: the screen says so
        })
        .finally(() => current && this.busy.set(false));
    });
  }
}
