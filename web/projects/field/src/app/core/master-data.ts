import { Injectable, computed, effect, inject, signal, untracked } from '@angular/core';
import { ApiProblem, format, searchKey } from '@dms/shared';
import type { Customer, Product, RouteToday } from './api-types';
import { FieldApi } from './field-api';
import type { Downloaded } from './field-db';
import { FieldStore } from './field-store';
import { restoreDay } from './restore';
import { Sync } from './sync';

/** Products and customers change a few times a day; the route's states with every visit. */
const FRESH_MS = 10 * 60_000;
/** Plans of coming days hardly change; they are for a morning that begins without network. */
const AHEAD_FRESH_MS = 60 * 60_000;
const DAYS_AHEAD = 3;

/** A product with the text a search looks in. */
export type SearchableProduct = Product & { readonly key: string };
export type SearchableCustomer = Customer & { readonly key: string };

/** What the server last said about routes, products and customers; kept on the phone. */
@Injectable({ providedIn: 'root' })
export class MasterData {
  private readonly api = inject(FieldApi);
  private readonly store = inject(FieldStore);
  private readonly db = this.store.db;
  private readonly sync = inject(Sync);

  private readonly routeState = signal<Downloaded<RouteToday> | null>(null);
  private readonly productState = signal<Downloaded<SearchableProduct[]> | null>(null);
  private readonly customerState = signal<Downloaded<SearchableCustomer[]> | null>(null);
  private readonly busy = signal(false);
  private readonly failure = signal<ApiProblem | null>(null);
  private readonly ready = signal(false);
  private dayAt: number | null = null;
  private aheadAt: number | null = null;
  private again = false;

  /** True once the phone's own copy has been read. */
  readonly loaded = this.ready.asReadonly();
  readonly refreshing = this.busy.asReadonly();
  /** Why the last refresh failed, null when it went well. */
  readonly problem = this.failure.asReadonly();

  readonly route = computed(() => this.routeState()?.value ?? null);
  readonly routeAt = computed(() => this.routeState()?.fetchedAt ?? null);
  readonly products = computed(() => this.productState()?.value ?? []);
  readonly productsAt = computed(() => this.productState()?.fetchedAt ?? null);
  readonly customers = computed(() => this.customerState()?.value ?? []);
  readonly customersAt = computed(() => this.customerState()?.fetchedAt ?? null);
  readonly productById = computed(
    () => new Map(this.products().map((product) => [product.productId, product])),
  );

  constructor() {
    void this.load().then(() => this.refresh());
    effect(() => {
      if (this.sync.accepted() > 0) untracked(() => void this.refresh());
    });
    addEventListener('online', () => void this.refresh());
    document.addEventListener('visibilitychange', () => {
      if (document.visibilityState === 'visible') void this.refresh();
    });
  }

  /** The outlet, from today's route or from the rep's other outlets. */
  customer(id: string): Customer | null {
    const known = this.customers().find((customer) => customer.customerId === id);
    return known ?? this.route()?.customers.find((customer) => customer.customerId === id) ?? null;
  }

  /** Fetches the route, and the rest where it is old or `all` is asked for. */
  async refresh(all = false): Promise<void> {
    await this.loadRoute();
    if (!navigator.onLine) return;
    if (this.busy()) {
      this.again = true;
      return;
    }
    this.busy.set(true);
    try {
      do {
        this.again = false;
        await this.fetchRoute();
        if (all || this.old(this.dayAt)) await this.fetchDay();
        if (all || this.old(this.productsAt())) await this.fetchProducts();
        if (all || this.old(this.customersAt())) await this.fetchCustomers();
        if (all || this.old(this.aheadAt, AHEAD_FRESH_MS)) await this.fetchAhead();
      } while (this.again);
      this.failure.set(null);
    } catch (error) {
      if (!(error instanceof ApiProblem)) throw error;
      // What is on the phone stays; the screens say how old it is.
      this.failure.set(error);
    } finally {
      this.busy.set(false);
    }
  }

  private old(fetchedAt: number | null, freshMs = FRESH_MS): boolean {
    return fetchedAt === null || Date.now() - fetchedAt > freshMs;
  }

  private async load(): Promise<void> {
    const at = async (key: string) => (await this.db.downloads.get(key)) ?? null;
    await this.loadRoute();
    const [products, customers] = await Promise.all([at('products'), at('customers')]);
    if (products) {
      const rows = await this.db.products.toArray();
      this.productState.set({ ...products, value: rows.map(searchableProduct) });
    }
    if (customers) {
      const rows = await this.db.customers.toArray();
      this.customerState.set({ ...customers, value: rows.map(searchableCustomer) });
    }
    this.ready.set(true);
  }

  private async fetchDay(): Promise<void> {
    const day = format.businessDate();
    const clocks = await this.api.clocksToday();
    const { userId } = this.store.user;
    const recent = await this.api.visits(userId, { from: format.addDays(day, -1) });
    // A visit left open, however long ago, still has to be ended before another can begin.
    const open = await this.api.visits(userId, { open: true });
    await restoreDay(this.db, clocks, [...recent, ...open]);
    this.dayAt = Date.now();
  }

  /** Shows what the phone has of today's route, also when a day has begun since it was opened. */
  private async loadRoute(): Promise<void> {
    const key = routeKey(format.businessDate());
    if (this.routeState()?.key === key) return;
    const kept = (await this.db.downloads.get(key)) ?? null;
    this.routeState.set(kept as Downloaded<RouteToday> | null);
  }

  private async fetchRoute(): Promise<void> {
    const day = format.businessDate();
    const download = await this.keepRoute(day);
    await this.db.downloads.where('key').between(routeKey(''), routeKey(day)).delete();
    this.routeState.set(download);
  }

  private async fetchAhead(): Promise<void> {
    const day = format.businessDate();
    for (let n = 1; n <= DAYS_AHEAD; n++) await this.keepRoute(format.addDays(day, n));
    this.aheadAt = Date.now();
  }

  private async keepRoute(day: string): Promise<Downloaded<RouteToday>> {
    const value = await this.api.routeToday(day);
    const download = { key: routeKey(day), fetchedAt: Date.now(), value };
    await this.db.downloads.put(download);
    return download;
  }

  private async fetchProducts(): Promise<void> {
    const rows = await this.api.products();
    const download = { key: 'products', fetchedAt: Date.now(), value: null };
    await this.db.transaction('rw', this.db.products, this.db.downloads, async () => {
      await this.db.products.clear();
      await this.db.products.bulkPut(rows);
      await this.db.downloads.put(download);
    });
    this.productState.set({ ...download, value: rows.map(searchableProduct) });
  }

  private async fetchCustomers(): Promise<void> {
    const rows = await this.api.customers();
    const download = { key: 'customers', fetchedAt: Date.now(), value: null };
    await this.db.transaction('rw', this.db.customers, this.db.downloads, async () => {
      await this.db.customers.clear();
      await this.db.customers.bulkPut(rows);
      await this.db.downloads.put(download);
    });
    this.customerState.set({ ...download, value: rows.map(searchableCustomer) });
  }
}

const routeKey = (day: string): string => `route:${day}`;

const searchableProduct = (product: Product): SearchableProduct => ({
  ...product,
  key: searchKey(`${product.name} ${product.productCode} ${product.brand ?? ''}`),
});

const searchableCustomer = (customer: Customer): SearchableCustomer => ({
  ...customer,
  key: searchKey(
    `${customer.name} ${customer.customerCode} ${customer.address} ${customer.phone ?? ''}`,
  ),
});
