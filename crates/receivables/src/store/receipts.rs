use std::collections::BTreeMap;

use db::PgConnection;
use domain::{CustomerId, DistributorId, Money, ReceiptId, ReceivableEntryId, UserId};
use platform::Page;
use uuid::Uuid;

use crate::ledger::Credit;
use crate::model::{Allocated, MoneyReceipt, PaymentMethod};
use crate::store::{DocumentFilter, Stamp};

/// Adds the receipt behind a credit.
pub(crate) async fn insert_receipt(
    c: &mut PgConnection,
    credit: &Credit<'_>,
    collected_by: UserId,
    method: PaymentMethod,
    note: &str,
) -> Result<(), sqlx::Error> {
    sqlx::query!(
        "insert into receipts
           (distributor_id, id, number, customer_id, amount, method, note, business_date, collected_by, created_at)
         values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)",
        credit.distributor.uuid(),
        credit.document_id.uuid(),
        credit.number,
        credit.customer.uuid(),
        credit.amount.dong(),
        method as PaymentMethod,
        note,
        credit.business_date,
        collected_by.uuid(),
        credit.at,
    )
    .execute(c)
    .await?;
    Ok(())
}

/// The distributor of the customer, if the customer is one of the tenant's.
pub(crate) async fn find_distributor_of(
    c: &mut PgConnection,
    customer: CustomerId,
) -> Result<Option<DistributorId>, sqlx::Error> {
    sqlx::query_scalar!(
        r#"select distributor_id as "distributor_id: DistributorId" from customers
           where id = $1 and deleted_at is null"#,
        customer.uuid(),
    )
    .fetch_optional(c)
    .await
}

/// The receipts, newest first; searched by number and customer.
pub(crate) async fn list_receipts(
    c: &mut PgConnection,
    filter: &DocumentFilter,
    page: &Page,
) -> Result<(Vec<MoneyReceipt>, i64), sqlx::Error> {
    let hits = sqlx::query!(
        r#"with hits as (
             select r.id, r.business_date, r.created_at
             from receipts r join customers k on k.distributor_id = r.distributor_id and k.id = r.customer_id
             where ($1::uuid is null or r.customer_id = $1)
               and ($2::date is null or r.business_date >= $2)
               and ($3::date is null or r.business_date <= $3)
               and ($4::text is null or lower(r.number) like $4 or k.search_key like $4)
           )
           select (select count(*) from hits) as "total!",
             array(select id from hits order by business_date desc, created_at desc, id desc
                   limit $5 offset $6) as "ids!""#,
        filter.customer.map(|x| x.uuid()),
        filter.from,
        filter.to,
        page.search,
        page.limit(),
        page.offset(),
    )
    .fetch_one(&mut *c)
    .await?;
    Ok((load_receipts(c, &hits.ids).await?, hits.total))
}

/// The receipt, if it is one of the tenant's.
pub(crate) async fn find_receipt(
    c: &mut PgConnection,
    id: ReceiptId,
) -> Result<Option<MoneyReceipt>, sqlx::Error> {
    Ok(load_receipts(c, &[id.uuid()]).await?.pop())
}

/// What the customer of a receipt owes now, if the user posted the receipt.
pub(crate) async fn find_balance_after(
    c: &mut PgConnection,
    id: ReceiptId,
    user: UserId,
) -> Result<Option<Money>, sqlx::Error> {
    sqlx::query_scalar!(
        r#"select b.balance as "balance: Money" from receipts r
           join customer_balances b on b.distributor_id = r.distributor_id and b.customer_id = r.customer_id
           where r.id = $1 and exists (select from receivable_entries e where e.distributor_id = r.distributor_id
             and e.document_id = r.id and e.kind = 'receipt' and e.amount < 0 and e.actor_id = $2)"#,
        id.uuid(),
        user.uuid(),
    )
    .fetch_optional(c)
    .await
}

/// A receipt that nobody else changes until the transaction ends.
#[derive(Debug)]
pub(crate) struct LockedReceipt {
    pub distributor: DistributorId,
    pub customer: CustomerId,
    /// Its entry in the ledger.
    pub entry: ReceivableEntryId,
    pub cancelled: bool,
}

/// Locks the receipt, if it is one of the tenant's.
pub(crate) async fn lock_receipt(
    c: &mut PgConnection,
    id: ReceiptId,
) -> Result<Option<LockedReceipt>, sqlx::Error> {
    sqlx::query_as!(
        LockedReceipt,
        r#"select r.distributor_id as "distributor: DistributorId", r.customer_id as "customer: CustomerId",
             e.id as "entry: ReceivableEntryId", r.cancelled_at is not null as "cancelled!"
           from receipts r
           join receivable_entries e on e.distributor_id = r.distributor_id and e.document_id = r.id
             and e.kind = 'receipt' and e.amount < 0
           where r.id = $1
           for update of r"#,
        id.uuid(),
    )
    .fetch_optional(c)
    .await
}

/// Marks the receipt as cancelled.
pub(crate) async fn cancel_receipt(
    c: &mut PgConnection,
    distributor: DistributorId,
    id: ReceiptId,
    stamp: &Stamp,
    reason: &str,
) -> Result<(), sqlx::Error> {
    sqlx::query!(
        "update receipts set cancelled_at = $3, cancelled_by = $4, cancel_reason = $5
         where distributor_id = $1 and id = $2",
        distributor.uuid(),
        id.uuid(),
        stamp.at,
        stamp.actor.uuid(),
        reason,
    )
    .execute(c)
    .await?;
    Ok(())
}

async fn load_receipts(c: &mut PgConnection, ids: &[Uuid]) -> Result<Vec<MoneyReceipt>, sqlx::Error> {
    let mut allocations = list_paid(c, ids).await?;
    let rows = sqlx::query!(
        r#"select r.id as "receipt_id: ReceiptId", r.number, r.distributor_id as "distributor_id: DistributorId",
             r.customer_id as "customer_id: CustomerId", k.code, k.name, r.amount as "amount: Money",
             r.method as "method: PaymentMethod", r.note, r.business_date,
             coalesce(u.full_name, '') as "collected_by_name!", r.created_at, r.cancelled_at, r.cancel_reason,
             -coalesce(sum(i.open_amount), 0)::bigint as "unallocated!: Money"
           from receipts r
           join customers k on k.distributor_id = r.distributor_id and k.id = r.customer_id
           left join users u on u.id = r.collected_by
           left join receivable_entries e on e.distributor_id = r.distributor_id and e.document_id = r.id
           left join receivable_open_items i on i.distributor_id = e.distributor_id and i.entry_id = e.id
           where r.id = any ($1)
           group by r.distributor_id, r.id, k.code, k.name, u.full_name
           order by r.business_date desc, r.created_at desc, r.id desc"#,
        ids,
    )
    .fetch_all(c)
    .await?;
    Ok(rows
        .into_iter()
        .map(|r| MoneyReceipt {
            allocations: allocations.remove(&r.receipt_id.uuid()).unwrap_or_default(),
            receipt_id: r.receipt_id,
            number: r.number,
            distributor_id: r.distributor_id,
            customer_id: r.customer_id,
            customer_code: r.code,
            customer_name: r.name,
            amount: r.amount,
            method: r.method,
            note: r.note,
            business_date: r.business_date,
            collected_by_name: r.collected_by_name,
            created_at: r.created_at,
            unallocated: r.unallocated,
            cancelled_at: r.cancelled_at,
            cancel_reason: r.cancel_reason,
        })
        .collect())
}

/// The debts that the documents' credits pay, by document; the entry that cancels a receipt is none.
async fn list_paid(
    c: &mut PgConnection,
    documents: &[Uuid],
) -> Result<BTreeMap<Uuid, Vec<Allocated>>, sqlx::Error> {
    let rows = sqlx::query!(
        r#"select e.document_id, a.debit_entry_id as "entry_id: ReceivableEntryId", d.document_number,
             sum(a.amount)::bigint as "amount!: Money"
           from receipts r
           join receivable_entries e on e.distributor_id = r.distributor_id and e.document_id = r.id
           join receivable_allocations a on a.distributor_id = e.distributor_id and a.credit_entry_id = e.id
           join receivable_entries d on d.distributor_id = a.distributor_id and d.id = a.debit_entry_id
             and d.document_id <> e.document_id
           where r.id = any ($1)
           group by e.document_id, a.debit_entry_id, d.document_number, d.due_date
           having sum(a.amount) <> 0
           order by min(a.posted_at), d.due_date, a.debit_entry_id"#,
        documents,
    )
    .fetch_all(c)
    .await?;
    let mut by_document: BTreeMap<Uuid, Vec<Allocated>> = BTreeMap::new();
    for r in rows {
        let allocated =
            Allocated { entry_id: r.entry_id, document_number: r.document_number, amount: r.amount };
        by_document.entry(r.document_id).or_default().push(allocated);
    }
    Ok(by_document)
}
