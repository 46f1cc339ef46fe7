import { inject } from '@angular/core';
import { type CanActivateFn, Router, type Routes } from '@angular/router';
import { AuthStore } from '@dms/shared';

const loggedIn: CanActivateFn = (_route, state) =>
  inject(AuthStore).loggedIn() ||
  inject(Router).createUrlTree(['/login'], { queryParams: { to: state.url } });

/** A password that somebody else set is changed before anything else. */
const ownPassword: CanActivateFn = (_route, state) =>
  !inject(AuthStore).mustChangePassword() ||
  inject(Router).createUrlTree(['/password'], { queryParams: { to: state.url } });

export const routes: Routes = [
  { path: 'login', loadComponent: () => import('./pages/login/login').then((m) => m.Login) },
  {
    path: 'password',
    canActivate: [loggedIn],
    loadComponent: () => import('./pages/password/password').then((m) => m.Password),
  },
  {
    path: '',
    canActivate: [loggedIn, ownPassword],
    loadComponent: () => import('./shell').then((m) => m.Shell),
    children: [
      { path: '', pathMatch: 'full', redirectTo: 'today' },
      { path: 'today', loadComponent: () => import('./pages/today/today').then((m) => m.Today) },
      {
        path: 'customers',
        loadComponent: () => import('./pages/customers/customers').then((m) => m.Customers),
      },
      {
        path: 'outlets/:customerId',
        loadComponent: () => import('./pages/outlet/outlet').then((m) => m.Outlet),
      },
      {
        path: 'outlets/:customerId/order',
        loadComponent: () => import('./pages/order/order').then((m) => m.Order),
      },
      {
        path: 'outlets/:customerId/order/review',
        loadComponent: () => import('./pages/order/review').then((m) => m.Review),
      },
      {
        path: 'orders',
        pathMatch: 'full',
        loadComponent: () => import('./pages/orders/orders').then((m) => m.Orders),
      },
      {
        path: 'orders/:orderId',
        loadComponent: () => import('./pages/orders/order-detail').then((m) => m.OrderDetail),
      },
      {
        path: 'sync',
        loadComponent: () => import('./pages/sync/sync-page').then((m) => m.SyncPage),
      },
      { path: 'me', loadComponent: () => import('./pages/me/me').then((m) => m.Me) },
    ],
  },
  { path: '**', redirectTo: '' },
];
