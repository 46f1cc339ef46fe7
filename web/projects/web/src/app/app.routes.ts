import { Routes } from '@angular/router';
import { home, loggedIn, ownPassword, permitted } from './core/guards';

export const routes: Routes = [
  {
    path: 'login',
    title: 'common.login',
    loadComponent: () => import('./pages/login/login').then((m) => m.Login),
  },
  {
    path: 'password',
    title: 'password.title',
    canActivate: [loggedIn],
    loadComponent: () => import('./pages/password/password').then((m) => m.Password),
  },
  {
    path: 'print/invoices/:id',
    title: 'print.title',
    canActivate: [loggedIn, ownPassword],
    loadComponent: () => import('./pages/invoices/print').then((m) => m.InvoicePrint),
  },
  {
    path: '',
    canActivate: [loggedIn, ownPassword],
    loadComponent: () => import('./layout/shell').then((m) => m.Shell),
    children: [
      {
        path: '',
        pathMatch: 'full',
        canActivate: [home],
        loadComponent: () => import('./pages/nothing').then((m) => m.NothingHere),
      },
      {
        path: '',
        canActivateChild: [permitted],
        children: [
          {
            path: 'today',
            title: 'nav.today',
            loadComponent: () => import('./pages/today/today').then((m) => m.Today),
          },
          {
            path: 'orders',
            title: 'nav.orders',
            loadComponent: () => import('./pages/orders/orders').then((m) => m.Orders),
          },
          {
            path: 'invoices',
            title: 'nav.invoices',
            loadComponent: () => import('./pages/invoices/invoices').then((m) => m.Invoices),
          },
          {
            path: 'stock',
            title: 'nav.stock',
            loadComponent: () => import('./pages/stock/stock').then((m) => m.Stock),
          },
          {
            path: 'receivables',
            title: 'nav.receivables',
            loadComponent: () =>
              import('./pages/receivables/receivables').then((m) => m.Receivables),
          },
          {
            path: 'reports/sales-by-rep',
            title: 'nav.salesByRep',
            loadComponent: () => import('./pages/reports/sales-by-rep').then((m) => m.SalesByRep),
          },
          {
            path: 'imports',
            title: 'nav.imports',
            loadComponent: () => import('./pages/imports/imports').then((m) => m.Imports),
          },
          {
            path: 'customers',
            title: 'nav.customers',
            loadComponent: () => import('./pages/catalog/customers').then((m) => m.Customers),
          },
          {
            path: 'products',
            title: 'nav.products',
            loadComponent: () => import('./pages/catalog/products').then((m) => m.Products),
          },
          {
            path: 'routes',
            title: 'nav.routes',
            loadComponent: () => import('./pages/catalog/routes').then((m) => m.RoutesPage),
          },
          {
            path: 'distributors',
            title: 'nav.distributors',
            loadComponent: () => import('./pages/catalog/distributors').then((m) => m.Distributors),
          },
          {
            path: 'org-units',
            title: 'nav.orgUnits',
            loadComponent: () => import('./pages/catalog/org-units').then((m) => m.OrgUnits),
          },
          {
            path: 'users',
            title: 'nav.users',
            loadComponent: () => import('./pages/catalog/users').then((m) => m.Users),
          },
        ],
      },
      {
        path: '**',
        title: 'nothing.title',
        loadComponent: () => import('./pages/nothing').then((m) => m.NothingHere),
      },
    ],
  },
];
