use axum::Json;
use axum::extract::State;
use chrono::NaiveDate;
use domain::display::DisplayStatus;
use domain::{CustomerId, DisplayProgramId, DisplayRecordId, UserId, VisitId};
use platform::{ApiError, ApiResult, App, Caller, PageQuery, Pagination, Path, Problem, Query};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use crate::model::{DisplayRecord, RecordDetails};
use crate::store::{self, RecordFilter};

/// Narrows the list. `search` looks at the outlet.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(rename_all = "camelCase")]
#[into_params(parameter_in = Query, rename_all = "camelCase")]
pub struct RecordQuery {
    /// Only of this program.
    program_id: Option<DisplayProgramId>,
    /// Only those that stand so.
    status: Option<DisplayStatus>,
    /// Of this day or later.
    from: Option<NaiveDate>,
    /// Of this day or earlier.
    to: Option<NaiveDate>,
    /// Photographed by this person.
    user_id: Option<UserId>,
    /// At this outlet.
    customer_id: Option<CustomerId>,
    /// In this visit.
    visit_id: Option<VisitId>,
}

/// A page of display records.
#[derive(Debug, Serialize, ToSchema)]
pub struct RecordList {
    data: Vec<DisplayRecord>,
    pagination: Pagination,
}

/// What was photographed of display programs and how it was scored, of one's scope, the latest day first.
#[utoipa::path(
    get,
    path = "/display-scores",
    tag = "displays",
    operation_id = "listDisplayScores",
    params(PageQuery, RecordQuery),
    responses(
        (status = 200, description = "A page of records", body = RecordList),
        (status = 400, description = "A parameter is not valid", body = Problem),
        (status = 401, description = "Not signed in", body = Problem),
    )
)]
pub async fn list_records(
    State(app): State<App>,
    caller: Caller,
    Query(page): Query<PageQuery>,
    Query(query): Query<RecordQuery>,
) -> ApiResult<Json<RecordList>> {
    let page = page.checked()?;
    let filter = RecordFilter {
        ids: None,
        program: query.program_id,
        status: query.status,
        from: query.from,
        to: query.to,
        user: query.user_id,
        customer: query.customer_id,
        visit: query.visit_id,
        search: page.search.clone(),
    };
    let mut tx = app.db.read(caller.context()).await?;
    let (data, total) = store::list_records(&mut tx, caller.scope(), &filter, &page).await?;
    Ok(Json(RecordList { data, pagination: page.of(total) }))
}

/// One display record with its photos and every score that was given.
#[utoipa::path(
    get,
    path = "/display-scores/{id}",
    tag = "displays",
    operation_id = "getDisplayScore",
    params(("id" = DisplayRecordId, Path, description = "The record")),
    responses(
        (status = 200, description = "The record", body = RecordDetails),
        (status = 401, description = "Not signed in", body = Problem),
        (status = 404, description = "No such record", body = Problem),
    )
)]
pub async fn get_record(
    State(app): State<App>,
    caller: Caller,
    Path(id): Path<DisplayRecordId>,
) -> ApiResult<Json<RecordDetails>> {
    let mut tx = app.db.lookup(caller.context()).await?;
    let record = store::find_record(&mut tx, caller.scope(), id).await?.ok_or_else(ApiError::not_found)?;
    let photo_list = store::list_photos(&mut tx, &record).await?;
    let scores = store::list_scores(&mut tx, &record).await?;
    Ok(Json(RecordDetails { record, photo_list, scores }))
}
