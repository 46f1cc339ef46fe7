use chrono::{DateTime, NaiveDate, Utc};
use db::PgConnection;
use domain::{DistributorId, Money};
use serde::Serialize;

/// The figures of a distributor's day.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct DailyReport {
    pub distributor_id: DistributorId,
    pub distributor_name: String,
    pub business_date: NaiveDate,
    /// Orders that were neither rejected nor withdrawn, and their value with VAT.
    pub orders: i64,
    pub order_amount: Money,
    /// Invoices that stand, and their value with VAT.
    pub invoices: i64,
    pub invoice_amount: Money,
    pub visits: i64,
    pub visits_with_order: i64,
    /// Payments of customers.
    pub collected: Money,
    pub new_customers: i64,
}

/// The distributors that are served.
pub(crate) async fn list_distributors(c: &mut PgConnection) -> Result<Vec<DistributorId>, sqlx::Error> {
    sqlx::query_scalar!(
        r#"select id as "id: DistributorId" from distributors where status = 'active' and deleted_at is null order by id"#
    )
    .fetch_all(c)
    .await
}

/// Moves the mark on; false when it is there already.
pub(crate) async fn pass_mark(
    c: &mut PgConnection,
    name: &str,
    to: DateTime<Utc>,
) -> Result<bool, sqlx::Error> {
    let moved = sqlx::query!(
        "insert into watermarks as w (name, at) values ($1, $2)
         on conflict (name) do update set at = excluded.at where w.at < excluded.at",
        name,
        to,
    )
    .execute(c)
    .await?;
    Ok(moved.rows_affected() == 1)
}

/// The figures of a day that is over.
pub(crate) async fn find_daily_report(
    c: &mut PgConnection,
    distributor: DistributorId,
    day: NaiveDate,
    instants: std::ops::Range<DateTime<Utc>>,
) -> Result<DailyReport, sqlx::Error> {
    let r = sqlx::query!(
        r#"select d.name, o.orders as "orders!", o.amount as "order_amount!: Money", i.invoices as "invoices!",
             i.amount as "invoice_amount!: Money", v.visits as "visits!", v.with_order as "with_order!",
             r.amount as "collected!: Money", k.customers as "customers!"
           from distributors d, (
             select count(*) as orders, coalesce(sum(total), 0)::bigint as amount from orders
             where distributor_id = $1 and business_date = $2 and status in ('Pending', 'Approved', 'Invoiced', 'Issued')
           ) o, (
             select count(*) as invoices, coalesce(sum(total), 0)::bigint as amount from invoices
             where distributor_id = $1 and business_date = $2 and status <> 'Cancelled'
           ) i, (
             select count(*) as visits, count(*) filter (where result = 'HasOrder') as with_order from visits
             where distributor_id = $1 and business_date = $2
           ) v, (
             select coalesce(sum(amount), 0)::bigint as amount from receipts
             where distributor_id = $1 and business_date = $2 and cancelled_at is null
           ) r, (
             select count(*) as customers from customers
             where distributor_id = $1 and created_at >= $3 and created_at < $4 and deleted_at is null
           ) k
           where d.id = $1"#,
        distributor.uuid(),
        day,
        instants.start,
        instants.end,
    )
    .fetch_one(c)
    .await?;
    Ok(DailyReport {
        distributor_id: distributor,
        distributor_name: r.name,
        business_date: day,
        orders: r.orders,
        order_amount: r.order_amount,
        invoices: r.invoices,
        invoice_amount: r.invoice_amount,
        visits: r.visits,
        visits_with_order: r.with_order,
        collected: r.collected,
        new_customers: r.customers,
    })
}
