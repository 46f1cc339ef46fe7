use axum::Json;
use axum::extract::State;
use axum::http::HeaderMap;
use domain::permission::{OrdersApprove, OrdersCreate};
use domain::{OrderId, OrderStatus};
use platform::{ApiError, ApiResult, App, Authorized, Command, Language, Path, Problem};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::if_match;
use crate::model::OrderView;
use crate::service::{self, Approve};

/// How to approve.
#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
pub struct ApproveBody {
    /// Approve although the customer's credit doesn't carry it; for those who manage the distributor's invoices.
    override_credit: bool,
}

/// Why.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ReasonBody {
    /// The rep is told; 1 to 500 characters.
    #[schema(min_length = 1, max_length = 500)]
    reason: String,
}

impl ReasonBody {
    fn checked(&self) -> Result<&str, ApiError> {
        let reason = self.reason.trim();
        if reason.is_empty() || reason.chars().count() > 500 {
            return Err(ApiError::invalid_field(
                "reason",
                "Cần lý do, tối đa 500 ký tự",
                "A reason of 1 to 500 characters is needed",
            ));
        }
        Ok(reason)
    }
}

/// Approve a pending order: checks the customer's credit and reserves stock.
#[utoipa::path(post, path = "/orders/{id}/approve", tag = "orders", operation_id = "approveOrder", request_body = ApproveBody,
    params(("id" = OrderId, Path, description = "The order"), ("If-Match" = Option<i64>, Header, description = "The version the caller has seen")),
    responses(
        (status = 200, description = "The approved order", body = OrderView),
        (status = 401, description = "Not signed in", body = Problem),
        (status = 403, description = "No permission", body = Problem),
        (status = 404, description = "No such order for the caller", body = Problem),
        (status = 409, description = "It isn't pending", body = Problem),
        (status = 412, description = "It was changed meanwhile", body = Problem),
        (status = 422, description = "Credit or stock doesn't carry it", body = Problem),
    ))]
pub async fn approve(
    State(app): State<App>,
    caller: Authorized<OrdersApprove>,
    Path(id): Path<OrderId>,
    headers: HeaderMap,
    cmd: Command<ApproveBody>,
) -> ApiResult<Json<OrderView>> {
    let how = Approve { version: if_match(&headers)?, override_credit: cmd.body.override_credit };
    Ok(Json(service::approve(&app, &caller, id, how).await?))
}

/// Reject a pending order with a reason.
#[utoipa::path(post, path = "/orders/{id}/reject", tag = "orders", operation_id = "rejectOrder", request_body = ReasonBody,
    params(("id" = OrderId, Path, description = "The order")),
    responses(
        (status = 200, description = "The rejected order", body = OrderView),
        (status = 400, description = "No reason", body = Problem),
        (status = 401, description = "Not signed in", body = Problem),
        (status = 403, description = "No permission", body = Problem),
        (status = 404, description = "No such order for the caller", body = Problem),
        (status = 409, description = "It isn't pending", body = Problem),
    ))]
pub async fn reject(
    State(app): State<App>,
    caller: Authorized<OrdersApprove>,
    Path(id): Path<OrderId>,
    cmd: Command<ReasonBody>,
) -> ApiResult<Json<OrderView>> {
    Ok(Json(service::reject(&app, &caller, id, cmd.body.checked()?).await?))
}

/// Withdraw an order that is not invoiced yet.
#[utoipa::path(post, path = "/orders/{id}/cancel", tag = "orders", operation_id = "cancelOrder", request_body = ReasonBody,
    params(("id" = OrderId, Path, description = "The order")),
    responses(
        (status = 200, description = "The cancelled order", body = OrderView),
        (status = 400, description = "No reason", body = Problem),
        (status = 401, description = "Not signed in", body = Problem),
        (status = 403, description = "No permission", body = Problem),
        (status = 404, description = "No such order for the caller", body = Problem),
        (status = 409, description = "It is too late", body = Problem),
    ))]
pub async fn cancel(
    State(app): State<App>,
    caller: Authorized<OrdersCreate>,
    Path(id): Path<OrderId>,
    cmd: Command<ReasonBody>,
) -> ApiResult<Json<OrderView>> {
    Ok(Json(service::cancel(&app, &caller, id, cmd.body.checked()?).await?))
}

/// Which orders to approve.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct BulkApproveBody {
    /// 1 to 100 orders.
    #[schema(min_items = 1, max_items = 100)]
    order_ids: Vec<OrderId>,
}

/// What became of one of the orders.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct BulkResult {
    order_id: OrderId,
    /// Where it stands, when it was approved.
    status: Option<OrderStatus>,
    /// Why it was not approved.
    code: Option<String>,
    /// The same for people.
    message: Option<String>,
}

/// What became of the orders, in the order they were named.
#[derive(Debug, Serialize, ToSchema)]
pub struct BulkResults {
    results: Vec<BulkResult>,
}

/// Approve many orders, each for itself: one that can't be approved doesn't hold up the others.
#[utoipa::path(post, path = "/orders/bulk-approve", tag = "orders", operation_id = "bulkApproveOrders", request_body = BulkApproveBody,
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
    let ids = &cmd.body.order_ids;
    if ids.is_empty() || ids.len() > 100 {
        return Err(ApiError::invalid_field(
            "orderIds",
            "Cần từ 1 đến 100 đơn hàng",
            "1 to 100 orders are needed",
        ));
    }
    let language = Language::of(headers.get("accept-language").and_then(|v| v.to_str().ok()));
    let mut results = Vec::with_capacity(ids.len());
    for id in ids {
        results.push(match service::approve(&app, &caller, *id, Approve::default()).await {
            Ok(order) => {
                BulkResult { order_id: *id, status: Some(order.head.status), code: None, message: None }
            }
            Err(e) if e.status().is_server_error() => return Err(e),
            Err(e) => BulkResult {
                order_id: *id,
                status: None,
                code: Some(e.code().to_owned()),
                message: Some(e.text(language).to_owned()),
            },
        });
    }
    Ok(Json(BulkResults { results }))
}
