//! What is decided about orders; each public function is one transaction.

mod bulk;
mod credit;
mod decide;
mod deliver;
mod edit;
mod fulfil;
mod gifts;
mod given_back;
mod invoice;
mod invoice_end;
mod issue;
mod place;
mod policy;
mod portion;
mod price;
mod print;
mod returns;
mod split;
mod van;
mod view;

pub use bulk::{BulkResult, bulk_approve, bulk_reject};
pub use credit::customer_credit;
pub use decide::{Approve, accept_differences, approve, cancel, reject, review};
pub use edit::{edit, submit};
pub use fulfil::fulfil;
pub use invoice::create_invoice;
pub use invoice_end::{cancel_invoice, close_invoice};
pub use issue::{IssueLineAsked, issue};
pub use place::{place, place_late};
pub use policy::{delete_policy, set_policy};
pub use portion::Amounts;
pub use price::quote;
pub use print::{print_invoice, print_issue, print_order};
pub use returns::{
    AskedLine, AskedReturn, ReturnInto, ReturnStep, create_return, decide_return, find_return, receive_return,
};
pub use view::{find_invoice, find_order};

use db::PgConnection;
use domain::OrderStatus;
use platform::{ApiError, App, Caller};
use serde::Serialize;
use serde_json::{Value, json};

use crate::error::OrderError;
use crate::store::{self, LockedOrder, Step};

/// `OrderStatusChanged`, as the hub sends it.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct StatusChanged<'a> {
    order_id: domain::OrderId,
    order_number: &'a str,
    customer_name: &'a str,
    rep_id: domain::UserId,
    status: OrderStatus,
    reason: &'a str,
}

/// What a step says and does beside moving the order on.
#[derive(Default)]
struct Said<'a> {
    /// Why.
    reason: &'a str,
    /// For the order's history.
    detail: Option<Value>,
    /// All pieces of its lines are reserved from now on, or none any more.
    reserved: Option<bool>,
    /// Somebody has accepted what differs from the phone's totals.
    reviewed: bool,
}

/// Moves the locked order on, with its history, the audit row and `OrderStatusChanged`.
async fn step(
    app: &App,
    c: &mut PgConnection,
    caller: &Caller,
    order: &LockedOrder,
    to: OrderStatus,
    action: &'static str,
    said: Said<'_>,
) -> Result<(), ApiError> {
    let payload = serde_json::to_value(StatusChanged {
        order_id: order.id,
        order_number: &order.number,
        customer_name: &order.customer_name,
        rep_id: order.rep_id,
        status: to,
        reason: said.reason,
    })
    .map_err(ApiError::internal)?;
    let step = Step {
        to,
        reason: said.reason,
        detail: said.detail.as_ref(),
        action,
        before: &json!({"status": order.status}),
        after: &json!({"status": to, "reason": said.reason}),
        reserved: said.reserved,
        reviewed: said.reviewed,
        event: ("OrderStatusChanged", &payload),
        actor: caller.user_id,
        at: app.now(),
    };
    Ok(store::move_on(c, caller.context(), order, &step).await?)
}

/// Locks the order if the caller may see it and it is still what the caller has seen.
async fn lock(
    c: &mut PgConnection,
    caller: &Caller,
    id: domain::OrderId,
    version: Option<i64>,
) -> Result<LockedOrder, ApiError> {
    let order = store::lock_orders(c, &[id]).await?.pop().ok_or_else(ApiError::not_found)?;
    if !caller.scope().includes(order.rep_id, order.unit_id) {
        return Err(ApiError::not_found());
    }
    if version.is_some_and(|v| v != order.version) {
        return Err(OrderError::Stale.into());
    }
    Ok(order)
}
