//! Reading the log of changes.

use std::collections::BTreeSet;

use sqlx::PgConnection;
use uuid::Uuid;

use super::scope::Viewer;
use crate::cursor::{Position, Snapshot};

/// What the log says since a position; one statement, so that the rows and the snapshot belong together.
#[derive(Debug)]
pub(crate) struct Seen {
    pub epoch: String,
    pub snapshot: Snapshot,
    /// The newest transaction whose rows may be gone.
    pub horizon: i64,
    pub entries: Vec<Entry>,
}

/// One row of the log.
#[derive(Debug)]
pub(crate) struct Entry {
    pub xid: i64,
    pub kind: String,
    pub parent: Option<Uuid>,
    pub ids: Vec<Uuid>,
}

impl Seen {
    /// The position after these entries.
    pub fn position(&self, from: &Position) -> Position {
        let cap = self.entries.iter().map(|entry| entry.xid).max().unwrap_or(0).max(from.cap);
        if cap == from.cap && self.entries.is_empty() {
            return from.clone();
        }
        Position::after(cap, &self.snapshot)
    }
}

fn snapshot(text: &str) -> Result<Snapshot, sqlx::Error> {
    Snapshot::parse(text).ok_or_else(|| sqlx::Error::Decode(format!("snapshot {text}").into()))
}

/// What was written to the log since the position: the only statement of a download that finds nothing.
pub(crate) async fn read(
    c: &mut PgConnection,
    viewer: &Viewer,
    from: &Position,
) -> Result<Seen, sqlx::Error> {
    let rows = sqlx::query!(
        r#"with here as materialized (
             select sync_epoch() as epoch, pg_current_snapshot()::text as snapshot,
               greatest((select horizon from sync_seal),
                        (select max(xid) from sync_horizons where distributor_id = any ($1))) as horizon
           ), log as (
             select xid, kind, parent, ids from sync_changes
             where distributor_id = any ($1) and xid >= $2 and (xid > $3 or xid = any ($4))
             union all
             select xid, kind, null, ids from sync_company_changes
             where xid >= $2 and (xid > $3 or xid = any ($4))
             union all
             select h.xid, 'order', null, array[h.order_id]
             from order_history h join orders o on o.distributor_id = h.distributor_id and o.id = h.order_id
             where h.distributor_id = any ($1) and h.xid >= $2 and (h.xid > $3 or h.xid = any ($4))
               and ($5::uuid is null or o.rep_id = $5) and ($6::uuid[] is null or o.unit_id = any ($6))
             union all
             select xid, 'customer', null, array[customer_id] from receivable_entries
             where distributor_id = any ($1) and xid >= $2 and (xid > $3 or xid = any ($4))
             union all
             select xid, 'notification', null, array[id] from notifications
             where user_id = $7 and xid >= $2 and (xid > $3 or xid = any ($4))
           )
           select here.epoch as "epoch!", here.snapshot as "snapshot!", here.horizon as "horizon!",
                  log.xid as "xid?", log.kind as "kind?", log.parent as "parent?", log.ids as "ids?"
           from here left join log on true"#,
        &viewer.distributors,
        from.low(),
        from.cap,
        &from.pending,
        viewer.rep,
        viewer.units.as_deref(),
        viewer.user,
    )
    .fetch_all(c)
    .await?;
    let first = rows.first().ok_or(sqlx::Error::RowNotFound)?;
    let (epoch, horizon, snapshot) = (first.epoch.clone(), first.horizon, snapshot(&first.snapshot)?);
    let entries = rows
        .into_iter()
        .filter_map(|r| Some(Entry { xid: r.xid?, kind: r.kind?, parent: r.parent, ids: r.ids? }))
        .collect();
    Ok(Seen { epoch, snapshot, horizon, entries })
}

/// Where a first download begins: the newest transaction that the logs have, and what is under way beside it.
pub(crate) async fn beginning(
    c: &mut PgConnection,
    viewer: &Viewer,
) -> Result<(String, Position), sqlx::Error> {
    let row = sqlx::query!(
        r#"select sync_epoch() as "epoch!", pg_current_snapshot()::text as "snapshot!", coalesce(greatest(
             (select horizon from sync_seal),
             (select max(xid) from sync_horizons where distributor_id = any ($1)),
             (select max(xid) from sync_company_changes),
             (select max(l.xid) from unnest($1::uuid[]) d, lateral (
                select xid from sync_changes where distributor_id = d order by xid desc limit 1) l),
             (select max(l.xid) from unnest($1::uuid[]) d, lateral (
                select xid from order_history where distributor_id = d and xid is not null order by xid desc limit 1) l),
             (select max(l.xid) from unnest($1::uuid[]) d, lateral (
                select xid from receivable_entries where distributor_id = d and xid is not null order by xid desc limit 1) l),
             (select max(xid) from notifications where user_id = $2)
           ), 0) as "cap!""#,
        &viewer.distributors,
        viewer.user,
    )
    .fetch_one(c)
    .await?;
    Ok((row.epoch, Position::after(row.cap, &snapshot(&row.snapshot)?)))
}

/// The routes that the viewer walks on a day, or oversees; whatever their status.
pub(crate) async fn routes_on(
    c: &mut PgConnection,
    viewer: &Viewer,
    day: chrono::NaiveDate,
) -> Result<BTreeSet<Uuid>, sqlx::Error> {
    let rows = sqlx::query_scalar!(
        r#"select r as "r!" from routes_in_scope($1, $2, $3) r"#,
        viewer.rep,
        viewer.units.as_deref(),
        day,
    )
    .fetch_all(c)
    .await?;
    Ok(rows.into_iter().collect())
}

/// The customers on these routes.
pub(crate) async fn customers_on(
    c: &mut PgConnection,
    viewer: &Viewer,
    routes: &[Uuid],
) -> Result<Vec<Uuid>, sqlx::Error> {
    sqlx::query_scalar!(
        "select customer_id from route_customers where distributor_id = any ($1) and route_id = any ($2)",
        &viewer.distributors,
        routes,
    )
    .fetch_all(c)
    .await
}

/// Those of the customers that are the viewer's by their routes or because the viewer proposed them, whatever their
/// status.
pub(crate) async fn related(
    c: &mut PgConnection,
    viewer: &Viewer,
    customers: &[Uuid],
) -> Result<Vec<Uuid>, sqlx::Error> {
    sqlx::query_scalar!(
        "select id from customers where id = any ($4)
           and ($1::uuid is null and $2::uuid[] is null or id in (select customers_in_scope($1, $2, $3)))",
        viewer.rep,
        viewer.units.as_deref(),
        viewer.today,
        customers,
    )
    .fetch_all(c)
    .await
}

/// What came to hold, or holds no more, between two days though no row changed.
#[derive(Debug)]
pub(crate) struct Aged {
    pub prices: Vec<Uuid>,
    pub promotions: Vec<Uuid>,
    pub display_programs: Vec<Uuid>,
    pub registered: Vec<Uuid>,
    pub orders: Vec<Uuid>,
    pub notifications: Vec<Uuid>,
}

pub(crate) async fn aged(
    c: &mut PgConnection,
    viewer: &Viewer,
    since: chrono::NaiveDate,
) -> Result<Aged, sqlx::Error> {
    sqlx::query_as!(
        Aged,
        r#"select
             array(select id from price_lists where valid_to >= least($1::date, $2::date) and valid_to < greatest($1::date, $2::date)) as "prices!",
             array(select id from promotions where valid_to >= least($1::date, $2::date) and valid_to < greatest($1::date, $2::date)) as "promotions!",
             array(select id from display_programs where valid_to >= least($1::date, $2::date) and valid_to < greatest($1::date, $2::date))
               as "display_programs!",
             array(select customer_id from display_registrations where distributor_id = any ($3)
                   and (valid_from > least($1::date, $2::date) and valid_from <= greatest($1::date, $2::date)
                        or valid_to >= least($1::date, $2::date) and valid_to < greatest($1::date, $2::date))) as "registered!",
             array(select id from orders where distributor_id = any ($3)
                   and business_date >= least($1::date, $2::date) - $6::integer and business_date < greatest($1::date, $2::date) - $6::integer
                   and ($4::uuid is null or rep_id = $4) and ($5::uuid[] is null or unit_id = any ($5))) as "orders!",
             array(select id from notifications where user_id = $7
                   and created_at >= ((least($1::date, $2::date) - $8::integer)::timestamp at time zone 'Asia/Ho_Chi_Minh')
                   and created_at < ((greatest($1::date, $2::date) - $8::integer)::timestamp at time zone 'Asia/Ho_Chi_Minh')) as "notifications!""#,
        since,
        viewer.today,
        &viewer.distributors,
        viewer.rep,
        viewer.units.as_deref(),
        super::ORDER_DAYS,
        viewer.user,
        super::NOTIFICATION_DAYS,
    )
    .fetch_one(c)
    .await
}

/// The price lists that hold for one of these customers alone.
pub(crate) async fn lists_for(c: &mut PgConnection, customers: &[Uuid]) -> Result<Vec<Uuid>, sqlx::Error> {
    sqlx::query_scalar!(
        "select id from price_lists where scope = 'customer' and scope_value = any ($1::uuid[]::text[])",
        customers,
    )
    .fetch_all(c)
    .await
}
