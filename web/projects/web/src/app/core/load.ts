import { Signal, effect, signal, untracked } from '@angular/core';
import { ApiProblem } from '@dms/shared';

/** What a screen shows of something it fetched. The old value stays while a new one is on its way. */
export interface Loaded<T> {
  readonly value: Signal<T | undefined>;
  readonly loading: Signal<boolean>;
  readonly error: Signal<ApiProblem | null>;
  /** Fetches again with the same parameters. */
  reload(): void;
  /** Changes what is shown, e.g. by a live event. */
  patch(change: (value: T) => T): void;
}

/**
 * Fetches whenever the parameters change (null = nothing to fetch). Only the answer to the newest
 * request counts. Call in an injection context.
 */
export function load<P, T>(params: () => P | null, fetcher: (params: P) => Promise<T>): Loaded<T> {
  const value = signal<T | undefined>(undefined);
  const loading = signal(false);
  const error = signal<ApiProblem | null>(null);
  const again = signal(0);
  let newest = 0;

  effect(() => {
    again();
    const wanted = params();
    untracked(() => void fetch(wanted));
  });

  async function fetch(wanted: P | null): Promise<void> {
    const mine = ++newest;
    if (wanted === null) {
      value.set(undefined);
      loading.set(false);
      error.set(null);
      return;
    }
    loading.set(true);
    try {
      const answer = await fetcher(wanted);
      if (mine !== newest) return;
      value.set(answer);
      error.set(null);
    } catch (failure) {
      if (mine !== newest) return;
      if (!(failure instanceof ApiProblem)) throw failure;
      error.set(failure);
    } finally {
      if (mine === newest) loading.set(false);
    }
  }

  return {
    value: value.asReadonly(),
    loading: loading.asReadonly(),
    error: error.asReadonly(),
    reload: () => again.update((n) => n + 1),
    patch: (change) => value.update((old) => (old === undefined ? old : change(old))),
  };
}
