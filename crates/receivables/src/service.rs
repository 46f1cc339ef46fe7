//! Receiving money.

use db::{PgConnection, audit, numbers};
use domain::document::DocumentKind;
use domain::{CustomerId, Money, ReceiptId, ReceivableEntryId};
use platform::{ApiError, ApiResult, App, Caller};

use crate::ledger::{self, Allocate, Credit};
use crate::model::{EntryKind, MoneyReceipt, PaymentMethod};
use crate::store;

/// Money that came in.
#[derive(Debug, Clone)]
pub(crate) struct Payment {
    pub customer: CustomerId,
    pub amount: Money,
    pub method: PaymentMethod,
    pub note: String,
    /// Which debts it pays; none pays the oldest due first.
    pub allocations: Option<Vec<(ReceivableEntryId, Money)>>,
}

/// Receives the money under the next `TN` number; gives the receipt and what is owed after it.
pub(crate) async fn receive(
    c: &mut PgConnection,
    app: &App,
    caller: &Caller,
    id: ReceiptId,
    payment: &Payment,
) -> ApiResult<(MoneyReceipt, Money)> {
    let distributor =
        store::find_distributor_of(c, payment.customer).await?.ok_or_else(ApiError::not_found)?;
    ledger::lock_balance(c, distributor, payment.customer).await?;
    let number = numbers::next(c, distributor, DocumentKind::MoneyReceipt, app.today()).await?;
    let credit = Credit {
        distributor,
        customer: payment.customer,
        kind: EntryKind::Receipt,
        amount: payment.amount,
        document_id: id.uuid().into(),
        number: &number,
        business_date: app.today(),
        at: app.now(),
        actor: caller.user_id,
    };
    store::insert_receipt(c, &credit, payment.method, &payment.note).await.map_err(|e| {
        ApiError::from(e).on_constraint("receipts_pkey", || {
            ApiError::conflict("receivables.id_taken", "Mã (id) này đã dùng.", "This id is taken.")
        })
    })?;
    let how = payment.allocations.as_deref().map_or(Allocate::OldestDueFirst, Allocate::ByHand);
    let posted = ledger::credit(c, &credit, how).await?;
    let receipt = store::find_receipt(c, id).await?;
    let entry = audit::Entry::<(), _> {
        action: "receivables.receive",
        entity: "receipt",
        entity_id: Some(id.uuid()),
        distributor: Some(distributor),
        before: None,
        after: Some(&receipt),
    };
    audit::record(c, caller.context(), app.now(), entry).await?;
    Ok((receipt, posted.balance))
}
