import { DestroyRef, type Signal, effect, inject, signal } from '@angular/core';
import { liveQuery } from 'dexie';

/** A Dexie query as a signal: follows every write, also those of other tabs. */
export function live<T>(query: () => Promise<T>, initial: T): Signal<T> {
  const value = signal(initial);
  const subscription = liveQuery(query).subscribe({
    next: (result) => value.set(result),
    error: (error: unknown) => {
      throw error; // to the global handler: the storage of this phone is broken
    },
  });
  inject(DestroyRef).onDestroy(() => subscription.unsubscribe());
  return value.asReadonly();
}

/** As `live`, for a query about something that may change, such as an input of the component. */
export function liveFor<K, T>(key: () => K, query: (key: K) => Promise<T>, initial: T): Signal<T> {
  const value = signal(initial);
  effect((onCleanup) => {
    const current = key();
    const subscription = liveQuery(() => query(current)).subscribe({
      next: (result) => value.set(result),
      error: (error: unknown) => {
        throw error;
      },
    });
    onCleanup(() => subscription.unsubscribe());
  });
  return value.asReadonly();
}
