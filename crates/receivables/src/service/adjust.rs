use chrono::NaiveDate;
use db::{PgConnection, numbers};
use domain::document::DocumentKind;
use domain::{AdjustmentId, CustomerId, Money, ReceivableEntryId};
use platform::{ApiError, ApiResult, App, Caller};

use super::{id_taken, note};
use crate::ledger::{self, Allocate, Charge, Credit, LedgerError};
use crate::model::{AdjustmentKind, DebtAdjustment, EntryKind};
use crate::store;

/// A correction of what a customer owes.
#[derive(Debug)]
pub(crate) struct Adjustment {
    pub customer: CustomerId,
    /// Above zero is owed on top, below zero is owed no more.
    pub amount: Money,
    pub kind: AdjustmentKind,
    pub reason: String,
    /// When what is owed on top is due; today when not said.
    pub due: Option<NaiveDate>,
    /// The debts that are owed no more; the oldest due first when not said.
    pub allocations: Option<Vec<(ReceivableEntryId, Money)>>,
}

/// Corrects what a customer owes under the next `DN` number. A write-off takes no more than the customer owes.
pub(crate) async fn adjust(
    c: &mut PgConnection,
    app: &App,
    caller: &Caller,
    id: AdjustmentId,
    adjustment: &Adjustment,
) -> ApiResult<(DebtAdjustment, Money)> {
    let customer = adjustment.customer;
    let distributor = store::find_distributor_of(c, customer).await?.ok_or_else(ApiError::not_found)?;
    ledger::lock_balance(c, distributor, customer).await?;
    let lowered = adjustment.amount.checked_neg().map_err(LedgerError::from)?;
    if adjustment.kind == AdjustmentKind::WriteOff {
        let debts = store::list_open_debts(c, distributor, customer).await?;
        let owed = Money::sum(debts.iter().map(|e| e.item.open)).map_err(LedgerError::from)?;
        if lowered > owed {
            return Err(LedgerError::MoreThanOwed { wanted: lowered, owed }.into());
        }
    }
    let (today, now, actor) = (app.today(), app.now(), caller.user_id);
    let number = numbers::next(c, distributor, DocumentKind::DebtAdjustment, today).await?;
    let due = adjustment.due.unwrap_or(today);
    let row = store::NewAdjustment {
        distributor,
        id,
        number: &number,
        customer,
        amount: adjustment.amount,
        kind: adjustment.kind,
        reason: &adjustment.reason,
        day: today,
        due: adjustment.amount.is_positive().then_some(due),
        actor,
        at: now,
    };
    store::insert_adjustment(c, &row).await.map_err(|e| id_taken(e, "receivable_adjustments_pkey"))?;
    let (document_id, kind) = (id.uuid().into(), EntryKind::Adjustment);
    let posted = if adjustment.amount.is_positive() {
        let charge = Charge {
            distributor,
            customer,
            kind,
            amount: adjustment.amount,
            document_id,
            number: &number,
            business_date: today,
            due_date: due,
            at: now,
            actor,
        };
        ledger::charge(c, &charge).await?
    } else {
        let credit = Credit {
            distributor,
            customer,
            kind,
            amount: lowered,
            document_id,
            number: &number,
            business_date: today,
            at: now,
            actor,
        };
        let how = adjustment.allocations.as_deref().map_or(Allocate::OldestDueFirst, Allocate::ByHand);
        ledger::credit(c, &credit, how).await?
    };
    let made = store::find_adjustment(c, id).await?.ok_or_else(ApiError::not_found)?;
    let about = ("receivables.adjust", "receivable_adjustment");
    note(c, app, caller, about, (distributor, id.uuid()), &made).await?;
    Ok((made, posted.balance))
}
