use chrono::NaiveDate;
use db::{PgConnection, numbers};
use domain::document::DocumentKind;
use domain::{CustomerId, DocumentId, Money, ReceiptId, ReceivableEntryId, UserId};
use platform::{ApiError, ApiResult, App, Caller};

use super::{id_taken, note, unknown_rep};
use crate::cash::{self, CashKind};
use crate::ledger::{self, Allocate, Credit};
use crate::model::{EntryKind, MoneyReceipt, PaymentMethod};
use crate::store;

/// Money that came in.
#[derive(Debug, Clone)]
pub struct Payment {
    /// Who pays.
    pub customer: CustomerId,
    /// How much; above zero.
    pub amount: Money,
    /// How it came.
    pub method: PaymentMethod,
    /// A remark.
    pub note: String,
    /// The business day on which it was taken: the day whose cash a rep hands over.
    pub day: NaiveDate,
    /// The business day of the receipt, its number and its entry in the ledger.
    pub booked_on: NaiveDate,
    /// Who took it; the caller when nobody is named. Cash that a rep or supervisor took is theirs to hand over.
    pub collected_by: Option<UserId>,
    /// Which debts it pays.
    pub pays: Pays,
}

/// Which debts money pays.
#[derive(Debug, Clone)]
pub enum Pays {
    /// The oldest due first.
    OldestDueFirst,
    /// Those of this document first, then the oldest due.
    FirstTo(DocumentId),
    /// These, with these amounts.
    ByHand(Vec<(ReceivableEntryId, Money)>),
}

/// What was received.
#[derive(Debug, Clone)]
pub struct Received {
    /// The receipt.
    pub receipt: MoneyReceipt,
    /// What the customer owes after it; negative is credit.
    pub balance: Money,
}

/// Receives money under the next `TN` number: the receipt, its entry and allocations, and, for cash that a rep took,
/// the cash the rep carries. Locks the customer's balance, the counter and the rep's cash, in this order.
///
/// # Errors
/// 404 for a customer that is not the caller's; 409 when the id is taken; 422 as the ledger says, or when who took it
/// doesn't work for the distributor.
pub async fn receive(
    c: &mut PgConnection,
    app: &App,
    caller: &Caller,
    id: ReceiptId,
    payment: &Payment,
) -> ApiResult<Received> {
    let distributor =
        store::find_distributor_of(c, payment.customer).await?.ok_or_else(ApiError::not_found)?;
    let collector = payment.collected_by.unwrap_or(caller.user_id);
    let carries = match payment.collected_by {
        None => cash::carries_cash(caller.role),
        Some(user) if user == caller.user_id => cash::carries_cash(caller.role),
        Some(user) => {
            let role = store::find_role(c, distributor, user).await?.ok_or_else(|| unknown_rep(user))?;
            cash::carries_cash(role)
        }
    };
    ledger::lock_balance(c, distributor, payment.customer).await?;
    let number = numbers::next(c, distributor, DocumentKind::MoneyReceipt, payment.booked_on).await?;
    let credit = Credit {
        distributor,
        customer: payment.customer,
        kind: EntryKind::Receipt,
        amount: payment.amount,
        document_id: id.uuid().into(),
        number: &number,
        business_date: payment.booked_on,
        at: app.now(),
        actor: caller.user_id,
    };
    store::insert_receipt(c, &credit, collector, payment.method, &payment.note)
        .await
        .map_err(|e| id_taken(e, "receipts_pkey"))?;
    let how = match &payment.pays {
        Pays::OldestDueFirst => Allocate::OldestDueFirst,
        Pays::FirstTo(document) => Allocate::FirstTo(*document),
        Pays::ByHand(parts) => Allocate::ByHand(parts),
    };
    let posted = ledger::credit(c, &credit, how).await?;
    if payment.method == PaymentMethod::Cash && carries {
        let entry = cash::Entry {
            distributor,
            rep: collector,
            kind: CashKind::Collected,
            amount: payment.amount,
            day: payment.day,
            document_id: credit.document_id,
            number: &number,
            at: app.now(),
            actor: caller.user_id,
        };
        store::insert_cash(c, &entry).await?;
    }
    let receipt = store::find_receipt(c, id).await?.ok_or_else(ApiError::not_found)?;
    note(c, app, caller, ("receivables.receive", "receipt"), (distributor, id.uuid()), &receipt).await?;
    Ok(Received { receipt, balance: posted.balance })
}
