use axum::Json;
use axum::extract::State;
use domain::OrderId;
use domain::permission::OrdersCreate;
use platform::{ApiResult, App, Authorized, Command, IfMatch, Path, Problem};
use serde::Deserialize;
use utoipa::ToSchema;

use crate::model::{EditOrder, OrderView};
use crate::service;

/// Change the content of a draft or pending order; it is priced anew. Its history keeps what it was.
#[utoipa::path(put, path = "/orders/{id}", tag = "orders", operation_id = "editOrder", request_body = EditOrder,
    params(("id" = OrderId, Path, description = "The order"), ("If-Match" = Option<i64>, Header, description = "The version that was edited; or `version` in the body")),
    responses(
        (status = 200, description = "The order", body = OrderView),
        (status = 400, description = "Malformed", body = Problem),
        (status = 401, description = "Not signed in", body = Problem),
        (status = 403, description = "No permission, or somebody else's order", body = Problem),
        (status = 404, description = "No such order for the caller", body = Problem),
        (status = 409, description = "It was decided upon", body = Problem),
        (status = 412, description = "It was changed meanwhile", body = Problem),
        (status = 422, description = "A rule forbids it", body = Problem),
    ))]
pub async fn edit_order(
    State(app): State<App>,
    caller: Authorized<OrdersCreate>,
    Path(id): Path<OrderId>,
    version: IfMatch,
    cmd: Command<EditOrder>,
) -> ApiResult<Json<OrderView>> {
    let version = version.version(cmd.body.version)?;
    Ok(Json(service::edit(&app, &caller, id, version, &cmd.body).await?))
}

/// Nothing to say: the draft is sent as it is.
#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
pub struct SubmitBody {}

/// Send a draft for approval. It is priced anew; when that differs from what it said, it needs a review.
#[utoipa::path(post, path = "/orders/{id}/submit", tag = "orders", operation_id = "submitOrder", request_body = SubmitBody,
    params(("id" = OrderId, Path, description = "The order"), ("If-Match" = Option<i64>, Header, description = "The version the caller has seen"),
        ("Idempotency-Key" = Option<String>, Header, description = "Repeats with the same key get the first answer")),
    responses(
        (status = 200, description = "The pending order", body = OrderView),
        (status = 401, description = "Not signed in", body = Problem),
        (status = 403, description = "No permission, or somebody else's order", body = Problem),
        (status = 404, description = "No such order for the caller", body = Problem),
        (status = 409, description = "It is no draft", body = Problem),
        (status = 412, description = "It was changed meanwhile", body = Problem),
        (status = 422, description = "A rule forbids it", body = Problem),
    ))]
pub async fn submit_order(
    State(app): State<App>,
    caller: Authorized<OrdersCreate>,
    Path(id): Path<OrderId>,
    version: IfMatch,
    cmd: Command<SubmitBody>,
) -> ApiResult<Json<OrderView>> {
    Ok(Json(service::submit(&app, &caller, &cmd.once(None), id, version.0).await?))
}
