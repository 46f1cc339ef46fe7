use axum::Json;
use axum::extract::State;
use domain::VisitId;
use platform::{ApiError, ApiResult, App, Caller, Path, Problem};
use serde::Serialize;
use utoipa::ToSchema;

use crate::model::{Photo, Visit, VisitOrder};
use crate::store;

/// A visit with what was done in it.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct VisitDetails {
    #[serde(flatten)]
    visit: Visit,
    /// As they were taken.
    photos: Vec<Photo>,
    /// As they were taken.
    orders: Vec<VisitOrder>,
}

/// One visit with its photos and orders.
#[utoipa::path(
    get,
    path = "/visits/{id}",
    tag = "visits",
    operation_id = "getVisit",
    params(("id" = VisitId, Path, description = "The visit")),
    responses(
        (status = 200, description = "The visit", body = VisitDetails),
        (status = 401, description = "Not signed in", body = Problem),
        (status = 404, description = "No such visit", body = Problem),
    )
)]
pub async fn get_visit(
    State(app): State<App>,
    caller: Caller,
    Path(id): Path<VisitId>,
) -> ApiResult<Json<VisitDetails>> {
    let mut tx = app.db.read(caller.context()).await?;
    let visit = store::find_visit(&mut tx, caller.scope(), id).await?.ok_or_else(ApiError::not_found)?;
    let photos = store::list_photos(&mut tx, visit.distributor_id, id).await?;
    let orders = store::list_orders(&mut tx, visit.distributor_id, id).await?;
    Ok(Json(VisitDetails { visit, photos, orders }))
}
