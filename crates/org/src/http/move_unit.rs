use axum::Json;
use axum::extract::State;
use domain::OrgUnitId;
use domain::permission::OrgManage;
use identity::Sessions;
use platform::{ApiResult, App, Authorized, Command, Path, Problem, transaction_once};
use serde::Deserialize;
use utoipa::ToSchema;

use crate::model::UnitView;
use crate::units;

/// Where to.
#[derive(Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct MoveUnit {
    /// The unit to stand below; null makes it a root.
    #[serde(deserialize_with = "Option::deserialize")]
    #[schema(required)]
    parent_id: Option<OrgUnitId>,
    /// The version that was loaded; any when absent.
    version: Option<i64>,
}

/// Move a unit with all below it
///
/// It becomes the last child of its new parent; the indexes of the whole subtree follow.
#[utoipa::path(
    post, path = "/org-units/{id}/move", tag = "org", operation_id = "moveOrgUnit", request_body = MoveUnit,
    params(("id" = OrgUnitId, Path)),
    responses(
        (status = 200, description = "The unit in its new place", body = UnitView),
        (status = 400, description = "Malformed", body = Problem),
        (status = 401, description = "Not logged in", body = Problem),
        (status = 403, description = "No permission", body = Problem),
        (status = 404, description = "No such unit", body = Problem),
        (status = 412, description = "Changed meanwhile", body = Problem),
        (status = 422, description = "`org.cycle`, `org.unknown_parent`, `org.other_distributor`, `org.too_deep`", body = Problem),
    ),
)]
pub async fn move_unit(
    State(app): State<App>,
    caller: Authorized<OrgManage>,
    Path(id): Path<OrgUnitId>,
    cmd: Command<MoveUnit>,
) -> ApiResult<Json<UnitView>> {
    let MoveUnit { parent_id, version } = cmd.body;
    let now = app.now();
    let view = transaction_once!(app, caller.context(), cmd.once(None), "org_units.move", |tx| {
        Ok(UnitView::from(units::move_to(tx, caller.context(), now, id, version, parent_id).await?))
    })?;
    Sessions::rights_changed(&app);
    Ok(Json(view))
}
