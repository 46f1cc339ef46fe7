use axum::Json;
use axum::extract::State;
use platform::{ApiResult, App, Caller, Problem, Scope};
use serde::Serialize;
use utoipa::ToSchema;

use crate::model::UnitView;
use crate::store::units::{self, Visible};

/// The tree, as a list in its order.
#[derive(Serialize, ToSchema)]
pub struct UnitList {
    /// The units; each names its parent.
    data: Vec<UnitView>,
}

/// What of the tree the caller sees.
pub(super) fn visible(caller: &Caller) -> Visible {
    match caller.scope() {
        Scope::Own(_) | Scope::Units(_) => {
            Visible { units: Some(caller.units.clone()), ..Visible::default() }
        }
        Scope::All => Visible { distributor: caller.distributor_id, ..Visible::default() },
    }
}

/// Read the organisation tree
///
/// The caller's own units with all below and all above them; the company's admins see the whole tree, a distributor's
/// admin the distributor's part.
#[utoipa::path(
    get, path = "/org-units", tag = "org", operation_id = "listOrgUnits",
    responses(
        (status = 200, description = "The units in the order of the tree", body = UnitList),
        (status = 401, description = "Not logged in", body = Problem),
    ),
)]
pub async fn list_units(State(app): State<App>, caller: Caller) -> ApiResult<Json<UnitList>> {
    let mut tx = app.db.read(caller.context()).await?;
    let units = units::list(&mut tx, &visible(&caller)).await?;
    Ok(Json(UnitList { data: units.into_iter().map(UnitView::from).collect() }))
}
