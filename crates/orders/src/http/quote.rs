use axum::Json;
use axum::extract::State;
use domain::permission::OrdersCreate;
use platform::{ApiResult, App, Authorized, Command, Problem};

use crate::model::{CreateOrder, Quote};
use crate::service;

/// Price an order draft: lines, discounts, gifts, VAT, totals, what each promotion gave and what was narrowly missed.
/// Saves nothing.
#[utoipa::path(post, path = "/pricing/quote", tag = "orders", operation_id = "quoteOrder", request_body = CreateOrder,
    responses(
        (status = 200, description = "The priced draft", body = Quote),
        (status = 400, description = "Malformed", body = Problem),
        (status = 401, description = "Not signed in", body = Problem),
        (status = 403, description = "No permission", body = Problem),
        (status = 404, description = "Unknown customer", body = Problem),
        (status = 422, description = "A rule forbids it", body = Problem),
    ))]
pub async fn quote(
    State(app): State<App>,
    caller: Authorized<OrdersCreate>,
    cmd: Command<CreateOrder>,
) -> ApiResult<Json<Quote>> {
    Ok(Json(service::quote(&app, &caller, &cmd.body).await?))
}
