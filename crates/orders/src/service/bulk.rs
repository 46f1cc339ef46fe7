use domain::{OrderId, OrderStatus};
use platform::{ApiError, App, Caller, Language, Once};
use serde::Serialize;
use utoipa::ToSchema;

use super::{Approve, approve, reject};
use crate::model::OrderView;

/// What became of one of the orders.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct BulkResult {
    /// The order.
    order_id: OrderId,
    /// Where it stands, when it was decided upon.
    status: Option<OrderStatus>,
    /// Why it was not.
    code: Option<String>,
    /// The same for people.
    message: Option<String>,
}

impl BulkResult {
    fn of(id: OrderId, done: Result<OrderView, ApiError>, language: Language) -> Result<Self, ApiError> {
        match done {
            Ok(order) => {
                Ok(BulkResult { order_id: id, status: Some(order.head.status), code: None, message: None })
            }
            Err(e) if e.status().is_server_error() => Err(e),
            Err(e) => Ok(BulkResult {
                order_id: id,
                status: None,
                code: Some(e.code().to_owned()),
                message: Some(e.text(language).to_owned()),
            }),
        }
    }
}

/// Approves the orders, each in a transaction of its own: one that can't be approved doesn't hold up the others.
///
/// # Errors
/// 500 and the like; what was approved until then stays.
pub async fn bulk_approve(
    app: &App,
    caller: &Caller,
    once: &Once,
    ids: &[OrderId],
    language: Language,
) -> Result<Vec<BulkResult>, ApiError> {
    let mut results = Vec::with_capacity(ids.len());
    for id in ids {
        let done = approve(app, caller, &once.part(id.uuid()), *id, Approve::default()).await;
        results.push(BulkResult::of(*id, done, language)?);
    }
    Ok(results)
}

/// Rejects the orders for one reason, each in a transaction of its own.
///
/// # Errors
/// As [`bulk_approve`].
pub async fn bulk_reject(
    app: &App,
    caller: &Caller,
    once: &Once,
    ids: &[OrderId],
    reason: &str,
    language: Language,
) -> Result<Vec<BulkResult>, ApiError> {
    let mut results = Vec::with_capacity(ids.len());
    for id in ids {
        let done = reject(app, caller, &once.part(id.uuid()), *id, reason).await;
        results.push(BulkResult::of(*id, done, language)?);
    }
    Ok(results)
}
