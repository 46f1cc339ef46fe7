//! Whose download it is.

use chrono::NaiveDate;
use db::Tenants;
use domain::Role;
use platform::{ApiError, Caller, Scope};
use uuid::Uuid;

/// What a caller's phone holds is found by these.
#[derive(Debug, Clone)]
pub(crate) struct Viewer {
    pub user: Uuid,
    /// Set for those who see their own work only.
    pub rep: Option<Uuid>,
    /// Set for those who see the work of units.
    pub units: Option<Vec<Uuid>>,
    /// The unit they belong to first of all: its policies hold for them.
    pub unit: Option<Uuid>,
    pub distributors: Vec<Uuid>,
    pub today: NaiveDate,
    role: Role,
}

impl Viewer {
    /// Of the caller, on this business day.
    ///
    /// # Errors
    /// 403 for the company's own people: they see all distributors, and nobody carries that around.
    pub fn of(caller: &Caller, today: NaiveDate) -> Result<Viewer, ApiError> {
        let Tenants::Distributors(distributors) = &caller.tenants else {
            return Err(ApiError::new(
                axum::http::StatusCode::FORBIDDEN,
                "sync.not_for_company",
                "Tài khoản cấp công ty không dùng được trên điện thoại.",
                "Accounts of the company itself can't be used on a phone.",
            ));
        };
        let mut distributors: Vec<Uuid> = distributors.iter().map(|d| d.uuid()).collect();
        distributors.sort_unstable();
        let scope = caller.scope();
        let user = caller.user_id.uuid();
        let rep = matches!(scope, Scope::Own(_)).then_some(user);
        let unit = caller.primary_unit.map(|unit| unit.uuid());
        Ok(Viewer { user, rep, units: scope.units(), unit, distributors, today, role: caller.role })
    }

    /// Another text when the caller may see something else than before.
    pub fn fingerprint(&self) -> String {
        let mut units = self.units.clone().unwrap_or_default();
        units.sort_unstable();
        format!("{:?}/{:?}/{units:?}/{:?}", self.role, self.distributors, self.unit)
    }

    /// Sees all of its distributors.
    pub fn sees_all(&self) -> bool {
        self.rep.is_none() && self.units.is_none()
    }
}
