use chrono::NaiveDate;
use db::{Tenants, audit};
use domain::OrgUnitId;
use domain::visit::PolicyChange;
use platform::{ApiError, App, Caller};
use sqlx::PgConnection;
use uuid::Uuid;

use crate::error::VisitError;
use crate::store::{self, PolicyRow};

/// A policy to set for a scope from a day on.
#[derive(Debug, Clone)]
pub(crate) struct SetPolicy {
    /// For this unit and all below it; none is the company.
    pub unit: Option<OrgUnitId>,
    /// Only for customers of this type.
    pub customer_type: Option<String>,
    /// The first day.
    pub valid_from: NaiveDate,
    /// What the scope decides otherwise.
    pub change: PolicyChange,
    /// The version that was changed; 0 for one that isn't there yet.
    pub version: i64,
}

/// Sets the policy of a scope from a day on. The company's is set by its own people, a unit's by who stands above it.
pub(crate) async fn set_policy(
    c: &mut PgConnection,
    app: &App,
    caller: &Caller,
    set: &SetPolicy,
) -> Result<PolicyRow, ApiError> {
    set.change.check().map_err(VisitError::from)?;
    if set.valid_from < app.today() {
        return Err(VisitError::PolicyPast.into());
    }
    let distributor = match set.unit {
        None if caller.tenants == Tenants::Company => None,
        None => return Err(ApiError::forbidden("visits.company_policy")),
        Some(unit) => {
            // Whoever sees all of the company's units may set any.
            let theirs = caller.tenants == Tenants::Company || caller.units.contains(&unit);
            let found = if theirs { store::find_unit(c, unit).await? } else { None };
            found.ok_or_else(|| {
                ApiError::not_found().field("unitId", "Không tìm thấy đơn vị", "No such unit")
            })?
        }
    };
    let scope = (set.unit, set.customer_type.as_deref());
    let before = store::lock_policy(c, scope, set.valid_from).await?;
    if before.as_ref().map_or(0, |known| known.version) != set.version {
        return Err(ApiError::stale());
    }
    let id = before.as_ref().map_or_else(Uuid::now_v7, |known| known.policy_id);
    store::upsert_policy(c, id, distributor, set, caller.user_id, app.now()).await?;
    let after = store::lock_policy(c, scope, set.valid_from).await?;
    let entry = audit::Entry {
        action: "visits.policy",
        entity: "visit_policy",
        entity_id: Some(id),
        distributor,
        before: before.as_ref(),
        after: after.as_ref(),
    };
    audit::record(c, caller.context(), app.now(), entry).await?;
    after.ok_or_else(|| ApiError::internal("a policy that is not there"))
}
