use db::PgConnection;
use domain::{AllocationId, Money, ReceivableEntryId};
use platform::{ApiError, ApiResult, App, Caller};

use super::{note, stamp};
use crate::ledger;
use crate::model::{Allocation, EntryKind};
use crate::store::{self, NewAllocation};

/// Pays debts with what is left of a credit.
pub(crate) async fn allocate(
    c: &mut PgConnection,
    app: &App,
    caller: &Caller,
    credit: ReceivableEntryId,
    wanted: &[(ReceivableEntryId, Money)],
) -> ApiResult<Vec<Allocation>> {
    let entry = store::find_entry(c, credit).await?.ok_or_else(ApiError::not_found)?;
    ledger::lock_balance(c, entry.distributor, entry.customer).await?;
    let stamp = stamp(app, caller, entry.distributor);
    ledger::allocate_later(c, entry.customer, &stamp, credit, wanted).await?;
    let all = store::list_allocations(c, entry.distributor, credit).await?;
    let about = ("receivables.allocate", "receivable_entry");
    note(c, app, caller, about, (entry.distributor, credit.uuid()), &all).await?;
    Ok(all)
}

/// Undoes an allocation from today on: both sides are open again.
pub(crate) async fn undo_allocation(
    c: &mut PgConnection,
    app: &App,
    caller: &Caller,
    id: AllocationId,
) -> ApiResult<Allocation> {
    let found = store::find_allocation(c, id).await?.ok_or_else(ApiError::not_found)?;
    let (distributor, customer) = (found.distributor, found.customer);
    ledger::lock_balance(c, distributor, customer).await?;
    // Now that the balance is locked nobody undoes it at the same time.
    let found = store::find_allocation(c, id).await?.ok_or_else(ApiError::not_found)?;
    if found.allocation.undone_on.is_some() {
        return Err(ApiError::conflict(
            "receivables.allocation_undone",
            "Phân bổ này đã được hủy.",
            "This allocation was undone already.",
        ));
    }
    if matches!(found.debit_kind, EntryKind::Refund | EntryKind::Receipt) {
        return Err(ApiError::unprocessable(
            "receivables.allocation_fixed",
            "Không thể hủy phân bổ cho phiếu hoàn tiền hoặc phiếu thu đã hủy.",
            "The allocation to money given back, or of a cancelled receipt, can't be undone.",
        ));
    }
    let reversal = NewAllocation {
        credit: found.allocation.credit_entry_id,
        debit: found.allocation.entry_id,
        amount: found.allocation.amount.checked_neg().map_err(ApiError::internal)?,
        reverses: Some(id),
    };
    store::insert_allocations(c, &stamp(app, caller, distributor), &[reversal]).await?;
    let undone = store::find_allocation(c, id).await?.ok_or_else(ApiError::not_found)?.allocation;
    let about = ("receivables.undo_allocation", "receivable_allocation");
    note(c, app, caller, about, (distributor, id.uuid()), &undone).await?;
    Ok(undone)
}
