use chrono::{DateTime, NaiveDate, Utc};
use db::PgConnection;
use domain::{CustomerId, DistributorId, LotId, Money, ProductId, UserId, WarehouseId};
use serde::Serialize;

/// A product that has become low, in pieces.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct LowItem {
    pub warehouse_id: WarehouseId,
    pub warehouse_name: String,
    pub product_id: ProductId,
    pub product_code: String,
    pub product_name: String,
    pub on_hand: i64,
    pub threshold: i64,
}

/// A lot that has come near its end, in pieces.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct NearItem {
    pub warehouse_id: WarehouseId,
    pub warehouse_name: String,
    pub product_id: ProductId,
    pub product_code: String,
    pub product_name: String,
    pub lot_id: LotId,
    pub lot_number: String,
    pub expiry: Option<NaiveDate>,
    pub on_hand: i64,
}

/// A customer with a debt that has become overdue.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct OverdueCustomer {
    pub customer_id: CustomerId,
    pub customer_code: String,
    pub customer_name: String,
    /// All of it that is overdue.
    pub amount: Money,
    /// Of the oldest of it.
    pub due_date: NaiveDate,
    pub days_overdue: i32,
    #[serde(skip)]
    pub rep_id: Option<UserId>,
    #[serde(skip)]
    pub rep_name: Option<String>,
}

/// What was told and is over may be told again when it comes back.
pub(crate) async fn delete_over(
    c: &mut PgConnection,
    distributor: DistributorId,
    until: NaiveDate,
) -> Result<(), sqlx::Error> {
    sqlx::query!(
        "delete from stock_alerts a
         where a.distributor_id = $1 and (
           a.kind = 'low_stock' and not exists (
             select from stock_items i join products p on p.id = i.product_id
             where i.distributor_id = $1 and i.warehouse_id = a.warehouse_id and i.product_id = a.product_id
               and i.on_hand <= p.low_stock_threshold)
           or a.kind = 'near_expiry' and not exists (
             select from stock_lots s join lots l on l.distributor_id = s.distributor_id and l.id = s.lot_id
             where s.distributor_id = $1 and s.warehouse_id = a.warehouse_id and s.product_id = a.product_id
               and s.lot_id = a.lot_id and s.on_hand > 0 and l.expiry <= $2))",
        distributor.uuid(),
        until,
    )
    .execute(c)
    .await?;
    Ok(())
}

/// Notes products that are at or below their threshold in a main warehouse and weren't noted; gives them.
pub(crate) async fn insert_low(
    c: &mut PgConnection,
    distributor: DistributorId,
    now: DateTime<Utc>,
) -> Result<Vec<LowItem>, sqlx::Error> {
    sqlx::query_as!(
        LowItem,
        r#"with new as (
             insert into stock_alerts (distributor_id, id, kind, warehouse_id, product_id, raised_at)
             select i.distributor_id, gen_random_uuid(), 'low_stock', i.warehouse_id, i.product_id, $2
             from stock_items i
             join warehouses w on w.distributor_id = i.distributor_id and w.id = i.warehouse_id
             join products p on p.id = i.product_id
             where i.distributor_id = $1 and w.kind = 'main' and w.status = 'active' and p.status = 'active'
               and p.low_stock_threshold > 0 and i.on_hand <= p.low_stock_threshold
             on conflict do nothing
             returning warehouse_id, product_id
           )
           select n.warehouse_id as "warehouse_id: WarehouseId", w.name as warehouse_name, n.product_id as "product_id: ProductId",
             p.code as product_code, p.name as product_name, i.on_hand, p.low_stock_threshold as threshold
           from new n
           join warehouses w on w.distributor_id = $1 and w.id = n.warehouse_id
           join products p on p.id = n.product_id
           join stock_items i on i.distributor_id = $1 and i.warehouse_id = n.warehouse_id and i.product_id = n.product_id
           order by p.display_order, p.code"#,
        distributor.uuid(),
        now,
    )
    .fetch_all(c)
    .await
}

/// Notes lots with something in them that end up to this day and weren't noted; gives them.
pub(crate) async fn insert_near(
    c: &mut PgConnection,
    distributor: DistributorId,
    until: NaiveDate,
    now: DateTime<Utc>,
) -> Result<Vec<NearItem>, sqlx::Error> {
    sqlx::query_as!(
        NearItem,
        r#"with new as (
             insert into stock_alerts (distributor_id, id, kind, warehouse_id, product_id, lot_id, raised_at)
             select s.distributor_id, gen_random_uuid(), 'near_expiry', s.warehouse_id, s.product_id, s.lot_id, $3
             from stock_lots s
             join lots l on l.distributor_id = s.distributor_id and l.id = s.lot_id
             join warehouses w on w.distributor_id = s.distributor_id and w.id = s.warehouse_id
             where s.distributor_id = $1 and s.on_hand > 0 and l.expiry <= $2 and w.status = 'active'
               and w.kind in ('main', 'promotion', 'van')
             on conflict do nothing
             returning warehouse_id, product_id, lot_id
           )
           select n.warehouse_id as "warehouse_id: WarehouseId", w.name as warehouse_name, n.product_id as "product_id: ProductId",
             p.code as product_code, p.name as product_name, l.id as "lot_id: LotId", l.lot_number, l.expiry, s.on_hand
           from new n
           join warehouses w on w.distributor_id = $1 and w.id = n.warehouse_id
           join products p on p.id = n.product_id
           join lots l on l.distributor_id = $1 and l.id = n.lot_id
           join stock_lots s on s.distributor_id = $1 and s.warehouse_id = n.warehouse_id and s.product_id = n.product_id
             and s.lot_id = n.lot_id
           order by l.expiry, p.code, l.lot_number"#,
        distributor.uuid(),
        until,
        now,
    )
    .fetch_all(c)
    .await
}

/// Notes customers of whose debts one has become overdue since it was noted last, or came late and was overdue already; gives them, by rep. A customer's rep is the one
/// who walks a route with them.
pub(crate) async fn insert_overdue(
    c: &mut PgConnection,
    distributor: DistributorId,
    today: NaiveDate,
    now: DateTime<Utc>,
) -> Result<Vec<OverdueCustomer>, sqlx::Error> {
    sqlx::query_as!(
        OverdueCustomer,
        r#"with overdue as materialized (
             select i.customer_id, sum_bigint(i.open_amount) as amount, min(i.due_date) as first, max(i.due_date) as last,
               max(e.posted_at) as posted_at
             from receivable_open_items i
             join receivable_entries e on e.distributor_id = i.distributor_id and e.id = i.entry_id
             where i.distributor_id = $1 and i.open_amount > 0 and i.due_date < $2
             group by i.customer_id
           ), new as (
             insert into debt_alerts as a (distributor_id, customer_id, due_date, raised_at)
             select $1, customer_id, last, $3 from overdue
             on conflict (distributor_id, customer_id) do update set due_date = excluded.due_date, raised_at = excluded.raised_at
             where a.due_date < excluded.due_date
               or a.raised_at < (select o.posted_at from overdue o where o.customer_id = a.customer_id)
             returning customer_id
           )
           select c.id as "customer_id: CustomerId", c.code as customer_code, c.name as customer_name,
             o.amount as "amount!: Money", o.first as "due_date!", $2::date - o.first as "days_overdue!",
             u.id as "rep_id?: UserId", u.full_name as "rep_name?"
           from new n
           join overdue o on o.customer_id = n.customer_id
           join customers c on c.distributor_id = $1 and c.id = n.customer_id
           left join lateral (
             select t.user_id
             from route_customers rc
             join routes r on r.distributor_id = rc.distributor_id and r.id = rc.route_id and r.status = 'active' and r.deleted_at is null
             join route_assignments t on t.distributor_id = r.distributor_id and t.route_id = r.id
               and t.valid_from <= $2 and (t.valid_to is null or t.valid_to >= $2)
             where rc.distributor_id = $1 and rc.customer_id = n.customer_id
             order by t.valid_from, t.user_id
             limit 1
           ) rep on true
           left join users u on u.id = rep.user_id
           order by u.id, o.first, c.code"#,
        distributor.uuid(),
        today,
        now,
    )
    .fetch_all(c)
    .await
}
