import type { Schema } from '../api/schema';

export type Role = Schema<'Role'>;

/** Rights the server grants by role; screens and menu entries ask for these, never for a role. */
export type Permission =
  | 'orders.create'
  | 'orders.approve'
  | 'visits.create'
  | 'attendance.clock'
  | 'customers.create'
  | 'customers.approve'
  | 'customers.edit'
  | 'routes.manage'
  | 'kpi.manage'
  | 'displays.score'
  | 'issues.answer'
  | 'distributors.create'
  | 'distributors.manage'
  | 'inventory.manage'
  | 'invoices.manage'
  | 'returns.manage'
  | 'receivables.manage'
  | 'catalog.manage'
  | 'promotions.manage'
  | 'users.manage'
  | 'users.manage_company'
  | 'org.manage'
  | 'imports.run'
  | 'audit.view'
  | 'operations.manage'
  | 'tracking.view'
  | 'reports.view';
