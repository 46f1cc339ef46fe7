use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use domain::permission::OrgManage;
use domain::{DistributorId, OrgUnitId};
use identity::Sessions;
use platform::{ApiResult, App, Authorized, Command, Problem, transaction_once};
use serde::Deserialize;
use utoipa::ToSchema;
use uuid::Uuid;

use crate::model::{NewUnit, UnitData, UnitKind, UnitView};
use crate::units;

/// A new unit.
#[derive(Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct CreateUnit {
    /// An id made by the client, so that a repeat creates nothing.
    id: Option<OrgUnitId>,
    /// The unit above; none for a root.
    parent_id: Option<OrgUnitId>,
    /// Its code; need not be unique.
    code: String,
    /// Its name.
    name: String,
    /// What it stands for; `unit` when absent.
    kind: Option<UnitKind>,
    /// The distributor it is or belongs to; that of the parent when absent.
    distributor_id: Option<DistributorId>,
    /// Whether it is led by a supervisor.
    #[serde(default)]
    is_supervisor: bool,
    /// Whether its members sell.
    #[serde(default)]
    is_sales_group: bool,
}

/// Create a unit, as the last child of its parent
#[utoipa::path(
    post, path = "/org-units", tag = "org", operation_id = "createOrgUnit", request_body = CreateUnit,
    params(("Idempotency-Key" = Option<String>, Header, description = "A repeat with it gets the first answer")),
    responses(
        (status = 201, description = "The unit", body = UnitView),
        (status = 400, description = "Malformed", body = Problem),
        (status = 401, description = "Not logged in", body = Problem),
        (status = 403, description = "No permission", body = Problem),
        (status = 422, description = "`org.unknown_parent`, `org.other_distributor`, `org.too_deep`", body = Problem),
    ),
)]
pub async fn create_unit(
    State(app): State<App>,
    caller: Authorized<OrgManage>,
    cmd: Command<CreateUnit>,
) -> ApiResult<(StatusCode, Json<UnitView>)> {
    let once = cmd.once(cmd.body.id.map(|id| id.uuid()));
    let body = cmd.body;
    let new = NewUnit {
        id: body.id.unwrap_or_else(|| OrgUnitId::new(Uuid::now_v7())),
        parent: body.parent_id,
        index_path: None,
        data: UnitData {
            code: body.code.trim().to_owned(),
            name: body.name.trim().to_owned(),
            kind: body.kind.unwrap_or(UnitKind::Unit),
            distributor_id: body.distributor_id,
            is_supervisor: body.is_supervisor,
            is_sales_group: body.is_sales_group,
        },
    };
    let now = app.now();
    let view = transaction_once!(app, caller.context(), once, "org_units.create", |tx| {
        Ok(UnitView::from(units::create(tx, caller.context(), now, &new).await?))
    })?;
    Sessions::rights_changed(&app);
    Ok((StatusCode::CREATED, Json(view)))
}
