use axum::Json;
use axum::extract::State;
use domain::{DistributorId, OrgUnitId, Role, UserId};
use platform::{ApiError, ApiResult, App, Problem, SignedIn};
use serde::Serialize;
use utoipa::ToSchema;

use crate::origin::as_system;
use crate::store::accounts;

/// The caller.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct MeAnswer {
    /// The user.
    user_id: UserId,
    /// The log-in name.
    username: String,
    /// The person's name.
    full_name: String,
    /// The role.
    role: Role,
    /// The distributor the user belongs to; none for the company's people.
    distributor_id: Option<DistributorId>,
    /// Its name.
    distributor_name: Option<String>,
    /// What the user may do.
    permissions: Vec<&'static str>,
    /// The unit the user belongs to first of all.
    primary_unit_id: Option<OrgUnitId>,
    /// The user's units and all below them, in the order of the tree.
    unit_ids: Vec<OrgUnitId>,
    /// Whether an administrator set the password: everything but changing it, logging out and this answers 403
    /// `auth.password_change_required` until the user chose their own.
    must_change_password: bool,
}

/// Who am I
#[utoipa::path(
    get, path = "/auth/me", tag = "auth", operation_id = "me",
    responses(
        (status = 200, description = "The caller", body = MeAnswer),
        (status = 401, description = "Not logged in", body = Problem),
    ),
)]
pub async fn me(State(app): State<App>, SignedIn(caller): SignedIn) -> ApiResult<Json<MeAnswer>> {
    let mut tx = app.db.read(&as_system(&caller)).await?;
    let account = accounts::find_by_id(&mut tx, caller.user_id).await?.ok_or_else(ApiError::unauthorized)?;
    tx.commit().await?;
    Ok(Json(MeAnswer {
        user_id: caller.user_id,
        username: caller.username.clone(),
        full_name: caller.full_name.clone(),
        role: caller.role,
        distributor_id: caller.distributor_id,
        distributor_name: caller.distributor_name.clone(),
        permissions: caller.role.permissions().collect(),
        primary_unit_id: caller.primary_unit,
        unit_ids: caller.units.clone(),
        must_change_password: account.must_change,
    }))
}
