use db::{PgConnection, numbers};
use domain::document::DocumentKind;
use domain::{CustomerId, Money, ReceivableEntryId, RefundId};
use platform::{ApiError, ApiResult, App, Caller};

use super::{id_taken, note};
use crate::ledger::{self, Allocate, Charge, LedgerError};
use crate::model::{EntryKind, MoneyRefund, PaymentMethod};
use crate::store;

/// Money to give back.
#[derive(Debug)]
pub(crate) struct Refund {
    pub customer: CustomerId,
    pub amount: Money,
    pub method: PaymentMethod,
    pub note: String,
    /// The credit it comes out of; the oldest first when none is named.
    pub credit: Option<ReceivableEntryId>,
}

/// Gives money back out of a customer's credit, never more than that, under the next `PC` number.
pub(crate) async fn refund(
    c: &mut PgConnection,
    app: &App,
    caller: &Caller,
    id: RefundId,
    refund: &Refund,
) -> ApiResult<(MoneyRefund, Money)> {
    let distributor =
        store::find_distributor_of(c, refund.customer).await?.ok_or_else(ApiError::not_found)?;
    ledger::lock_balance(c, distributor, refund.customer).await?;
    let credits = store::list_open_credits(c, distributor, refund.customer).await?;
    let usable = credits.iter().filter(|e| refund.credit.is_none_or(|id| e.item.id == id));
    let credit = Money::sum(usable.map(|e| e.item.open)).map_err(LedgerError::from)?;
    if refund.amount > credit {
        return Err(LedgerError::MoreThanCredit { wanted: refund.amount, credit }.into());
    }
    let number = numbers::next(c, distributor, DocumentKind::Refund, app.today()).await?;
    let charge = Charge {
        distributor,
        customer: refund.customer,
        kind: EntryKind::Refund,
        amount: refund.amount,
        document_id: id.uuid().into(),
        number: &number,
        business_date: app.today(),
        due_date: app.today(),
        at: app.now(),
        actor: caller.user_id,
    };
    store::insert_refund(c, &charge, refund.method, &refund.note)
        .await
        .map_err(|e| id_taken(e, "receivable_refunds_pkey"))?;
    let named = refund.credit.map(|credit| [(credit, refund.amount)]);
    let how = named.as_ref().map_or(Allocate::OldestDueFirst, |parts| Allocate::ByHand(parts));
    let posted = ledger::charge_against(c, &charge, how).await?;
    let made = store::find_refund(c, id).await?.ok_or_else(ApiError::not_found)?;
    let about = ("receivables.refund", "receivable_refund");
    note(c, app, caller, about, (distributor, id.uuid()), &made).await?;
    Ok((made, posted.balance))
}
