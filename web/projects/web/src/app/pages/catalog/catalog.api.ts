import { Injectable, inject } from '@angular/core';
import { ApiClient, Page } from '@dms/shared';

export interface Customer {
  id: string;
  customerCode: string;
  name: string;
  phone?: string | null;
  contactPerson?: string | null;
  customerGroup?: string | null;
  customerType?: string | null;
  channel?: string | null;
  address?: string | null;
  latitude?: number | null;
  longitude?: number | null;
  creditLimit?: number | null;
  currentBalance?: number | null;
  status: string;
}

export interface Product {
  id: string;
  productCode: string;
  name: string;
  brand?: string | null;
  category?: string | null;
  unitName: string;
  subUnitName: string;
  conversionRate: number;
  sellingPrice: number;
  sellingPriceSub: number;
  vat: number;
  status: string;
}

export interface Distributor {
  distributorId: string;
  code: string;
  name: string;
  taxCode?: string | null;
  type?: string | null;
  province?: string | null;
  phone?: string | null;
  status: string;
}

export interface OrgUnit {
  unitId: string;
  parentId: string | null;
  code: string;
  name: string;
  kind?: string | null;
  isSupervisor?: boolean;
  isSalesGroup?: boolean;
}

export interface User {
  userId: string;
  username: string;
  fullName: string;
  role: string;
  distributorName?: string | null;
  phone?: string | null;
  status: string;
}

export interface Route {
  routeId: string;
  routeCode: string;
  name: string;
  repName?: string | null;
  unitName?: string | null;
  weekdays: number[];
  customerCount: number;
  status?: string;
}

export interface ListFilter {
  search: string;
  page: number;
}

/** The plain lists of the master data. */
@Injectable({ providedIn: 'root' })
export class CatalogApi {
  private readonly api = inject(ApiClient);

  list<T>(path: string, filter: ListFilter): Promise<Page<T>> {
    return this.api.get(path, { ...filter, pageSize: 50 });
  }

  orgUnits(): Promise<{ data: OrgUnit[] }> {
    return this.api.get('/api/v1/org-units');
  }
}

@Injectable({ providedIn: 'root' })
export class DistributorsApi {
  private readonly api = inject(ApiClient);

  async all(): Promise<Distributor[]> {
    return (await this.api.get<Page<Distributor>>('/api/v1/distributors', { pageSize: 100 })).data;
  }
}
