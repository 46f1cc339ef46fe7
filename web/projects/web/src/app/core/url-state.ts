import { Signal, computed, inject } from '@angular/core';
import { toSignal } from '@angular/core/rxjs-interop';
import { ActivatedRoute, Router } from '@angular/router';

/** Filters of a screen kept in the query string, so that a link or a reload shows the same. */
export interface UrlState {
  get(name: string): string;
  page: Signal<number>;
  /** Empty or null removes a parameter; any other filter than `page` goes back to page 1. */
  set(changes: Readonly<Record<string, string | number | null>>): void;
}

export function injectUrlState(): UrlState {
  const route = inject(ActivatedRoute);
  const router = inject(Router);
  const params = toSignal(route.queryParamMap, { initialValue: route.snapshot.queryParamMap });
  return {
    get: (name) => params().get(name) ?? '',
    page: computed(() => Math.max(1, Number(params().get('page')) || 1)),
    set: (changes) =>
      void router.navigate([], {
        relativeTo: route,
        queryParams: Object.fromEntries(
          Object.entries({ page: null, ...changes }).map(([name, value]) => [name, value || null]),
        ),
        queryParamsHandling: 'merge',
        replaceUrl: true,
      }),
  };
}
