import { Injectable, inject } from '@angular/core';
import { ApiClient, Schema, allRows, body } from '@dms/shared';

export type Customer = Schema<'CustomerView'>;
export type Product = Schema<'ProductView'>;
export type Distributor = Schema<'Distributor'>;
export type OrgUnit = Schema<'UnitView'>;
export type User = Schema<'UserView'>;
export type Route = Schema<'Route'>;

export interface ListFilter {
  search: string;
  page: number;
}

/** The lists of the master data. */
@Injectable({ providedIn: 'root' })
export class CatalogApi {
  private readonly http = inject(ApiClient).http;

  customers(filter: ListFilter) {
    return body(this.http.GET('/api/v1/customers', paged(filter)));
  }

  products(filter: ListFilter) {
    return body(this.http.GET('/api/v1/products', paged(filter)));
  }

  distributors(filter: ListFilter) {
    return body(this.http.GET('/api/v1/distributors', paged(filter)));
  }

  users(filter: ListFilter) {
    return body(this.http.GET('/api/v1/users', paged(filter)));
  }

  routes(filter: ListFilter) {
    return body(this.http.GET('/api/v1/routes', paged(filter)));
  }

  async orgUnits(): Promise<OrgUnit[]> {
    return (await body(this.http.GET('/api/v1/org-units'))).data;
  }

  allDistributors(): Promise<Distributor[]> {
    return allRows((page) =>
      this.http.GET('/api/v1/distributors', { params: { query: { page, pageSize: 100 } } }),
    );
  }
}

const paged = (filter: ListFilter) => ({ params: { query: { ...filter, pageSize: 50 } } });
