//! What changed, and what days come to.

use attendance::Worked;
use chrono::{DateTime, NaiveDate, Utc};
use domain::DistributorId;
use platform::Finding;
use sqlx::PgConnection;
use uuid::Uuid;

/// How far a look at the logs of changes goes: all transactions below have ended.
#[derive(Debug, Clone)]
pub(crate) struct Horizon {
    pub xid: i64,
    pub epoch: String,
}

/// As far as one can look now.
pub(crate) async fn find_horizon(c: &mut PgConnection) -> Result<Horizon, sqlx::Error> {
    sqlx::query_as!(
        Horizon,
        r#"select pg_snapshot_xmin(pg_current_snapshot())::text::bigint as "xid!", sync_epoch() as "epoch!""#
    )
    .fetch_one(c)
    .await
}

/// Where the refresh stands with a distributor.
#[derive(Debug)]
pub(crate) struct Cursor {
    pub distributor: DistributorId,
    /// Whether it stands anywhere.
    pub live: bool,
}

/// A cursor for each distributor that has none.
pub(crate) async fn insert_cursors(c: &mut PgConnection) -> Result<(), sqlx::Error> {
    sqlx::query!(
        "insert into kpi_cursors (distributor_id) select d.id from distributors d
         where not exists (select from kpi_cursors k where k.distributor_id = d.id) on conflict do nothing"
    )
    .execute(c)
    .await?;
    Ok(())
}

/// All cursors.
pub(crate) async fn list_cursors(c: &mut PgConnection, epoch: &str) -> Result<Vec<Cursor>, sqlx::Error> {
    sqlx::query_as!(
        Cursor,
        r#"select distributor_id as "distributor: DistributorId", (xid is not null and epoch = $1) as "live!"
           from kpi_cursors order by distributor_id"#,
        epoch,
    )
    .fetch_all(c)
    .await
}

/// The days on which something has changed since the cursors, by distributor and day.
///
/// Orders, debts and customers tell by the transaction that changed them; visits, clock events, goods issues and returns by
/// the time they came, looked at from five minutes before: no request takes that long to commit. Goods leave and come back
/// on the day it is, so only those of the last days are looked through; goods that left with a van sale of an earlier day have
/// its order to tell of them.
pub(crate) async fn list_changed(
    c: &mut PgConnection,
) -> Result<Vec<(DistributorId, NaiveDate)>, sqlx::Error> {
    let rows = sqlx::query!(
        r#"with cursors as materialized (
             select distributor_id, xid, seen_at from kpi_cursors where xid is not null and epoch = (select sync_epoch())
           ), since as materialized (
             select min(seen_at) - interval '5 minutes' as at,
                    (min(seen_at) at time zone 'Asia/Ho_Chi_Minh')::date - 1 as day
             from cursors
           ), ordered as materialized (
             select distinct k.distributor_id, h.order_id
             from cursors k cross join lateral (
               select order_id from order_history h where h.distributor_id = k.distributor_id and h.xid >= k.xid) h
           ), corrected as materialized (
             select distinct distributor_id, event_id from clock_corrections where corrected_at >= (select at from since)
           ), changed as (
             select o.distributor_id, o.business_date as day
             from ordered h join orders o on o.distributor_id = h.distributor_id and o.id = h.order_id
             union all
             select g.distributor_id, g.business_date
             from ordered h
             join invoice_lines l on l.distributor_id = h.distributor_id and l.order_id = h.order_id
             join goods_issues g on g.distributor_id = l.distributor_id and g.invoice_id = l.invoice_id
             union all
             select k.distributor_id, e.business_date
             from cursors k cross join lateral (
               select business_date from receivable_entries e
               where e.distributor_id = k.distributor_id and e.xid >= k.xid and e.kind in ('invoice', 'return')) e
             union all
             select c.distributor_id, (c.created_at at time zone 'Asia/Ho_Chi_Minh')::date
             from cursors k
             cross join lateral (
               select unnest(s.ids) as id from sync_changes s
               where s.distributor_id = k.distributor_id and s.xid >= k.xid and s.kind = 'customer') s
             join customers c on c.distributor_id = k.distributor_id and c.id = s.id
             where c.created_by is not null
             union all
             select g.distributor_id, g.business_date
             from cursors k join goods_issues g on g.distributor_id = k.distributor_id
             where g.business_date >= (select day from since) and g.created_at >= (select at from since)
             union all
             select r.distributor_id, r.received_on
             from cursors k join sales_returns r on r.distributor_id = k.distributor_id
             where r.received_on >= (select day from since) and r.received_at >= (select at from since)
             union all
             select v.distributor_id, v.business_date from visits v where v.received_at >= (select at from since)
             union all
             select e.distributor_id, e.business_date from clock_events e where e.received_at >= (select at from since)
             union all
             select k.distributor_id, k.business_date
             from corrected n join clock_corrections k on k.distributor_id = n.distributor_id and k.event_id = n.event_id
             union all
             select e.distributor_id, e.business_date
             from corrected n join clock_events e on e.distributor_id = n.distributor_id and e.id = n.event_id
           )
           select distinct distributor_id as "distributor!: DistributorId", day as "day!"
           from changed where distributor_id in (select distributor_id from cursors)
           order by 1, 2"#
    )
    .fetch_all(c)
    .await?;
    Ok(rows.into_iter().map(|row| (row.distributor, row.day)).collect())
}

/// Waits until nobody else reckons days of the distributor.
pub(crate) async fn lock_cursor(c: &mut PgConnection, distributor: DistributorId) -> Result<(), sqlx::Error> {
    sqlx::query!("select xid from kpi_cursors where distributor_id = $1 for update", distributor.uuid())
        .fetch_optional(c)
        .await?;
    Ok(())
}

/// Writes what these days come to: changed rows only. Gives how many were changed, added and taken away.
pub(crate) async fn put_days(
    c: &mut PgConnection,
    distributor: DistributorId,
    days: &[NaiveDate],
    worked: &[Worked],
) -> Result<i64, sqlx::Error> {
    let dates: Vec<NaiveDate> = worked.iter().map(|day| day.date).collect();
    let users: Vec<Uuid> = worked.iter().map(|day| day.user.uuid()).collect();
    let minutes: Vec<i64> = worked.iter().map(|day| i64::from(day.minutes)).collect();
    sqlx::query_scalar!(
        r#"with goods as materialized (
             select day, user_id, product_id, pieces, revenue from kpi_document_products($1, $2)
           ), fresh as materialized (
             select a.day, a.user_id, sum(a.visits)::bigint as visits, sum(a.new_customers)::bigint as new_customers,
                    sum(a.orders)::bigint as orders, sum(a.order_skus)::bigint as order_skus, sum(a.sales)::bigint as sales,
                    sum(a.revenue)::bigint as revenue, sum(a.volume)::bigint as volume, sum(a.minutes)::bigint as work_minutes
             from (
               select day, user_id, visits, new_customers, orders, order_skus, sales, 0 as revenue, 0 as volume, 0 as minutes
               from kpi_document_days($1, $2)
               union all
               select day, user_id, 0, 0, 0, 0, 0, revenue, pieces, 0 from goods
               union all
               select day, user_id, 0, 0, 0, 0, 0, 0, 0, minutes
               from unnest($3::date[], $4::uuid[], $5::bigint[]) as w (day, user_id, minutes)
             ) a
             group by a.day, a.user_id
           ), gone as (
             delete from kpi_days k where k.distributor_id = $1 and k.day = any ($2)
               and not exists (select from fresh f where f.day = k.day and f.user_id = k.user_id)
             returning 1
           ), put as (
             insert into kpi_days as k (distributor_id, day, user_id, visits, new_customers, orders, order_skus, sales, revenue,
                                        volume, work_minutes)
             select $1, day, user_id, visits, new_customers, orders, order_skus, sales, revenue, volume, work_minutes
             from fresh
             on conflict (distributor_id, day, user_id) do update
             set visits = excluded.visits, new_customers = excluded.new_customers, orders = excluded.orders,
                 order_skus = excluded.order_skus, sales = excluded.sales, revenue = excluded.revenue,
                 volume = excluded.volume, work_minutes = excluded.work_minutes
             where (k.visits, k.new_customers, k.orders, k.order_skus, k.sales, k.revenue, k.volume, k.work_minutes)
               <> (excluded.visits, excluded.new_customers, excluded.orders, excluded.order_skus, excluded.sales,
                   excluded.revenue, excluded.volume, excluded.work_minutes)
             returning 1
           ), goods_gone as (
             delete from kpi_product_days k where k.distributor_id = $1 and k.day = any ($2)
               and not exists (
                 select from goods g where g.day = k.day and g.user_id = k.user_id and g.product_id = k.product_id)
             returning 1
           ), goods_put as (
             insert into kpi_product_days as k (distributor_id, day, user_id, product_id, pieces, revenue)
             select $1, day, user_id, product_id, pieces, revenue from goods
             on conflict (distributor_id, day, user_id, product_id) do update
             set pieces = excluded.pieces, revenue = excluded.revenue
             where (k.pieces, k.revenue) <> (excluded.pieces, excluded.revenue)
             returning 1
           )
           select (select count(*) from gone) + (select count(*) from put) + (select count(*) from goods_gone)
             + (select count(*) from goods_put) as "rows!""#,
        distributor.uuid(),
        days,
        &dates,
        &users,
        &minutes,
    )
    .fetch_one(c)
    .await
}

/// These distributors' changes below the horizon were all seen.
pub(crate) async fn move_cursors(
    c: &mut PgConnection,
    distributors: &[Uuid],
    horizon: &Horizon,
    seen_at: DateTime<Utc>,
) -> Result<(), sqlx::Error> {
    sqlx::query!(
        "update kpi_cursors set xid = $2, seen_at = $3 where distributor_id = any ($1) and epoch = $4",
        distributors,
        horizon.xid,
        seen_at,
        horizon.epoch,
    )
    .execute(c)
    .await?;
    Ok(())
}

/// The distributor's days from this one on were reckoned after the horizon; older ones, if they were, stay so.
pub(crate) async fn begin_cursor(
    c: &mut PgConnection,
    distributor: DistributorId,
    horizon: &Horizon,
    seen_at: DateTime<Utc>,
    filled_from: NaiveDate,
) -> Result<(), sqlx::Error> {
    sqlx::query!(
        "update kpi_cursors set xid = $2, epoch = $3, seen_at = $4, filled_from = least(filled_from, $5)
         where distributor_id = $1",
        distributor.uuid(),
        horizon.xid,
        horizon.epoch,
        seen_at,
        filled_from,
    )
    .execute(c)
    .await?;
    Ok(())
}

/// Distributors whose history doesn't reach back to this day, those that lack most first; and from when on it is there.
pub(crate) async fn list_unfilled(
    c: &mut PgConnection,
    oldest: NaiveDate,
    most: usize,
) -> Result<Vec<(DistributorId, NaiveDate)>, sqlx::Error> {
    let rows = sqlx::query!(
        r#"select distributor_id as "distributor: DistributorId", filled_from as "filled_from!" from kpi_cursors
           where xid is not null and filled_from > $1 order by filled_from desc, distributor_id limit $2"#,
        oldest,
        i64::try_from(most).unwrap_or(i64::MAX),
    )
    .fetch_all(c)
    .await?;
    Ok(rows.into_iter().map(|row| (row.distributor, row.filled_from)).collect())
}

/// Days from this one on were reckoned.
pub(crate) async fn set_filled(
    c: &mut PgConnection,
    distributor: DistributorId,
    from: NaiveDate,
) -> Result<(), sqlx::Error> {
    sqlx::query!(
        "update kpi_cursors set filled_from = $2 where distributor_id = $1",
        distributor.uuid(),
        from
    )
    .execute(c)
    .await?;
    Ok(())
}

/// From when on a distributor's days were reckoned, and the day up to which that was done last.
pub(crate) async fn list_reckoned(
    c: &mut PgConnection,
) -> Result<Vec<(DistributorId, NaiveDate, NaiveDate)>, sqlx::Error> {
    let rows = sqlx::query!(
        r#"select distributor_id as "distributor: DistributorId", filled_from as "from!",
                  (seen_at at time zone 'Asia/Ho_Chi_Minh')::date as "to!"
           from kpi_cursors where xid is not null and epoch = (select sync_epoch()) order by distributor_id"#
    )
    .fetch_all(c)
    .await?;
    Ok(rows.into_iter().map(|row| (row.distributor, row.from, row.to)).collect())
}

/// Rows of these days that differ from what the documents say; working time aside.
pub(crate) async fn list_wrong_days(
    c: &mut PgConnection,
    distributor: DistributorId,
    days: &[NaiveDate],
) -> Result<Vec<Finding>, sqlx::Error> {
    sqlx::query_as!(
        Finding,
        r#"with goods as materialized (
             select day, user_id, product_id, pieces, revenue from kpi_document_products($1, $2)
           ), fresh as (
             select a.day, a.user_id, sum(a.visits) as visits, sum(a.new_customers) as new_customers, sum(a.orders) as orders,
                    sum(a.order_skus) as order_skus, sum(a.sales) as sales, sum(a.revenue) as revenue, sum(a.volume) as volume
             from (
               select day, user_id, visits, new_customers, orders, order_skus, sales, 0 as revenue, 0 as volume
               from kpi_document_days($1, $2)
               union all
               select day, user_id, 0, 0, 0, 0, 0, revenue, pieces from goods
             ) a
             group by a.day, a.user_id
           )
           select 'kpi.days' as "rule!", $1::uuid as "distributor_id!: DistributorId",
                  'day ' || coalesce(f.day, k.day) || ' of user ' || coalesce(f.user_id, k.user_id) as "subject!"
           from fresh f
           full join (select * from kpi_days where distributor_id = $1 and day = any ($2)) k
             on k.day = f.day and k.user_id = f.user_id
           where (coalesce(f.visits, 0), coalesce(f.new_customers, 0), coalesce(f.orders, 0), coalesce(f.order_skus, 0),
                  coalesce(f.sales, 0), coalesce(f.revenue, 0), coalesce(f.volume, 0))
             <> (coalesce(k.visits, 0), coalesce(k.new_customers, 0), coalesce(k.orders, 0), coalesce(k.order_skus, 0),
                 coalesce(k.sales, 0), coalesce(k.revenue, 0), coalesce(k.volume, 0))
           union all
           select 'kpi.product_days', $1, 'product ' || coalesce(g.product_id, k.product_id) || ' on '
                  || coalesce(g.day, k.day) || ' of user ' || coalesce(g.user_id, k.user_id)
           from goods g
           full join (select * from kpi_product_days where distributor_id = $1 and day = any ($2)) k
             on k.day = g.day and k.user_id = g.user_id and k.product_id = g.product_id
           where (coalesce(g.pieces, 0), coalesce(g.revenue, 0)) <> (coalesce(k.pieces, 0), coalesce(k.revenue, 0))
           order by 3"#,
        distributor.uuid(),
        days,
    )
    .fetch_all(c)
    .await
}

/// Targets of a rep that share a day.
pub(crate) async fn list_overlaps(c: &mut PgConnection) -> Result<Vec<Finding>, sqlx::Error> {
    sqlx::query_as!(
        Finding,
        r#"select 'kpi.targets_overlap' as "rule!", a.distributor_id as "distributor_id!: DistributorId",
                  'targets ' || a.id || ' and ' || b.id as "subject!"
           from kpi_targets a
           join kpi_targets b on b.distributor_id = a.distributor_id and b.user_id = a.user_id
             and b.first_day > a.first_day and b.first_day <= a.last_day
           order by 3"#
    )
    .fetch_all(c)
    .await
}
