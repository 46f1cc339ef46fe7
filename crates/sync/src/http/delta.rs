use axum::Json;
use axum::extract::State;
use platform::{ApiError, ApiResult, App, Caller, Problem, Query};
use serde::Deserialize;
use utoipa::IntoParams;

use crate::delta::{self, Delta};

/// Where to go on from.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(rename_all = "camelCase")]
#[into_params(parameter_in = Query, rename_all = "camelCase")]
pub(crate) struct DeltaQuery {
    /// From the last answer; without it everything is sent.
    cursor: Option<String>,
    /// About how many things an answer holds at most, 1 to 2000; 500 when absent.
    #[param(minimum = 1, maximum = 2000)]
    limit: Option<usize>,
}

/// What changed in the caller's scope: master data, stock, orders. Ask again at once while `hasMore`; an answer that was
/// lost is simply asked for again with the old cursor. 410 `sync.start_anew`: drop the data and ask without a cursor.
#[utoipa::path(
    get,
    path = "/sync/delta",
    tag = "sync",
    operation_id = "syncDelta",
    params(DeltaQuery),
    responses(
        (status = 200, description = "What changed", body = Delta),
        (status = 400, description = "A parameter is not valid", body = Problem),
        (status = 401, description = "Not signed in", body = Problem),
        (status = 403, description = "An account of the company", body = Problem),
        (status = 410, description = "The cursor can't be gone on from", body = Problem),
    )
)]
pub(crate) async fn sync_delta(
    State(app): State<App>,
    caller: Caller,
    Query(query): Query<DeltaQuery>,
) -> ApiResult<Json<Delta>> {
    let limit = query.limit.unwrap_or(500);
    if !(1..=2000).contains(&limit) {
        return Err(ApiError::invalid_field("limit", "Phải từ 1 đến 2000", "Must be 1 to 2000"));
    }
    Ok(Json(delta::download(&app, &caller, query.cursor.as_deref(), limit).await?))
}
