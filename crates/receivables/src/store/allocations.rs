use db::PgConnection;
use domain::{AllocationId, CustomerId, DistributorId, Money, ReceivableEntryId};
use platform::Page;

use crate::model::{Allocation, EntryKind};

/// Whose an entry is.
#[derive(Debug)]
pub(crate) struct EntryOwner {
    pub distributor: DistributorId,
    pub customer: CustomerId,
}

/// The entry, if it is one of the tenant's.
pub(crate) async fn find_entry(
    c: &mut PgConnection,
    id: ReceivableEntryId,
) -> Result<Option<EntryOwner>, sqlx::Error> {
    sqlx::query_as!(
        EntryOwner,
        r#"select distributor_id as "distributor: DistributorId", customer_id as "customer: CustomerId"
           from receivable_entries where id = $1"#,
        id.uuid(),
    )
    .fetch_optional(c)
    .await
}

/// An allocation, and whose it is.
#[derive(Debug)]
pub(crate) struct FoundAllocation {
    pub distributor: DistributorId,
    pub customer: CustomerId,
    pub debit_kind: EntryKind,
    pub allocation: Allocation,
}

/// The allocation, if it is one of the tenant's and not itself an undoing.
pub(crate) async fn find_allocation(
    c: &mut PgConnection,
    id: AllocationId,
) -> Result<Option<FoundAllocation>, sqlx::Error> {
    let row = sqlx::query!(
        r#"select a.distributor_id as "distributor: DistributorId", k.customer_id as "customer: CustomerId",
             d.kind as "debit_kind: EntryKind", a.credit_entry_id as "credit_entry_id: ReceivableEntryId",
             k.document_number as credit_number, a.debit_entry_id as "entry_id: ReceivableEntryId",
             d.document_number, a.amount as "amount: Money", a.allocated_on,
             r.allocated_on as "undone_on?"
           from receivable_allocations a
           join receivable_entries k on k.distributor_id = a.distributor_id and k.id = a.credit_entry_id
           join receivable_entries d on d.distributor_id = a.distributor_id and d.id = a.debit_entry_id
           left join receivable_allocations r on r.distributor_id = a.distributor_id and r.reverses = a.id
           where a.id = $1 and a.reverses is null"#,
        id.uuid(),
    )
    .fetch_optional(c)
    .await?;
    Ok(row.map(|r| FoundAllocation {
        distributor: r.distributor,
        customer: r.customer,
        debit_kind: r.debit_kind,
        allocation: Allocation {
            allocation_id: id,
            credit_entry_id: r.credit_entry_id,
            credit_number: r.credit_number,
            entry_id: r.entry_id,
            document_number: r.document_number,
            amount: r.amount,
            allocated_on: r.allocated_on,
            undone_on: r.undone_on,
        },
    }))
}

/// The allocations of a credit that stand, the latest last.
pub(crate) async fn list_allocations(
    c: &mut PgConnection,
    distributor: DistributorId,
    credit: ReceivableEntryId,
) -> Result<Vec<Allocation>, sqlx::Error> {
    sqlx::query_as!(
        Allocation,
        r#"select a.id as "allocation_id: AllocationId", a.credit_entry_id as "credit_entry_id: ReceivableEntryId",
             k.document_number as credit_number, a.debit_entry_id as "entry_id: ReceivableEntryId",
             d.document_number, a.amount as "amount: Money", a.allocated_on,
             r.allocated_on as "undone_on?"
           from receivable_allocations a
           join receivable_entries k on k.distributor_id = a.distributor_id and k.id = a.credit_entry_id
           join receivable_entries d on d.distributor_id = a.distributor_id and d.id = a.debit_entry_id
           left join receivable_allocations r on r.distributor_id = a.distributor_id and r.reverses = a.id
           where a.distributor_id = $1 and a.credit_entry_id = $2 and a.reverses is null and r.id is null
           order by a.posted_at, a.id"#,
        distributor.uuid(),
        credit.uuid(),
    )
    .fetch_all(c)
    .await
}

/// An allocation that stands.
#[derive(Debug)]
pub(crate) struct LiveAllocation {
    pub id: AllocationId,
    pub debit: ReceivableEntryId,
    pub debit_kind: EntryKind,
    pub amount: Money,
}

/// The allocations of a credit that stand. The customer's balance must be locked.
pub(crate) async fn list_live_allocations(
    c: &mut PgConnection,
    distributor: DistributorId,
    credit: ReceivableEntryId,
) -> Result<Vec<LiveAllocation>, sqlx::Error> {
    sqlx::query_as!(
        LiveAllocation,
        r#"select a.id as "id: AllocationId", a.debit_entry_id as "debit: ReceivableEntryId",
             d.kind as "debit_kind: EntryKind", a.amount as "amount: Money"
           from receivable_allocations a
           join receivable_entries d on d.distributor_id = a.distributor_id and d.id = a.debit_entry_id
           where a.distributor_id = $1 and a.credit_entry_id = $2 and a.reverses is null
             and not exists (select from receivable_allocations r
                             where r.distributor_id = a.distributor_id and r.reverses = a.id)"#,
        distributor.uuid(),
        credit.uuid(),
    )
    .fetch_all(c)
    .await
}

/// The allocations of a customer, those that were undone too, the latest first.
pub(crate) async fn list_customer_allocations(
    c: &mut PgConnection,
    customer: CustomerId,
    page: &Page,
) -> Result<(Vec<Allocation>, i64), sqlx::Error> {
    let rows = sqlx::query!(
        r#"select a.id as "allocation_id: AllocationId", a.credit_entry_id as "credit_entry_id: ReceivableEntryId",
             k.document_number as credit_number, a.debit_entry_id as "entry_id: ReceivableEntryId",
             d.document_number, a.amount as "amount: Money", a.allocated_on,
             r.allocated_on as "undone_on?", count(*) over () as "total!"
           from receivable_entries k
           join receivable_allocations a on a.distributor_id = k.distributor_id and a.credit_entry_id = k.id
           join receivable_entries d on d.distributor_id = a.distributor_id and d.id = a.debit_entry_id
           left join receivable_allocations r on r.distributor_id = a.distributor_id and r.reverses = a.id
           where k.customer_id = $1 and a.reverses is null
           order by a.posted_at desc, a.id desc limit $2 offset $3"#,
        customer.uuid(),
        page.limit(),
        page.offset(),
    )
    .fetch_all(c)
    .await?;
    let total = rows.first().map_or(0, |r| r.total);
    let allocations = rows.into_iter().map(|r| Allocation {
        allocation_id: r.allocation_id,
        credit_entry_id: r.credit_entry_id,
        credit_number: r.credit_number,
        entry_id: r.entry_id,
        document_number: r.document_number,
        amount: r.amount,
        allocated_on: r.allocated_on,
        undone_on: r.undone_on,
    });
    Ok((allocations.collect(), total))
}
