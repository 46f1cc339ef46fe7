use std::time::Duration;

use adapters::blob::BlobId;
use adapters::redis::Keep;
use axum::Json;
use axum::extract::State;
use chrono::NaiveDate;
use domain::DistributorId;
use domain::permission::ReportsView;
use platform::{ApiResult, App, Authorized, Caller, Problem, Query};
use serde::Deserialize;
use utoipa::IntoParams;

use crate::store::{self, Dashboard};

/// Where several servers share what they know, the figures may be so old.
const KEEP: Keep = Keep { fresh: Duration::from_secs(5), stale: Duration::from_secs(30) };

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
    let (day, of) = (app.today(), query.distributor_id);
    let find = async {
        let mut tx = app.db.read(caller.context()).await?;
        ApiResult::Ok(store::find_dashboard(&mut tx, caller.scope(), of, day).await?)
    };
    // Screens that many leave open ask again and again; one server alone is quick enough, and always up to date.
    if app.shared.link().is_none() {
        return find.await.map(Json);
    }
    Ok(Json(app.shared.cached(&key(&caller, of, day), KEEP, find).await?))
}

/// The same for all who see the same: their distributors, and what of them.
fn key(caller: &Caller, of: Option<DistributorId>, day: NaiveDate) -> String {
    let seen = format!("{:?} {:?} {of:?}", caller.tenants, caller.scope());
    format!("dashboard:{day}:{}", BlobId::of(seen.as_bytes()))
}
