use chrono::NaiveDate;
use db::PgConnection;
use domain::{CustomerId, DistributorId, DocumentId, Money, ReceivableEntryId};

use crate::model::{EntryKind, StatementLine, StatementSums};

/// What a customer owed before the period, what came on top and off in it; and how many entries it has.
pub(crate) async fn sum_statement(
    c: &mut PgConnection,
    distributor: DistributorId,
    customer: CustomerId,
    (from, to): (NaiveDate, NaiveDate),
) -> Result<(StatementSums, i64), sqlx::Error> {
    let r = sqlx::query!(
        r#"select coalesce(sum(amount) filter (where business_date < $3), 0)::bigint as "opening!: Money",
             coalesce(sum(amount) filter (where business_date >= $3 and amount > 0), 0)::bigint as "debit!: Money",
             coalesce(-sum(amount) filter (where business_date >= $3 and amount < 0), 0)::bigint as "credit!: Money",
             coalesce(sum(amount), 0)::bigint as "closing!: Money",
             count(*) filter (where business_date >= $3) as "entries!"
           from receivable_entries
           where distributor_id = $1 and customer_id = $2 and business_date <= $4"#,
        distributor.uuid(),
        customer.uuid(),
        from,
        to,
    )
    .fetch_one(c)
    .await?;
    Ok((
        StatementSums { opening: r.opening, debit: r.debit, credit: r.credit, closing: r.closing },
        r.entries,
    ))
}

/// The entries of the period by day, each with what was owed after it.
pub(crate) async fn list_statement(
    c: &mut PgConnection,
    distributor: DistributorId,
    customer: CustomerId,
    (from, to): (NaiveDate, NaiveDate),
    (limit, offset): (i64, i64),
) -> Result<Vec<StatementLine>, sqlx::Error> {
    sqlx::query_as!(
        StatementLine,
        r#"select * from (
             select id as "entry_id!: ReceivableEntryId", business_date as "date!", kind as "kind!: EntryKind",
               document_id as "document_id!: DocumentId", document_number as "document_number!", due_date,
               amount as "amount!: Money",
               (sum(amount) over (order by business_date, posted_at, id))::bigint as "balance!: Money"
             from receivable_entries
             where distributor_id = $1 and customer_id = $2 and business_date <= $4
             order by business_date, posted_at, id
           ) e
           where "date!" >= $3
           limit $5 offset $6"#,
        distributor.uuid(),
        customer.uuid(),
        from,
        to,
        limit,
        offset,
    )
    .fetch_all(c)
    .await
}
