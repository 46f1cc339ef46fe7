//! What a role may do.
//!
//! Each permission is a type, so that a handler states the one it needs in its signature and a misspelt one doesn't
//! compile. The table below is the only place where rights are given; a committed print of it is kept in the tests.
//! *On whose data* a permission acts is another question: what one sees is bound by the units one belongs to, and by
//! the database.

use crate::Role;
use Role::{AreaManager, CompanyAdmin, DistributorAdmin, RegionalManager, SalesRep, Supervisor};

/// A right to do one kind of thing.
pub trait Permission: Send + Sync + 'static {
    /// The stable dotted name, as given to clients: `orders.create`.
    const NAME: &'static str;
    /// The roles that have it.
    const ROLES: &'static [Role];
}

/// A row of the matrix: a permission and who has it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Grant {
    /// The permission's dotted name.
    pub name: &'static str,
    /// The roles that have it.
    pub roles: &'static [Role],
}

macro_rules! permissions {
    ($( $(#[$meta:meta])* $marker:ident = $name:literal => [$($role:ident),+ $(,)?] ),+ $(,)?) => {
        $(
            $(#[$meta])*
            #[derive(Debug, Clone, Copy, PartialEq, Eq)]
            pub struct $marker;

            impl Permission for $marker {
                const NAME: &'static str = $name;
                const ROLES: &'static [Role] = &[$($role),+];
            }
        )+

        /// The whole matrix.
        pub const ALL: &[Grant] = &[$( Grant { name: $marker::NAME, roles: $marker::ROLES } ),+];
    };
}

permissions! {
    /// Take an order.
    OrdersCreate = "orders.create" => [SalesRep, Supervisor, DistributorAdmin, CompanyAdmin],
    /// Approve or reject an order.
    OrdersApprove = "orders.approve" => [Supervisor, AreaManager, DistributorAdmin, CompanyAdmin],
    /// Visit outlets.
    VisitsCreate = "visits.create" => [SalesRep, Supervisor],
    /// Clock in and out.
    AttendanceClock = "attendance.clock" => [SalesRep, Supervisor],
    /// Propose a new outlet, pending approval.
    CustomersCreate = "customers.create" => [SalesRep, Supervisor, DistributorAdmin, CompanyAdmin],
    /// Approve or reject a new outlet.
    CustomersApprove = "customers.approve" => [Supervisor, DistributorAdmin, CompanyAdmin],
    /// Change an outlet's data and location.
    CustomersEdit = "customers.edit" => [Supervisor, DistributorAdmin, CompanyAdmin],
    /// Make routes and give them to reps.
    RoutesManage = "routes.manage" => [Supervisor, AreaManager, CompanyAdmin],
    /// Say how weeks are counted and what holidays do to the plan.
    PlansManage = "plans.manage" => [AreaManager, CompanyAdmin],
    /// Keep the calendar of holidays.
    HolidaysManage = "holidays.manage" => [CompanyAdmin],
    /// Correct clock events, decide on leave, keep working times.
    AttendanceManage = "attendance.manage" => [Supervisor, AreaManager, CompanyAdmin],
    /// Set targets.
    KpiManage = "kpi.manage" => [Supervisor, AreaManager, CompanyAdmin],
    /// Score display photos.
    DisplaysScore = "displays.score" => [Supervisor, AreaManager, CompanyAdmin],
    /// Answer issues raised in the field.
    IssuesAnswer = "issues.answer" => [Supervisor, AreaManager, CompanyAdmin],
    /// Propose a new distributor, pending approval.
    DistributorsCreate = "distributors.create" => [Supervisor, AreaManager, CompanyAdmin],
    /// Approve, change and import distributors.
    DistributorsManage = "distributors.manage" => [CompanyAdmin],
    /// Receive, move, count and adjust stock.
    InventoryManage = "inventory.manage" => [DistributorAdmin, CompanyAdmin],
    /// Invoice orders and issue the goods.
    InvoicesManage = "invoices.manage" => [DistributorAdmin, CompanyAdmin],
    /// Handle goods that come back.
    ReturnsManage = "returns.manage" => [DistributorAdmin, CompanyAdmin],
    /// Collect, allocate and adjust debts.
    ReceivablesManage = "receivables.manage" => [DistributorAdmin, CompanyAdmin],
    /// Keep products, brands, categories and price lists.
    CatalogManage = "catalog.manage" => [CompanyAdmin],
    /// Keep promotions.
    PromotionsManage = "promotions.manage" => [CompanyAdmin],
    /// Keep the users of one's own distributor.
    UsersManage = "users.manage" => [DistributorAdmin, CompanyAdmin],
    /// Keep the users of the whole company.
    UsersManageCompany = "users.manage_company" => [CompanyAdmin],
    /// Keep the organisation tree.
    OrgManage = "org.manage" => [CompanyAdmin],
    /// Run imports; the kind's own permission says which.
    ImportsRun = "imports.run" => [DistributorAdmin, CompanyAdmin],
    /// Read who changed what.
    AuditView = "audit.view" => [CompanyAdmin],
    /// Run jobs by hand; read, replay and drop events that could not be handled.
    OperationsManage = "operations.manage" => [CompanyAdmin],
    /// Follow the field live and look at past paths.
    TrackingView = "tracking.view" => [Supervisor, AreaManager, RegionalManager, DistributorAdmin, CompanyAdmin],
    /// Read reports.
    ReportsView = "reports.view" => [Supervisor, AreaManager, RegionalManager, DistributorAdmin, CompanyAdmin],
}

impl Role {
    /// Whether the role has the permission of this dotted name. An unknown name is granted to nobody.
    pub fn grants(self, name: &str) -> bool {
        ALL.iter().any(|grant| grant.name == name && grant.roles.contains(&self))
    }

    /// Whether the role has the permission `P`.
    pub fn has<P: Permission>(self) -> bool {
        P::ROLES.contains(&self)
    }

    /// The names of all permissions of the role, in the order of the matrix.
    pub fn permissions(self) -> impl Iterator<Item = &'static str> {
        ALL.iter().filter(move |grant| grant.roles.contains(&self)).map(|grant| grant.name)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_rep_takes_orders_but_does_not_approve_them() {
        assert!(SalesRep.has::<OrdersCreate>());
        assert!(!SalesRep.has::<OrdersApprove>());
        assert!(SalesRep.grants("orders.create"));
        assert!(!SalesRep.grants("orders.approve"));
    }

    #[test]
    fn nobody_has_a_permission_that_does_not_exist() {
        assert!(Role::ALL.iter().all(|role| !role.grants("orders.destroy") && !role.grants("")));
    }

    #[test]
    fn names_are_unique() {
        let names: std::collections::BTreeSet<_> = ALL.iter().map(|grant| grant.name).collect();
        assert_eq!(names.len(), ALL.len());
    }

    #[test]
    fn the_list_of_a_role_is_what_the_login_tells_the_client() {
        assert_eq!(RegionalManager.permissions().collect::<Vec<_>>(), ["tracking.view", "reports.view"]);
    }
}
