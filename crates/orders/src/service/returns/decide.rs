use db::audit;
use domain::SalesReturnId;
use domain::permission::{Permission, ReturnsManage};
use platform::{ApiError, App, Caller, Once, transaction_once};

use super::error::ReturnError;
use super::return_view;
use crate::model::{ReturnStatus, SalesReturnView};
use crate::store;

/// What is decided about a return.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ReturnStep {
    /// The goods may come in.
    Approve,
    /// They may not.
    Reject,
    /// They don't, after all.
    Cancel,
}

impl ReturnStep {
    fn after(self, from: ReturnStatus) -> Result<ReturnStatus, ReturnError> {
        match (self, from) {
            (ReturnStep::Approve, ReturnStatus::Pending) => Ok(ReturnStatus::Approved),
            (ReturnStep::Reject, ReturnStatus::Pending) => Ok(ReturnStatus::Rejected),
            (ReturnStep::Cancel, ReturnStatus::Pending | ReturnStatus::Approved) => {
                Ok(ReturnStatus::Cancelled)
            }
            (_, from) => Err(ReturnError::WrongState(from)),
        }
    }

    fn action(self) -> &'static str {
        match self {
            ReturnStep::Approve => "returns.approve",
            ReturnStep::Reject => "returns.reject",
            ReturnStep::Cancel => "returns.cancel",
        }
    }
}

/// Approves, rejects or cancels a return. Who asked for it may cancel it while it is pending.
///
/// # Errors
/// 403 for those who don't manage returns, 404, 409 when it is too late.
pub async fn decide_return(
    app: &App,
    caller: &Caller,
    once: &Once,
    id: SalesReturnId,
    step: ReturnStep,
    said: &str,
) -> Result<SalesReturnView, ApiError> {
    let decided = transaction_once!(app, caller.context(), once, "returns.decide", |tx| {
        let ret = store::lock_return(tx, id)
            .await?
            .filter(|ret| caller.scope().includes(ret.rep_id, ret.unit_id))
            .ok_or_else(ApiError::not_found)?;
        let own = step == ReturnStep::Cancel
            && ret.status == ReturnStatus::Pending
            && ret.created_by == caller.user_id;
        if !own && !caller.may::<ReturnsManage>() {
            return Err(ApiError::forbidden(ReturnsManage::NAME));
        }
        let to = step.after(ret.status)?;
        store::decide_return(tx, &ret, to, said, caller.user_id, app.now()).await?;
        let entry = audit::Entry {
            action: step.action(),
            entity: "sales_return",
            entity_id: Some(id.uuid()),
            distributor: Some(ret.distributor_id),
            before: Some(&serde_json::json!({"status": ret.status})),
            after: Some(&serde_json::json!({"status": to, "decision": said})),
        };
        audit::record(tx, caller.context(), app.now(), entry).await?;
        return_view(tx, caller, id).await
    })?;
    Ok(decided)
}
