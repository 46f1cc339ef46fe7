import { type Fix, searchKey } from '@dms/shared';
import type { RouteCustomer } from './api-types';
import { distanceTo } from './day';
import type { LocalVisit } from './field-db';

export type RouteState = 'planned' | 'open' | 'visited';

/** An outlet of today's route as the rep sees it now. */
export interface RouteStop extends RouteCustomer {
  state: RouteState;
  /** Metres from here, null without a position on either side. */
  distance: number | null;
  key: string;
}

/**
 * The route in visiting order. What this phone did counts at once, whatever the server has heard;
 * what the server knows from elsewhere counts too.
 */
export function routeStops(
  customers: readonly RouteCustomer[],
  visits: readonly LocalVisit[],
  fix: Fix | null,
): RouteStop[] {
  const mine = new Map<string, RouteState>();
  for (const visit of visits) {
    mine.set(visit.customerId, visit.checkedOutAt === null ? 'open' : 'visited');
  }
  return customers
    .map((customer) => ({
      ...customer,
      state: mine.get(customer.customerId) ?? stateOf(customer),
      distance: fix ? distanceTo(customer, fix) : null,
      key: searchKey(`${customer.name} ${customer.customerCode} ${customer.address}`),
    }))
    .sort((a, b) => a.visitOrder - b.visitOrder);
}

function stateOf(customer: RouteCustomer): RouteState {
  if (customer.visitState === 'visited') return 'visited';
  return customer.visitState === 'inProgress' ? 'open' : 'planned';
}

/** True when every word of the query is in the key, diacritics and case ignored. */
export function found(key: string, query: string): boolean {
  return searchKey(query)
    .split(' ')
    .every((word) => key.includes(word));
}
