use axum::Json;
use axum::extract::State;
use domain::OrderId;
use domain::order::ShortagePolicy;
use domain::permission::{InvoicesManage, OrdersApprove, OrdersCreate, Permission};
use platform::{ApiError, ApiResult, App, Authorized, Command, IfMatch, Path, Problem};
use serde::Deserialize;
use utoipa::ToSchema;

use crate::model::{Fulfilled, OrderView};
use crate::service::{self, Approve};

/// How to approve.
#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
pub struct ApproveBody {
    /// Approve although the customer's credit doesn't carry it; for those who manage the distributor's invoices.
    override_credit: bool,
    /// Approve although the phone told the customer other totals.
    accept_differences: bool,
    /// What to do when only a part is in stock; the distributor's policy when absent.
    on_shortage: Option<ShortagePolicy>,
}

/// How to fulfil.
#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
pub struct FulfilBody {
    /// Although the customer's credit doesn't carry it.
    override_credit: bool,
    /// Although the phone told the customer other totals.
    accept_differences: bool,
}

/// Why.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ReasonBody {
    /// The rep is told; 1 to 500 characters.
    #[schema(min_length = 1, max_length = 500)]
    reason: String,
}

/// The reason without what surrounds it.
pub(super) fn checked_reason(reason: &str) -> Result<&str, ApiError> {
    let reason = reason.trim();
    if reason.is_empty() || reason.chars().count() > 500 {
        return Err(ApiError::invalid_field(
            "reason",
            "Cần lý do, tối đa 500 ký tự",
            "A reason of 1 to 500 characters is needed",
        ));
    }
    Ok(reason)
}

/// Approve a pending order: checks the customer's credit and reserves stock. When only a part is in stock it may be
/// split: the part is approved, the rest becomes a pending order (`splitInto`).
#[utoipa::path(post, path = "/orders/{id}/approve", tag = "orders", operation_id = "approveOrder", request_body = ApproveBody,
    params(("id" = OrderId, Path, description = "The order"), ("If-Match" = Option<i64>, Header, description = "The version the caller has seen"),
        ("Idempotency-Key" = Option<String>, Header, description = "Repeats with the same key get the first answer")),
    responses(
        (status = 200, description = "The approved order", body = OrderView),
        (status = 401, description = "Not signed in", body = Problem),
        (status = 403, description = "No permission", body = Problem),
        (status = 404, description = "No such order for the caller", body = Problem),
        (status = 409, description = "It isn't pending", body = Problem),
        (status = 412, description = "It was changed meanwhile", body = Problem),
        (status = 422, description = "Credit or stock doesn't carry it, or the phone's totals differ", body = Problem),
    ))]
pub async fn approve(
    State(app): State<App>,
    caller: Authorized<OrdersApprove>,
    Path(id): Path<OrderId>,
    version: IfMatch,
    cmd: Command<ApproveBody>,
) -> ApiResult<Json<OrderView>> {
    let how = Approve {
        version: version.0,
        override_credit: cmd.body.override_credit,
        accept_differences: cmd.body.accept_differences,
        on_shortage: cmd.body.on_shortage,
    };
    Ok(Json(service::approve(&app, &caller, &cmd.once(None), id, how).await?))
}

/// Approve, invoice and issue an order in one step: all of it leaves at once, or nothing happens.
#[utoipa::path(post, path = "/orders/{id}/fulfil", tag = "orders", operation_id = "fulfilOrder", request_body = FulfilBody,
    params(("id" = OrderId, Path, description = "The order"), ("If-Match" = Option<i64>, Header, description = "The version the caller has seen"),
        ("Idempotency-Key" = Option<String>, Header, description = "Repeats with the same key get the first answer")),
    responses(
        (status = 200, description = "The papers that were written", body = Fulfilled),
        (status = 401, description = "Not signed in", body = Problem),
        (status = 403, description = "No permission", body = Problem),
        (status = 404, description = "No such order for the caller", body = Problem),
        (status = 409, description = "It is neither pending nor approved, or its warehouse is being counted", body = Problem),
        (status = 412, description = "It was changed meanwhile", body = Problem),
        (status = 422, description = "Credit or stock doesn't carry it, or the phone's totals differ", body = Problem),
    ))]
pub async fn fulfil(
    State(app): State<App>,
    caller: Authorized<OrdersApprove>,
    Path(id): Path<OrderId>,
    version: IfMatch,
    cmd: Command<FulfilBody>,
) -> ApiResult<Json<Fulfilled>> {
    if !caller.may::<InvoicesManage>() {
        return Err(ApiError::forbidden(<InvoicesManage as Permission>::NAME));
    }
    let how = Approve {
        version: version.0,
        override_credit: cmd.body.override_credit,
        accept_differences: cmd.body.accept_differences,
        on_shortage: Some(ShortagePolicy::Block),
    };
    Ok(Json(service::fulfil(&app, &caller, &cmd.once(None), id, how).await?))
}

/// Reject a pending order with a reason.
#[utoipa::path(post, path = "/orders/{id}/reject", tag = "orders", operation_id = "rejectOrder", request_body = ReasonBody,
    params(("id" = OrderId, Path, description = "The order"), ("Idempotency-Key" = Option<String>, Header, description = "Repeats with the same key get the first answer")),
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
    Ok(Json(service::reject(&app, &caller, &cmd.once(None), id, checked_reason(&cmd.body.reason)?).await?))
}

/// Withdraw an order that is not invoiced yet; a rep may withdraw their own until it is decided upon.
#[utoipa::path(post, path = "/orders/{id}/cancel", tag = "orders", operation_id = "cancelOrder", request_body = ReasonBody,
    params(("id" = OrderId, Path, description = "The order"), ("Idempotency-Key" = Option<String>, Header, description = "Repeats with the same key get the first answer")),
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
    Ok(Json(service::cancel(&app, &caller, &cmd.once(None), id, checked_reason(&cmd.body.reason)?).await?))
}

/// Accept that the phone told the customer other totals, of an order in whatever state: it needs no review any more.
#[utoipa::path(post, path = "/orders/{id}/review", tag = "orders", operation_id = "reviewOrder", request_body = ReasonBody,
    params(("id" = OrderId, Path, description = "The order"), ("Idempotency-Key" = Option<String>, Header, description = "Repeats with the same key get the first answer")),
    responses(
        (status = 200, description = "The order", body = OrderView),
        (status = 400, description = "No reason", body = Problem),
        (status = 401, description = "Not signed in", body = Problem),
        (status = 403, description = "No permission", body = Problem),
        (status = 404, description = "No such order for the caller", body = Problem),
    ))]
pub async fn review(
    State(app): State<App>,
    caller: Authorized<OrdersApprove>,
    Path(id): Path<OrderId>,
    cmd: Command<ReasonBody>,
) -> ApiResult<Json<OrderView>> {
    Ok(Json(service::review(&app, &caller, &cmd.once(None), id, checked_reason(&cmd.body.reason)?).await?))
}
