/** Roles of the company. */
export const ROLES = [
  'sales_rep',
  'supervisor',
  'area_manager',
  'regional_manager',
  'distributor_admin',
  'company_admin',
] as const;
export type Role = (typeof ROLES)[number];

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
  | 'tracking.view'
  | 'reports.view';
