use chrono::NaiveDate;
use domain::{CustomerId, DistributorId, OrderStatus, UserId, VisitId};
use platform::{Page, Scope};
use sqlx::PgConnection;
use uuid::Uuid;

use crate::model::OrderHead;
use crate::store;

/// Which orders to list.
#[derive(Debug, Default)]
pub struct OrderFilter {
    pub status: Option<OrderStatus>,
    pub from: Option<NaiveDate>,
    pub to: Option<NaiveDate>,
    pub rep: Option<UserId>,
    pub customer: Option<CustomerId>,
    pub visit: Option<VisitId>,
    pub distributor: Option<DistributorId>,
    pub needs_review: Option<bool>,
}

/// A page of orders, latest first, and how many there are.
pub async fn list_orders(
    c: &mut PgConnection,
    scope: Scope<'_>,
    filter: &OrderFilter,
    page: &Page,
) -> Result<(Vec<OrderHead>, i64), sqlx::Error> {
    let units = scope.units();
    let hits = sqlx::query!(
        r#"with hits as (
             select o.id, o.ordered_at
             from orders o join customers cu on cu.distributor_id = o.distributor_id and cu.id = o.customer_id
             where ($1::uuid is null or o.rep_id = $1)
               and ($2::uuid[] is null or o.unit_id = any ($2))
               and ($3::text is null or o.status = $3)
               and ($4::date is null or o.business_date >= $4)
               and ($5::date is null or o.business_date <= $5)
               and ($6::uuid is null or o.rep_id = $6)
               and ($7::uuid is null or o.customer_id = $7)
               and ($8::uuid is null or o.visit_id = $8)
               and ($9::uuid is null or o.distributor_id = $9)
               and ($10::bool is null or o.needs_review = $10)
               and ($11::text is null or lower(o.number) like $11 or cu.search_key like $11))
           select (select count(*) from hits) as "count!",
             array(select id from hits order by ordered_at desc, id desc limit $12 offset $13) as "ids!""#,
        scope.user(),
        units.as_deref() as Option<&[Uuid]>,
        filter.status.map(OrderStatus::as_str),
        filter.from,
        filter.to,
        filter.rep.map(|r| r.uuid()),
        filter.customer.map(|r| r.uuid()),
        filter.visit.map(|v| v.uuid()),
        filter.distributor.map(|d| d.uuid()),
        filter.needs_review,
        page.search,
        page.limit(),
        page.offset(),
    )
    .fetch_one(&mut *c)
    .await?;
    let rows = store::load_orders(c, &hits.ids).await?;
    Ok((rows.into_iter().map(|row| row.head).collect(), hits.count))
}
