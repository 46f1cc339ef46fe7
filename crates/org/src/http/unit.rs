use axum::Json;
use axum::extract::State;
use domain::permission::OrgManage;
use domain::{DistributorId, OrgUnitId};
use identity::Sessions;
use platform::{ApiError, ApiResult, App, Authorized, Caller, Command, IfMatch, Path, Problem, transaction};
use serde::Deserialize;
use utoipa::ToSchema;

use super::list_units::visible;
use crate::model::{UnitData, UnitKind, UnitView};
use crate::store::units::Visible;
use crate::{store, units};

/// What is said of a unit from now on.
#[derive(Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct UpdateUnit {
    /// Its code; need not be unique.
    code: String,
    /// Its name.
    name: String,
    /// What it stands for.
    kind: UnitKind,
    /// The distributor it is or belongs to. Once set it stays.
    distributor_id: Option<DistributorId>,
    /// Whether it is led by a supervisor.
    is_supervisor: bool,
    /// Whether its members sell.
    is_sales_group: bool,
    /// The version that was loaded, if not in `If-Match`.
    version: Option<i64>,
}

/// Get a unit
#[utoipa::path(
    get, path = "/org-units/{id}", tag = "org", operation_id = "getOrgUnit", params(("id" = OrgUnitId, Path)),
    responses(
        (status = 200, description = "The unit", body = UnitView),
        (status = 401, description = "Not logged in", body = Problem),
        (status = 404, description = "No such unit, or not the caller's to see", body = Problem),
    ),
)]
pub async fn get_unit(
    State(app): State<App>,
    caller: Caller,
    Path(id): Path<OrgUnitId>,
) -> ApiResult<Json<UnitView>> {
    let mut tx = app.db.read(caller.context()).await?;
    let found = store::units::list(&mut tx, &Visible { only: Some(id), ..visible(&caller) }).await?.pop();
    found.map(|unit| Json(unit.into())).ok_or_else(ApiError::not_found)
}

/// Change a unit in its place
#[utoipa::path(
    put, path = "/org-units/{id}", tag = "org", operation_id = "updateOrgUnit", request_body = UpdateUnit,
    params(("id" = OrgUnitId, Path), ("If-Match" = Option<String>, Header, description = "The version that was loaded")),
    responses(
        (status = 200, description = "The unit", body = UnitView),
        (status = 400, description = "Malformed", body = Problem),
        (status = 401, description = "Not logged in", body = Problem),
        (status = 403, description = "No permission", body = Problem),
        (status = 404, description = "No such unit", body = Problem),
        (status = 412, description = "Changed meanwhile", body = Problem),
        (status = 422, description = "`org.unknown_distributor`, `org.other_distributor`", body = Problem),
    ),
)]
pub async fn update_unit(
    State(app): State<App>,
    caller: Authorized<OrgManage>,
    Path(id): Path<OrgUnitId>,
    if_match: IfMatch,
    cmd: Command<UpdateUnit>,
) -> ApiResult<Json<UnitView>> {
    let body = cmd.body;
    let version = if_match.version(body.version)?;
    let data = UnitData {
        code: body.code.trim().to_owned(),
        name: body.name.trim().to_owned(),
        kind: body.kind,
        distributor_id: body.distributor_id,
        is_supervisor: body.is_supervisor,
        is_sales_group: body.is_sales_group,
    };
    let now = app.now();
    let unit = transaction!(app.db, caller.context(), "org_units.update", |tx| {
        Ok(units::update(tx, caller.context(), now, id, Some(version), &data).await?)
    })?;
    Sessions::rights_changed(&app);
    Ok(Json(unit.into()))
}
