//! What is done with money and debts, each in one transaction of the caller.

mod adjust;
mod allocate;
mod cancel_receipt;
mod hand_over;
mod receive;
mod refund;

use db::{PgConnection, audit};
use domain::{DistributorId, UserId};
use platform::{ApiError, ApiResult, App, Caller};
use serde::Serialize;
use uuid::Uuid;

pub(crate) use adjust::{Adjustment, adjust};
pub(crate) use allocate::{allocate, undo_allocation};
pub(crate) use cancel_receipt::cancel_receipt;
pub(crate) use hand_over::{HandOver, delete_policy, hand_over, set_policy};
pub use receive::{Payment, Pays, Received, receive};
pub(crate) use refund::{Refund, refund};

use crate::store::Stamp;

fn stamp(app: &App, caller: &Caller, distributor: DistributorId) -> Stamp {
    Stamp { distributor, day: app.today(), at: app.now(), actor: caller.user_id }
}

/// Leaves an audit row about something new.
async fn note<T: Serialize>(
    c: &mut PgConnection,
    app: &App,
    caller: &Caller,
    (action, entity): (&'static str, &'static str),
    (distributor, id): (DistributorId, Uuid),
    after: &T,
) -> ApiResult<()> {
    let entry = audit::Entry::<(), _> {
        action,
        entity,
        entity_id: Some(id),
        distributor: Some(distributor),
        before: None,
        after: Some(after),
    };
    audit::record(c, caller.context(), app.now(), entry).await?;
    Ok(())
}

/// The answer when a client's id belongs to something else.
fn id_taken(error: sqlx::Error, constraint: &str) -> ApiError {
    ApiError::from(error).on_constraint(constraint, || {
        ApiError::conflict("receivables.id_taken", "Mã (id) này đã dùng.", "This id is taken.")
    })
}

/// The refusal of somebody who doesn't work for the distributor.
fn unknown_rep(rep: UserId) -> ApiError {
    ApiError::unprocessable(
        "receivables.unknown_rep",
        "Nhân viên này không thuộc nhà phân phối. Hãy chọn lại.",
        "This is nobody of the distributor's people. Choose again.",
    )
    .with("repId", rep)
}
