import { AuthStore, Permission } from '@dms/shared';
import type { IconName } from '../ui/icon';
import type { WebKey } from './dict';

export interface MenuItem {
  readonly path: string;
  readonly label: WebKey;
  readonly icon: IconName;
  /** Any one of these rights shows the entry. */
  readonly needs: readonly Permission[];
}

export interface MenuGroup {
  readonly label: WebKey | null;
  readonly items: readonly MenuItem[];
}

const EVERYONE: readonly Permission[] = ['reports.view', 'orders.create'];

export const MENU: readonly MenuGroup[] = [
  {
    label: null,
    items: [
      { path: '/today', label: 'nav.today', icon: 'live', needs: ['tracking.view'] },
      { path: '/orders', label: 'nav.orders', icon: 'orders', needs: EVERYONE },
    ],
  },
  {
    label: 'nav.distributor',
    items: [
      { path: '/invoices', label: 'nav.invoices', icon: 'invoice', needs: ['invoices.manage'] },
      { path: '/stock', label: 'nav.stock', icon: 'stock', needs: ['inventory.manage'] },
      {
        path: '/receivables',
        label: 'nav.receivables',
        icon: 'money',
        needs: ['receivables.manage'],
      },
    ],
  },
  {
    label: 'nav.reports',
    items: [
      {
        path: '/reports/sales-by-rep',
        label: 'nav.salesByRep',
        icon: 'report',
        needs: ['reports.view'],
      },
    ],
  },
  {
    label: 'nav.master',
    items: [
      { path: '/customers', label: 'nav.customers', icon: 'customers', needs: EVERYONE },
      { path: '/products', label: 'nav.products', icon: 'products', needs: EVERYONE },
      { path: '/routes', label: 'nav.routes', icon: 'routes', needs: EVERYONE },
      {
        path: '/distributors',
        label: 'nav.distributors',
        icon: 'distributors',
        needs: ['distributors.create', 'reports.view'],
      },
      { path: '/org-units', label: 'nav.orgUnits', icon: 'org', needs: ['reports.view'] },
      { path: '/users', label: 'nav.users', icon: 'users', needs: ['users.manage'] },
      {
        path: '/imports',
        label: 'nav.imports',
        icon: 'import',
        needs: ['imports.run'],
      },
    ],
  },
];

export function visibleMenu(auth: AuthStore): readonly MenuGroup[] {
  return MENU.map((group) => ({
    ...group,
    items: group.items.filter((item) => auth.canAny(...item.needs)),
  })).filter((group) => group.items.length > 0);
}
