use chrono::NaiveDate;
use db::PgConnection;
use domain::{DistributorId, Money};
use platform::Scope;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// The figures of a day.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Dashboard {
    /// The business day.
    pub date: NaiveDate,
    /// Visits begun.
    pub visits: i64,
    /// Visits not yet ended.
    pub open_visits: i64,
    /// Visits that ended with an order.
    pub visits_with_order: i64,
    /// Orders of the day that were neither rejected nor withdrawn.
    pub orders: i64,
    /// Their value with VAT, in đồng.
    pub sales: Money,
    /// Orders of any day that wait for approval.
    pub pending_orders: i64,
    /// Their value with VAT, in đồng.
    pub pending_amount: Money,
    /// People who clocked in and not yet out.
    pub reps_working: i64,
    /// Goods issued.
    pub goods_issues: i64,
}

/// The figures of a day, as far as one may see the work behind them.
pub(crate) async fn find_dashboard(
    c: &mut PgConnection,
    scope: Scope<'_>,
    distributor: Option<DistributorId>,
    day: NaiveDate,
) -> Result<Dashboard, sqlx::Error> {
    let units = scope.units();
    let r = sqlx::query!(
        r#"select v.visits as "visits!", v.open_visits as "open_visits!", v.with_order as "with_order!",
                  o.orders as "orders!", o.sales as "sales!: Money", p.orders as "pending_orders!",
                  p.amount as "pending_amount!: Money", w.people as "people!", g.issues as "issues!"
           from (
             select count(*) as visits, count(*) filter (where check_out_at is null) as open_visits,
                    count(*) filter (where result = 'HasOrder') as with_order
             from visits
             where business_date = $1 and ($2::uuid is null or distributor_id = $2)
               and ($3::uuid is null or user_id = $3) and ($4::uuid[] is null or unit_id = any ($4))
           ) v, (
             select count(*) as orders, coalesce(sum(total), 0)::bigint as sales
             from orders
             where business_date = $1 and status in ('Pending', 'Approved', 'Invoiced', 'Issued')
               and ($2::uuid is null or distributor_id = $2)
               and ($3::uuid is null or rep_id = $3) and ($4::uuid[] is null or unit_id = any ($4))
           ) o, (
             select count(*) as orders, coalesce(sum(total), 0)::bigint as amount
             from orders
             where status = 'Pending' and ($2::uuid is null or distributor_id = $2)
               and ($3::uuid is null or rep_id = $3) and ($4::uuid[] is null or unit_id = any ($4))
           ) p, (
             select count(*) filter (where kind = 'in') as people
             from (
               select distinct on (user_id) kind from clock_times
               where business_date = $1 and ($2::uuid is null or distributor_id = $2)
                 and ($3::uuid is null or user_id = $3) and ($4::uuid[] is null or unit_id = any ($4))
               order by user_id, at desc
             ) last
           ) w, (
             select count(*) as issues
             from goods_issues g
             join invoices i on i.distributor_id = g.distributor_id and i.id = g.invoice_id
             where g.business_date = $1 and ($2::uuid is null or g.distributor_id = $2)
               and ($3::uuid is null or i.rep_id = $3) and ($4::uuid[] is null or i.unit_id = any ($4))
           ) g"#,
        day,
        distributor.map(|d| d.uuid()),
        scope.user(),
        units.as_deref(),
    )
    .fetch_one(c)
    .await?;
    Ok(Dashboard {
        date: day,
        visits: r.visits,
        open_visits: r.open_visits,
        visits_with_order: r.with_order,
        orders: r.orders,
        sales: r.sales,
        pending_orders: r.pending_orders,
        pending_amount: r.pending_amount,
        reps_working: r.people,
        goods_issues: r.issues,
    })
}
