use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use domain::permission::OperationsManage;
use platform::{
    ApiError, ApiResult, App, Authorized, PageQuery, Pagination, Path, Problem, Query, transaction,
};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

use crate::dead_letters::{self, DeadLetter, ReplayError};

/// Whose letters.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[serde(rename_all = "camelCase", default)]
#[into_params(parameter_in = Query, rename_all = "camelCase")]
pub struct DeadLetterQuery {
    /// Only of this consumer.
    consumer: Option<String>,
    /// Page number, from 1.
    #[param(minimum = 1)]
    page: Option<i64>,
    /// Rows a page, 1 to 100; 20 when absent.
    #[param(minimum = 1, maximum = 100)]
    page_size: Option<i64>,
}

/// A part of the dead letters.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct DeadLetterList {
    /// The latest first.
    data: Vec<DeadLetter>,
    /// Where this part stands.
    pagination: Pagination,
}

impl From<ReplayError> for ApiError {
    fn from(error: ReplayError) -> Self {
        match error {
            ReplayError::NotFound => ApiError::not_found(),
            ReplayError::NotAnEvent => ApiError::unprocessable(
                "dead_letters.not_an_event",
                "Đây không phải là một sự kiện nên không thể xử lý lại; chỉ có thể xoá bỏ.",
                "This is no event, so it can't be replayed; it can only be dropped.",
            ),
            ReplayError::Database(error) => error.into(),
        }
    }
}

/// List events that could not be handled
#[utoipa::path(
    get, path = "/admin/dead-letters", tag = "operations", operation_id = "listDeadLetters", params(DeadLetterQuery),
    responses(
        (status = 200, description = "A part of them, the latest first", body = DeadLetterList),
        (status = 400, description = "Malformed", body = Problem),
        (status = 401, description = "Not logged in", body = Problem),
        (status = 403, description = "No permission", body = Problem),
    ),
)]
pub async fn list_dead_letters(
    State(app): State<App>,
    caller: Authorized<OperationsManage>,
    Query(query): Query<DeadLetterQuery>,
) -> ApiResult<Json<DeadLetterList>> {
    let page = PageQuery { page: query.page, page_size: query.page_size, search: None }.checked()?;
    let mut tx = app.db.read(caller.context()).await?;
    let (data, total) =
        dead_letters::list(&mut tx, query.consumer.as_deref(), page.limit(), page.offset()).await?;
    Ok(Json(DeadLetterList { data, pagination: page.of(total) }))
}

/// Hand an event to its consumer again
#[utoipa::path(
    post, path = "/admin/dead-letters/{id}/replay", tag = "operations", operation_id = "replayDeadLetter",
    params(("id" = Uuid, Path)),
    responses(
        (status = 204, description = "It waits for its consumer again"),
        (status = 401, description = "Not logged in", body = Problem),
        (status = 403, description = "No permission", body = Problem),
        (status = 404, description = "No such letter", body = Problem),
        (status = 422, description = "`dead_letters.not_an_event`", body = Problem),
    ),
)]
pub async fn replay_dead_letter(
    State(app): State<App>,
    caller: Authorized<OperationsManage>,
    Path(id): Path<Uuid>,
) -> ApiResult<StatusCode> {
    let now = app.now();
    transaction!(app.db, caller.context(), "dead_letters.replay", |tx| {
        Ok(dead_letters::replay(tx, caller.context(), now, id).await?)
    })?;
    Ok(StatusCode::NO_CONTENT)
}

/// Give an event up for good
#[utoipa::path(
    delete, path = "/admin/dead-letters/{id}", tag = "operations", operation_id = "dropDeadLetter",
    params(("id" = Uuid, Path)),
    responses(
        (status = 204, description = "It is gone; the audit log has its content"),
        (status = 401, description = "Not logged in", body = Problem),
        (status = 403, description = "No permission", body = Problem),
        (status = 404, description = "No such letter", body = Problem),
    ),
)]
pub async fn drop_dead_letter(
    State(app): State<App>,
    caller: Authorized<OperationsManage>,
    Path(id): Path<Uuid>,
) -> ApiResult<StatusCode> {
    let now = app.now();
    let dropped = transaction!(app.db, caller.context(), "dead_letters.drop", |tx| {
        Ok(dead_letters::drop(tx, caller.context(), now, id).await?)
    })?;
    if dropped { Ok(StatusCode::NO_CONTENT) } else { Err(ApiError::not_found()) }
}
