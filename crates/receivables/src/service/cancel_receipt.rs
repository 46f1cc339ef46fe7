use db::{PgConnection, audit};
use domain::{Money, ReceiptId};
use platform::{ApiError, ApiResult, App, Caller};

use super::{Received, stamp};
use crate::cash::{self, CashKind};
use crate::ledger::{self, Allocate, Charge, LedgerError};
use crate::model::EntryKind;
use crate::store::{self, NewAllocation};

/// Takes a receipt back that should not be: what it paid is open again from today on, an entry takes it out of the
/// balance, and, for cash that a rep carries, out of that. The receipt stays, marked.
pub(crate) async fn cancel_receipt(
    c: &mut PgConnection,
    app: &App,
    caller: &Caller,
    id: ReceiptId,
    reason: &str,
) -> ApiResult<Received> {
    let locked = store::lock_receipt(c, id).await?.ok_or_else(ApiError::not_found)?;
    if locked.cancelled {
        return Err(ApiError::conflict(
            "receivables.receipt_cancelled",
            "Phiếu thu này đã hủy.",
            "This receipt was cancelled already.",
        ));
    }
    let (distributor, customer) = (locked.distributor, locked.customer);
    ledger::lock_balance(c, distributor, customer).await?;
    let before = store::find_receipt(c, id).await?.ok_or_else(ApiError::not_found)?;
    let used = store::list_live_allocations(c, distributor, locked.entry).await?;
    if used.iter().any(|a| a.debit_kind == EntryKind::Refund) {
        return Err(ApiError::unprocessable(
            "receivables.receipt_refunded",
            "Tiền của phiếu thu này đã hoàn lại cho khách nên không hủy được. Hãy lập phiếu điều chỉnh công nợ.",
            "Money of this receipt was given back, so it can't be cancelled. Post an adjustment.",
        ));
    }
    let stamp = stamp(app, caller, distributor);
    let mut reversals = Vec::with_capacity(used.len());
    for a in used {
        reversals.push(NewAllocation {
            credit: locked.entry,
            debit: a.debit,
            amount: a.amount.checked_neg().map_err(LedgerError::from)?,
            reverses: Some(a.id),
        });
    }
    store::insert_allocations(c, &stamp, &reversals).await?;
    let charge = Charge {
        distributor,
        customer,
        kind: EntryKind::Receipt,
        amount: before.amount,
        document_id: id.uuid().into(),
        number: &before.number,
        business_date: app.today(),
        due_date: app.today(),
        at: app.now(),
        actor: caller.user_id,
    };
    let against = [(locked.entry, before.amount)];
    let posted = ledger::charge_against(c, &charge, Allocate::ByHand(&against)).await?;
    store::cancel_receipt(c, distributor, id, &stamp, reason).await?;
    if let Some(cash) = store::find_collected(c, distributor, id.uuid().into()).await? {
        // Out of the day it was collected on if the rep still carries it, else out of today's.
        let day = store::lock_cash_day(c, distributor, cash.rep, cash.day).await?;
        let carried = day.in_hand >= cash.amount;
        let entry = cash::Entry {
            distributor,
            rep: cash.rep,
            kind: CashKind::Cancelled,
            amount: Money::ZERO.checked_sub(cash.amount).map_err(LedgerError::from)?,
            day: if carried { cash.day } else { app.today() },
            document_id: id.uuid().into(),
            number: &before.number,
            at: app.now(),
            actor: caller.user_id,
        };
        store::insert_cash(c, &entry).await?;
    }
    let receipt = store::find_receipt(c, id).await?.ok_or_else(ApiError::not_found)?;
    let entry = audit::Entry {
        action: "receivables.cancel_receipt",
        entity: "receipt",
        entity_id: Some(id.uuid()),
        distributor: Some(distributor),
        before: Some(&before),
        after: Some(&receipt),
    };
    audit::record(c, caller.context(), app.now(), entry).await?;
    Ok(Received { receipt, balance: posted.balance })
}
