use axum::Json;
use axum::extract::State;
use domain::VisitId;
use domain::visit::{Verdict, VisitPolicy};
use platform::{ApiError, ApiResult, App, Caller, Flag, Path, Problem};
use serde::Serialize;
use utoipa::ToSchema;

use crate::model::{FilledSurvey, Photo, PhotoTwin, ShelfCount, Visit, VisitIssue, VisitOrder};
use crate::store;

/// A visit with what was done in it.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct VisitDetails {
    #[serde(flatten)]
    visit: Visit,
    /// What it was judged by; none for visits from before there were policies.
    policy: Option<VisitPolicy>,
    /// What was in the way, told, and missing; none while it goes on.
    verdict: Option<Verdict>,
    /// What a person should look at in a visit that arrived late.
    flags: Vec<Flag>,
    /// As they were taken.
    photos: Vec<Photo>,
    /// Photos of other visits that show the same as these.
    duplicates: Vec<PhotoTwin>,
    /// The latest count of the shelf.
    shelf: Option<ShelfCount>,
    /// As they were filled in.
    surveys: Vec<FilledSurvey>,
    /// Issues raised in it.
    issues: Vec<VisitIssue>,
    /// As they were taken.
    orders: Vec<VisitOrder>,
}

/// One visit with everything that was done in it, and what the policy says of it.
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
    let mut tx = app.db.lookup(caller.context()).await?;
    let visit = store::find_visit(&mut tx, caller.scope(), id).await?.ok_or_else(ApiError::not_found)?;
    let distributor = visit.distributor_id;
    let judged = store::find_judged(&mut tx, distributor, id).await?;
    Ok(Json(VisitDetails {
        policy: judged.policy,
        verdict: judged.verdict,
        flags: judged.flags,
        photos: store::list_photos(&mut tx, distributor, id).await?,
        duplicates: store::list_twins(&mut tx, distributor, id).await?,
        shelf: store::find_shelf_count(&mut tx, distributor, id, None).await?,
        surveys: store::list_filled(&mut tx, distributor, id).await?,
        issues: store::list_issues(&mut tx, distributor, id).await?,
        orders: store::list_orders(&mut tx, distributor, id).await?,
        visit,
    }))
}
