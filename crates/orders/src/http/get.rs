use axum::Json;
use axum::extract::State;
use domain::OrderId;
use platform::{ApiResult, App, Caller, Path, Problem};

use crate::model::OrderView;
use crate::service;

/// An order with lines and history.
#[utoipa::path(get, path = "/orders/{id}", tag = "orders", operation_id = "getOrder",
    params(("id" = OrderId, Path, description = "The order")),
    responses(
        (status = 200, description = "The order", body = OrderView),
        (status = 401, description = "Not signed in", body = Problem),
        (status = 404, description = "No such order for the caller", body = Problem),
    ))]
pub async fn get_order(
    State(app): State<App>,
    caller: Caller,
    Path(id): Path<OrderId>,
) -> ApiResult<Json<OrderView>> {
    Ok(Json(service::find_order(&app, &caller, id).await?))
}
