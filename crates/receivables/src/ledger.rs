//! Posting to the ledger of debts.
//!
//! All balances change here and nowhere else, in the same transaction as the entry that explains them.
//!
//! **Lock order**, the same for every command that posts, so that none waits for another in a circle:
//! the document's row → the customer's balance → the counter that numbers the document → the rows of `stock_items` in
//! product order → the counters of invoices and goods issues. So call [`lock_balance`] before taking a number, and before
//! anything of stock; the functions here that write also lock it.

use chrono::{DateTime, NaiveDate, Utc};
use db::PgConnection;
use domain::receivable::{OpenItem, allocate_first_to};
use domain::{CustomerId, DistributorId, DocumentId, Money, ReceivableEntryId, UserId};

pub use crate::error::LedgerError;
pub use crate::model::EntryKind;
use crate::store::{self, NewAllocation, NewEntry, OpenEntry, Stamp};

/// Something the customer owes from now on.
#[derive(Debug, Clone, Copy)]
pub struct Charge<'a> {
    /// The distributor it is owed to.
    pub distributor: DistributorId,
    /// Who owes.
    pub customer: CustomerId,
    /// What it is for.
    pub kind: EntryKind,
    /// How much; above zero.
    pub amount: Money,
    /// The document behind it.
    pub document_id: DocumentId,
    /// Its number, as people read it.
    pub number: &'a str,
    /// The business day it counts on.
    pub business_date: NaiveDate,
    /// When it is due.
    pub due_date: NaiveDate,
    /// The instant of the posting.
    pub at: DateTime<Utc>,
    /// Who posts.
    pub actor: UserId,
}

/// Something the customer no longer owes: money received, goods returned.
#[derive(Debug, Clone, Copy)]
pub struct Credit<'a> {
    /// The distributor it was owed to.
    pub distributor: DistributorId,
    /// Who owed.
    pub customer: CustomerId,
    /// What it is for.
    pub kind: EntryKind,
    /// How much; above zero.
    pub amount: Money,
    /// The document behind it.
    pub document_id: DocumentId,
    /// Its number, as people read it.
    pub number: &'a str,
    /// The business day it counts on.
    pub business_date: NaiveDate,
    /// The instant of the posting.
    pub at: DateTime<Utc>,
    /// Who posts.
    pub actor: UserId,
}

/// Which debts a credit pays.
#[derive(Debug, Clone, Copy)]
pub enum Allocate<'a> {
    /// The oldest due first.
    OldestDueFirst,
    /// Those of this document first, then the oldest due.
    FirstTo(DocumentId),
    /// These, with these amounts.
    ByHand(&'a [(ReceivableEntryId, Money)]),
}

/// What a posting did.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Posted {
    /// The entry it made.
    pub entry_id: ReceivableEntryId,
    /// The customer's balance after it; negative is credit.
    pub balance: Money,
    /// The entries on the other side it was set against, with amounts above zero.
    pub allocations: Vec<(ReceivableEntryId, Money)>,
    /// What of it is still open.
    pub open: Money,
}

/// Locks the customer's balance until the transaction ends, and tells it; a customer without any has 0.
///
/// # Errors
/// When the database refuses: an unknown customer violates `customer_balances`' reference.
pub async fn lock_balance(
    c: &mut PgConnection,
    distributor: DistributorId,
    customer: CustomerId,
) -> Result<Money, sqlx::Error> {
    store::add_to_balance(c, distributor, customer, Money::ZERO).await
}

/// Adds a debt. Credit the customer has left pays it at once, the oldest credit first.
///
/// # Errors
/// [`LedgerError::NotPositive`] and [`LedgerError::OutOfRange`] for the amount.
pub async fn charge(c: &mut PgConnection, charge: &Charge<'_>) -> Result<Posted, LedgerError> {
    charge_against(c, charge, Allocate::OldestDueFirst).await
}

/// Like [`charge`], paid by credits of the caller's choice.
pub(crate) async fn charge_against(
    c: &mut PgConnection,
    charge: &Charge<'_>,
    how: Allocate<'_>,
) -> Result<Posted, LedgerError> {
    if !charge.amount.is_positive() {
        return Err(LedgerError::NotPositive(charge.amount));
    }
    let entry = NewEntry {
        distributor: charge.distributor,
        customer: charge.customer,
        kind: charge.kind,
        amount: charge.amount,
        document_id: charge.document_id,
        number: charge.number,
        business_date: charge.business_date,
        due_date: Some(charge.due_date),
        at: charge.at,
        actor: charge.actor,
    };
    let (entry_id, balance) = store::insert_entry(c, &entry).await?;
    let credits = store::list_open_credits(c, charge.distributor, charge.customer).await?;
    let parts = spread(charge.amount, &credits, how)?;
    let rows: Vec<NewAllocation> =
        parts.iter().map(|&(credit, amount)| NewAllocation::new(credit, entry_id, amount)).collect();
    store::insert_allocations(c, &entry.stamp(), &rows).await?;
    let open = left(charge.amount, &parts)?;
    Ok(Posted { entry_id, balance, allocations: parts, open })
}

/// Adds a credit and pays debts with it. What is left over stays as the customer's credit.
///
/// # Errors
/// As [`charge`]; for [`Allocate::ByHand`] also when an allocation names no open debt of the customer, is more than
/// what is open of it, or when all are more than the credit.
pub async fn credit(
    c: &mut PgConnection,
    credit: &Credit<'_>,
    how: Allocate<'_>,
) -> Result<Posted, LedgerError> {
    if !credit.amount.is_positive() {
        return Err(LedgerError::NotPositive(credit.amount));
    }
    let entry = NewEntry {
        distributor: credit.distributor,
        customer: credit.customer,
        kind: credit.kind,
        amount: credit.amount.checked_neg()?,
        document_id: credit.document_id,
        number: credit.number,
        business_date: credit.business_date,
        due_date: None,
        at: credit.at,
        actor: credit.actor,
    };
    let (entry_id, balance) = store::insert_entry(c, &entry).await?;
    let debts = store::list_open_debts(c, credit.distributor, credit.customer).await?;
    let parts = spread(credit.amount, &debts, how)?;
    let rows: Vec<NewAllocation> =
        parts.iter().map(|&(debit, amount)| NewAllocation::new(entry_id, debit, amount)).collect();
    store::insert_allocations(c, &entry.stamp(), &rows).await?;
    let open = left(credit.amount, &parts)?;
    Ok(Posted { entry_id, balance, allocations: parts, open })
}

/// Pays debts with what is left of a credit that was posted before. The customer's balance must be locked.
///
/// # Errors
/// [`LedgerError::NoCredit`] when nothing of the credit is left; otherwise as [`credit`] by hand.
pub(crate) async fn allocate_later(
    c: &mut PgConnection,
    customer: CustomerId,
    stamp: &Stamp,
    credit: ReceivableEntryId,
    wanted: &[(ReceivableEntryId, Money)],
) -> Result<(), LedgerError> {
    let credits = store::list_open_credits(c, stamp.distributor, customer).await?;
    let open = credits.iter().find(|e| e.item.id == credit).ok_or(LedgerError::NoCredit(credit))?.item.open;
    let debts = store::list_open_debts(c, stamp.distributor, customer).await?;
    let parts = spread(open, &debts, Allocate::ByHand(wanted))?;
    let rows: Vec<NewAllocation> =
        parts.iter().map(|&(debit, amount)| NewAllocation::new(credit, debit, amount)).collect();
    store::insert_allocations(c, stamp, &rows).await?;
    Ok(())
}

/// What each of the entries gets of an amount.
fn spread(
    amount: Money,
    entries: &[OpenEntry],
    how: Allocate<'_>,
) -> Result<Vec<(ReceivableEntryId, Money)>, LedgerError> {
    let items: Vec<OpenItem<ReceivableEntryId>> = entries.iter().map(|e| e.item).collect();
    match how {
        Allocate::OldestDueFirst => Ok(allocate_first_to(amount, &items, |_| false)?.parts),
        Allocate::FirstTo(document) => {
            let preferred = |id| entries.iter().any(|e| e.item.id == id && e.document == document);
            Ok(allocate_first_to(amount, &items, preferred)?.parts)
        }
        Allocate::ByHand(wanted) => by_hand(amount, wanted, &items),
    }
}

fn left(amount: Money, parts: &[(ReceivableEntryId, Money)]) -> Result<Money, LedgerError> {
    Ok(amount.checked_sub(Money::sum(parts.iter().map(|(_, part)| *part))?)?)
}

/// Checks allocations made by hand; several to one debt are summed.
fn by_hand(
    amount: Money,
    wanted: &[(ReceivableEntryId, Money)],
    debts: &[OpenItem<ReceivableEntryId>],
) -> Result<Vec<(ReceivableEntryId, Money)>, LedgerError> {
    let mut parts: Vec<(ReceivableEntryId, Money)> = Vec::with_capacity(wanted.len());
    for &(entry, part) in wanted {
        if !part.is_positive() {
            return Err(LedgerError::NotPositive(part));
        }
        match parts.iter_mut().find(|(known, _)| *known == entry) {
            Some((_, sum)) => *sum = sum.checked_add(part)?,
            None => parts.push((entry, part)),
        }
    }
    for &(entry, wanted) in &parts {
        let debt = debts.iter().find(|debt| debt.id == entry).ok_or(LedgerError::UnknownEntry(entry))?;
        if wanted > debt.open {
            return Err(LedgerError::MoreThanOpen { entry, wanted, open: debt.open });
        }
    }
    let allocated = Money::sum(parts.iter().map(|(_, part)| *part))?;
    if allocated > amount {
        return Err(LedgerError::MoreThanReceived { allocated, amount });
    }
    Ok(parts)
}

/// What is overdue of a customer's debts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Overdue {
    /// How much is past its due date.
    pub amount: Money,
    /// Days since the oldest of it was due; 0 when nothing is overdue.
    pub days: u32,
}

/// What of the customer's debts is past its due date on a day.
///
/// # Errors
/// When the database refuses.
pub async fn overdue(
    c: &mut PgConnection,
    distributor: DistributorId,
    customer: CustomerId,
    today: NaiveDate,
) -> Result<Overdue, sqlx::Error> {
    store::find_overdue(c, distributor, customer, today).await
}
