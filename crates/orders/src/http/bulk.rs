use axum::Json;
use axum::extract::State;
use axum::http::HeaderMap;
use domain::OrderId;
use domain::permission::OrdersApprove;
use platform::{ApiError, ApiResult, App, Authorized, Command, Language, Problem};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::service::{self, BulkResult};

/// Which orders to approve.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct BulkApproveBody {
    /// 1 to 100 orders; one named twice counts once.
    #[schema(min_items = 1, max_items = 100)]
    order_ids: Vec<OrderId>,
}

/// Which orders to reject, and why.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct BulkRejectBody {
    /// 1 to 100 orders; one named twice counts once.
    #[schema(min_items = 1, max_items = 100)]
    order_ids: Vec<OrderId>,
    /// The reps are told; 1 to 500 characters.
    #[schema(min_length = 1, max_length = 500)]
    reason: String,
}

/// What became of the orders, in the order they were named.
#[derive(Debug, Serialize, ToSchema)]
pub struct BulkResults {
    results: Vec<BulkResult>,
}

/// Approve many orders, each for itself: one that can't be approved doesn't hold up the others.
#[utoipa::path(post, path = "/orders/bulk-approve", tag = "orders", operation_id = "bulkApproveOrders", request_body = BulkApproveBody,
    params(("Idempotency-Key" = Option<String>, Header, description = "Repeats with the same key get the first answer")),
    responses(
        (status = 200, description = "What became of each", body = BulkResults),
        (status = 400, description = "Malformed", body = Problem),
        (status = 401, description = "Not signed in", body = Problem),
        (status = 403, description = "No permission", body = Problem),
    ))]
pub async fn bulk_approve(
    State(app): State<App>,
    caller: Authorized<OrdersApprove>,
    headers: HeaderMap,
    cmd: Command<BulkApproveBody>,
) -> ApiResult<Json<BulkResults>> {
    let ids = named(&cmd.body.order_ids)?;
    let results = service::bulk_approve(&app, &caller, &cmd.once(None), &ids, language(&headers)).await?;
    Ok(Json(BulkResults { results }))
}

/// Reject many orders for one reason, each for itself.
#[utoipa::path(post, path = "/orders/bulk-reject", tag = "orders", operation_id = "bulkRejectOrders", request_body = BulkRejectBody,
    params(("Idempotency-Key" = Option<String>, Header, description = "Repeats with the same key get the first answer")),
    responses(
        (status = 200, description = "What became of each", body = BulkResults),
        (status = 400, description = "Malformed", body = Problem),
        (status = 401, description = "Not signed in", body = Problem),
        (status = 403, description = "No permission", body = Problem),
    ))]
pub async fn bulk_reject(
    State(app): State<App>,
    caller: Authorized<OrdersApprove>,
    headers: HeaderMap,
    cmd: Command<BulkRejectBody>,
) -> ApiResult<Json<BulkResults>> {
    let ids = named(&cmd.body.order_ids)?;
    let reason = super::decide::checked_reason(&cmd.body.reason)?;
    let results =
        service::bulk_reject(&app, &caller, &cmd.once(None), &ids, reason, language(&headers)).await?;
    Ok(Json(BulkResults { results }))
}

fn named(ids: &[OrderId]) -> Result<Vec<OrderId>, ApiError> {
    if ids.is_empty() || ids.len() > 100 {
        return Err(ApiError::invalid_field(
            "orderIds",
            "Cần từ 1 đến 100 đơn hàng",
            "1 to 100 orders are needed",
        ));
    }
    let mut once = Vec::with_capacity(ids.len());
    for id in ids {
        if !once.contains(id) {
            once.push(*id);
        }
    }
    Ok(once)
}

fn language(headers: &HeaderMap) -> Language {
    Language::of(headers.get("accept-language").and_then(|v| v.to_str().ok()))
}
