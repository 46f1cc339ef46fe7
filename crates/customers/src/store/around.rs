//! What is around an outlet: its changes, orders and visits. Reads tables of other capabilities, and writes none.

use domain::{CustomerId, DistributorId, OrderId, UserId, VisitId};
use platform::{Page, Scope};
use sqlx::PgConnection;

use crate::http::history::HistoryEntry;
use crate::http::orders::CustomerOrder;
use crate::http::visits::CustomerVisit;
use crate::service::ENTITY;

/// The changes of the outlet, the latest first, and how many there are.
pub(crate) async fn list_history(
    c: &mut PgConnection,
    distributor: DistributorId,
    id: CustomerId,
    page: &Page,
) -> Result<(Vec<HistoryEntry>, i64), sqlx::Error> {
    let total = sqlx::query_scalar!(
        r#"select count(*) as "n!" from audit_log where entity = $1 and entity_id = $2 and distributor_id = $3"#,
        ENTITY,
        id.uuid(),
        distributor.uuid(),
    )
    .fetch_one(&mut *c)
    .await?;
    let entries = sqlx::query_as!(
        HistoryEntry,
        "select at, actor_name, action, before, after from audit_log
         where entity = $1 and entity_id = $2 and distributor_id = $3 order by at desc, audit_log.id desc
         limit $4 offset $5",
        ENTITY,
        id.uuid(),
        distributor.uuid(),
        page.limit(),
        page.offset(),
    )
    .fetch_all(c)
    .await?;
    Ok((entries, total))
}

/// The orders of the outlet within the scope, the latest first, and how many there are.
pub(crate) async fn list_orders(
    c: &mut PgConnection,
    distributor: DistributorId,
    id: CustomerId,
    scope: Scope<'_>,
    page: &Page,
) -> Result<(Vec<CustomerOrder>, i64), sqlx::Error> {
    let (rep, units) = (scope.user(), scope.units());
    let total = sqlx::query_scalar!(
        r#"select count(*) as "n!" from orders where distributor_id = $1 and customer_id = $2
             and ($3::uuid is null or rep_id = $3) and ($4::uuid[] is null or unit_id = any ($4))"#,
        distributor.uuid(),
        id.uuid(),
        rep,
        units.as_deref(),
    )
    .fetch_one(&mut *c)
    .await?;
    let orders = sqlx::query_as!(
        CustomerOrder,
        r#"select o.id as "order_id: OrderId", o.number as order_number, o.order_type, o.status, o.ordered_at, o.business_date,
             o.total as total_amount, o.rep_id as "rep_id: UserId", coalesce(u.full_name, '') as "rep_name!"
           from orders o left join users u on u.id = o.rep_id
           where o.distributor_id = $1 and o.customer_id = $2
             and ($3::uuid is null or o.rep_id = $3) and ($4::uuid[] is null or o.unit_id = any ($4))
           order by o.business_date desc, o.ordered_at desc, o.id limit $5 offset $6"#,
        distributor.uuid(),
        id.uuid(),
        rep,
        units.as_deref(),
        page.limit(),
        page.offset(),
    )
    .fetch_all(c)
    .await?;
    Ok((orders, total))
}

/// The visits to the outlet within the scope, the latest first, and how many there are.
pub(crate) async fn list_visits(
    c: &mut PgConnection,
    distributor: DistributorId,
    id: CustomerId,
    scope: Scope<'_>,
    page: &Page,
) -> Result<(Vec<CustomerVisit>, i64), sqlx::Error> {
    let (rep, units) = (scope.user(), scope.units());
    let total = sqlx::query_scalar!(
        r#"select count(*) as "n!" from visits where distributor_id = $1 and customer_id = $2
             and ($3::uuid is null or user_id = $3) and ($4::uuid[] is null or unit_id = any ($4))"#,
        distributor.uuid(),
        id.uuid(),
        rep,
        units.as_deref(),
    )
    .fetch_one(&mut *c)
    .await?;
    let visits = sqlx::query_as!(
        CustomerVisit,
        r#"select v.id as "visit_id: VisitId", v.visit_type, v.business_date, v.check_in_at as check_in_time,
             v.check_out_at as check_out_time, v.distance_m as check_in_distance, v.out_of_range,
             v.result as visit_result, v.notes, v.user_id as "user_id: UserId", coalesce(u.full_name, '') as "full_name!",
             (select count(*) from visit_photos p where p.distributor_id = v.distributor_id and p.visit_id = v.id) as "photos!"
           from visits v left join users u on u.id = v.user_id
           where v.distributor_id = $1 and v.customer_id = $2
             and ($3::uuid is null or v.user_id = $3) and ($4::uuid[] is null or v.unit_id = any ($4))
           order by v.check_in_at desc, v.id limit $5 offset $6"#,
        distributor.uuid(),
        id.uuid(),
        rep,
        units.as_deref(),
        page.limit(),
        page.offset(),
    )
    .fetch_all(c)
    .await?;
    Ok((visits, total))
}
