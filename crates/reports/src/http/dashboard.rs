use axum::Json;
use axum::extract::State;
use domain::DistributorId;
use domain::permission::ReportsView;
use platform::{ApiResult, App, Authorized, Problem, Query};
use serde::Deserialize;
use utoipa::IntoParams;

use crate::store::{self, Dashboard};

/// Whose day.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(rename_all = "camelCase")]
#[into_params(parameter_in = Query, rename_all = "camelCase")]
pub(crate) struct DashboardQuery {
    /// Only this distributor's.
    distributor_id: Option<DistributorId>,
}

/// Today in figures: visits, orders, sales, what waits, who works.
#[utoipa::path(
    get,
    path = "/reports/dashboard",
    tag = "reports",
    operation_id = "getDashboard",
    params(DashboardQuery),
    responses(
        (status = 200, description = "The figures", body = Dashboard),
        (status = 400, description = "A parameter is not valid", body = Problem),
        (status = 401, description = "Not signed in", body = Problem),
        (status = 403, description = "Not allowed to read reports", body = Problem),
    )
)]
pub(crate) async fn dashboard(
    State(app): State<App>,
    caller: Authorized<ReportsView>,
    Query(query): Query<DashboardQuery>,
) -> ApiResult<Json<Dashboard>> {
    let mut tx = app.db.read(caller.context()).await?;
    Ok(Json(store::find_dashboard(&mut tx, caller.scope(), query.distributor_id, app.today()).await?))
}
