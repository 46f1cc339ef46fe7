use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use domain::permission::OrdersCreate;
use platform::{ApiResult, App, Authorized, Command, Problem};

use crate::model::{CreateOrder, OrderView};
use crate::service;

/// Place an order; it waits for approval. A repeat with the same id or Idempotency-Key gets the first answer.
#[utoipa::path(post, path = "/orders", tag = "orders", operation_id = "createOrder", request_body = CreateOrder,
    params(("Idempotency-Key" = Option<String>, Header, description = "Repeats with the same key get the first answer")),
    responses(
        (status = 201, description = "The order", body = OrderView),
        (status = 400, description = "Malformed", body = Problem),
        (status = 401, description = "Not signed in", body = Problem),
        (status = 403, description = "No permission", body = Problem),
        (status = 404, description = "Unknown customer", body = Problem),
        (status = 409, description = "The id is in use", body = Problem),
        (status = 422, description = "A rule forbids it", body = Problem),
    ))]
pub async fn create_order(
    State(app): State<App>,
    caller: Authorized<OrdersCreate>,
    cmd: Command<CreateOrder>,
) -> ApiResult<(StatusCode, Json<OrderView>)> {
    let once = cmd.once(cmd.body.id.map(|id| id.uuid()));
    let order = service::place(&app, &caller, &once, &cmd.body).await?;
    Ok((StatusCode::CREATED, Json(order)))
}
