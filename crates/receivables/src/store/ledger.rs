use chrono::{DateTime, NaiveDate, Utc};
use db::PgConnection;
use domain::receivable::OpenItem;
use domain::{AllocationId, CustomerId, DistributorId, DocumentId, Money, ReceivableEntryId, UserId};
use uuid::Uuid;

use crate::ledger::Overdue;
use crate::model::EntryKind;

/// An entry to add, signed.
#[derive(Debug)]
pub(crate) struct NewEntry<'a> {
    pub distributor: DistributorId,
    pub customer: CustomerId,
    pub kind: EntryKind,
    pub amount: Money,
    pub document_id: DocumentId,
    pub number: &'a str,
    pub business_date: NaiveDate,
    pub due_date: Option<NaiveDate>,
    pub at: DateTime<Utc>,
    pub actor: UserId,
}

impl NewEntry<'_> {
    /// Where, when and by whom it is posted.
    pub(crate) fn stamp(&self) -> Stamp {
        Stamp { distributor: self.distributor, day: self.business_date, at: self.at, actor: self.actor }
    }
}

/// Where, when and by whom something is posted.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Stamp {
    pub distributor: DistributorId,
    pub day: NaiveDate,
    pub at: DateTime<Utc>,
    pub actor: UserId,
}

/// So much of a credit pays a debit; below zero, with the allocation it reverses, no longer does.
#[derive(Debug)]
pub(crate) struct NewAllocation {
    pub credit: ReceivableEntryId,
    pub debit: ReceivableEntryId,
    pub amount: Money,
    pub reverses: Option<AllocationId>,
}

impl NewAllocation {
    pub(crate) fn new(credit: ReceivableEntryId, debit: ReceivableEntryId, amount: Money) -> Self {
        NewAllocation { credit, debit, amount, reverses: None }
    }
}

/// What is open of an entry, above zero for debts and credits alike.
#[derive(Debug, Clone, Copy)]
pub(crate) struct OpenEntry {
    pub item: OpenItem<ReceivableEntryId>,
    pub document: DocumentId,
}

/// Adds to the balance, which locks it, and gives the new one.
pub(crate) async fn add_to_balance(
    c: &mut PgConnection,
    distributor: DistributorId,
    customer: CustomerId,
    amount: Money,
) -> Result<Money, sqlx::Error> {
    sqlx::query_scalar!(
        r#"insert into customer_balances as b (distributor_id, customer_id, balance) values ($1, $2, $3)
           on conflict (distributor_id, customer_id) do update set balance = b.balance + excluded.balance
           returning balance as "balance: Money""#,
        distributor.uuid(),
        customer.uuid(),
        amount.dong(),
    )
    .fetch_one(c)
    .await
}

/// Adds the entry, wholly open, and its amount to the balance, which locks it.
pub(crate) async fn insert_entry(
    c: &mut PgConnection,
    entry: &NewEntry<'_>,
) -> Result<(ReceivableEntryId, Money), sqlx::Error> {
    let id = Uuid::now_v7();
    let balance = sqlx::query_scalar!(
        r#"with entry as (
             insert into receivable_entries (distributor_id, id, customer_id, kind, amount, document_id,
               document_number, business_date, due_date, posted_at, actor_id)
             values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)
           ), item as (
             insert into receivable_open_items (distributor_id, entry_id, customer_id, due_date, open_amount)
             values ($1, $2, $3, $9, $5)
           )
           insert into customer_balances as b (distributor_id, customer_id, balance) values ($1, $3, $5)
           on conflict (distributor_id, customer_id) do update set balance = b.balance + excluded.balance
           returning balance as "balance: Money""#,
        entry.distributor.uuid(),
        id,
        entry.customer.uuid(),
        entry.kind as EntryKind,
        entry.amount.dong(),
        entry.document_id.uuid(),
        entry.number,
        entry.business_date,
        entry.due_date,
        entry.at,
        entry.actor.uuid(),
    )
    .fetch_one(c)
    .await?;
    Ok((id.into(), balance))
}

/// The customer's debts that are not paid in full. The balance must be locked.
pub(crate) async fn list_open_debts(
    c: &mut PgConnection,
    distributor: DistributorId,
    customer: CustomerId,
) -> Result<Vec<OpenEntry>, sqlx::Error> {
    let rows = sqlx::query!(
        r#"select i.entry_id as "id: ReceivableEntryId", coalesce(i.due_date, e.business_date) as "due!",
                  i.open_amount as "open: Money", e.document_id as "document: DocumentId"
           from receivable_open_items i
           join receivable_entries e on e.distributor_id = i.distributor_id and e.id = i.entry_id
           where i.distributor_id = $1 and i.customer_id = $2 and i.open_amount > 0"#,
        distributor.uuid(),
        customer.uuid(),
    )
    .fetch_all(c)
    .await?;
    let open = rows
        .into_iter()
        .map(|r| OpenEntry { item: OpenItem { id: r.id, due: r.due, open: r.open }, document: r.document });
    Ok(open.collect())
}

/// The customer's credits that have not paid anything yet, by their day. The balance must be locked.
pub(crate) async fn list_open_credits(
    c: &mut PgConnection,
    distributor: DistributorId,
    customer: CustomerId,
) -> Result<Vec<OpenEntry>, sqlx::Error> {
    let rows = sqlx::query!(
        r#"select i.entry_id as "id: ReceivableEntryId", e.business_date as due, -i.open_amount as "open!: Money",
                  e.document_id as "document: DocumentId"
           from receivable_open_items i
           join receivable_entries e on e.distributor_id = i.distributor_id and e.id = i.entry_id
           where i.distributor_id = $1 and i.customer_id = $2 and i.open_amount < 0"#,
        distributor.uuid(),
        customer.uuid(),
    )
    .fetch_all(c)
    .await?;
    let open = rows
        .into_iter()
        .map(|r| OpenEntry { item: OpenItem { id: r.id, due: r.due, open: r.open }, document: r.document });
    Ok(open.collect())
}

/// Adds allocations, and changes what is open on both sides. Each is dated the day of posting, or the later of its
/// entries' days: before that there was nothing to allocate.
pub(crate) async fn insert_allocations(
    c: &mut PgConnection,
    stamp: &Stamp,
    allocations: &[NewAllocation],
) -> Result<(), sqlx::Error> {
    if allocations.is_empty() {
        return Ok(());
    }
    let ids: Vec<Uuid> = allocations.iter().map(|_| Uuid::now_v7()).collect();
    let credits: Vec<Uuid> = allocations.iter().map(|a| a.credit.uuid()).collect();
    let debits: Vec<Uuid> = allocations.iter().map(|a| a.debit.uuid()).collect();
    let amounts: Vec<i64> = allocations.iter().map(|a| a.amount.dong()).collect();
    let reverses: Vec<Option<Uuid>> =
        allocations.iter().map(|a| a.reverses.map(AllocationId::uuid)).collect();
    sqlx::query!(
        "with added as (
           select * from unnest($5::uuid[], $6::uuid[], $7::uuid[], $8::bigint[], $9::uuid[])
             a (id, credit, debit, amount, reverses)
         ), sides as (
           select credit as entry_id, amount from added union all select debit, -amount from added
         ), sums as (
           select entry_id, sum(amount)::bigint as amount from sides group by entry_id
         ), items as (
           update receivable_open_items i set open_amount = i.open_amount + s.amount
           from sums s where i.distributor_id = $1 and i.entry_id = s.entry_id
         )
         insert into receivable_allocations
           (distributor_id, id, credit_entry_id, debit_entry_id, amount, allocated_on, posted_at, actor_id, reverses)
         select $1, a.id, a.credit, a.debit, a.amount, greatest($2, k.business_date, d.business_date, r.allocated_on),
                $3, $4, a.reverses
         from added a
         join receivable_entries k on k.distributor_id = $1 and k.id = a.credit
         join receivable_entries d on d.distributor_id = $1 and d.id = a.debit
         left join receivable_allocations r on r.distributor_id = $1 and r.id = a.reverses",
        stamp.distributor.uuid(),
        stamp.day,
        stamp.at,
        stamp.actor.uuid(),
        &ids,
        &credits,
        &debits,
        &amounts,
        &reverses as &[Option<Uuid>],
    )
    .execute(c)
    .await?;
    Ok(())
}

/// What is past its due date on a day.
pub(crate) async fn find_overdue(
    c: &mut PgConnection,
    distributor: DistributorId,
    customer: CustomerId,
    today: NaiveDate,
) -> Result<Overdue, sqlx::Error> {
    let row = sqlx::query!(
        r#"select coalesce(sum(open_amount), 0)::bigint as "amount!: Money", $3 - min(due_date) as days
           from receivable_open_items
           where distributor_id = $1 and customer_id = $2 and open_amount > 0 and due_date < $3"#,
        distributor.uuid(),
        customer.uuid(),
        today,
    )
    .fetch_one(c)
    .await?;
    Ok(Overdue { amount: row.amount, days: row.days.unwrap_or(0).unsigned_abs() })
}
