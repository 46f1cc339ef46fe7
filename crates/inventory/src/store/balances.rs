use std::collections::BTreeMap;

use chrono::NaiveDate;
use db::PgConnection;
use domain::{DistributorId, LotId, Overflow, ProductId, Quantity, WarehouseId};
use uuid::Uuid;

use crate::error::StockError;
use crate::model::WarehouseStatus;
use crate::store::LotInfo;

/// A product's balance in a warehouse.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Item {
    /// Pieces there.
    pub on_hand: Quantity,
    /// Pieces of them that are promised to orders.
    pub reserved: Quantity,
}

impl Item {
    /// Pieces that are not promised.
    pub fn available(self) -> Result<Quantity, Overflow> {
        self.on_hand.checked_sub(self.reserved)
    }
}

/// The locked balances of a warehouse.
#[derive(Debug)]
pub(crate) struct Items {
    /// Whether the warehouse may go below zero.
    pub allow_negative: bool,
    items: BTreeMap<ProductId, Item>,
}

impl Items {
    /// The product's balance; a product that was never there has nothing.
    pub fn get(&self, product: ProductId) -> Item {
        self.items.get(&product).copied().unwrap_or_default()
    }
}

/// What to do about products that were never in the warehouse.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Missing {
    /// Make their rows.
    Insert,
    /// Leave them out, unless the warehouse may go below zero.
    Leave,
}

/// What the balances are locked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Purpose {
    /// To post: refused while the warehouse is counted, or when it is closed.
    Post,
    /// To promise stock to an order: refused when the warehouse is closed.
    Promise,
    /// To give back what was promised.
    Release,
}

/// Locks the balances of the products, in product order: rows that are made take part in the order, so that two
/// commands never wait for each other.
///
/// The first statement shares the warehouse's lock; the second one sees everything that was committed before the lock
/// was given: a count that was opened is seen by everyone who posts after it, and no posting that it did not see comes
/// after its snapshot.
///
/// Each product is looked up by the whole key: asked for `= any ($3)` of one warehouse, PostgreSQL believes that a
/// warehouse holds hardly a row, and reads all of it.
pub(crate) async fn lock_items(
    c: &mut PgConnection,
    distributor: DistributorId,
    warehouse: WarehouseId,
    products: &[ProductId],
    missing: Missing,
    purpose: Purpose,
) -> Result<Items, StockError> {
    let products: Vec<Uuid> = products.iter().map(|p| p.uuid()).collect();
    sqlx::query_scalar!(
        "with warehouse as materialized (
           select allow_negative, pg_advisory_xact_lock_shared(hashtextextended(id::text, 0)) is not null as locked
           from warehouses where distributor_id = $1 and id = $2
         ), made as (
           insert into stock_items (distributor_id, warehouse_id, product_id)
           select $1, $2, product_id from warehouse, unnest($3::uuid[]) product_id
           where locked and ($4 or allow_negative)
           order by product_id
           on conflict (distributor_id, warehouse_id, product_id) do nothing
         )
         select locked from warehouse",
        distributor.uuid(),
        warehouse.uuid(),
        &products,
        missing == Missing::Insert,
    )
    .fetch_optional(&mut *c)
    .await?
    .ok_or(StockError::UnknownWarehouse)?;
    let rows = sqlx::query!(
        r#"with wanted as materialized (
             select distinct $1::uuid as distributor_id, $2::uuid as warehouse_id, unnest($3::uuid[]) as product_id
           )
           select i.product_id as "product_id: ProductId", i.on_hand as "on_hand: Quantity", i.reserved as "reserved: Quantity",
             (select allow_negative from warehouses where distributor_id = $1 and id = $2) as "allow_negative!",
             (select status from warehouses where distributor_id = $1 and id = $2) as "status!: WarehouseStatus",
             (select number from stock_counts
              where distributor_id = $1 and warehouse_id = $2 and status = 'Open' and frozen) as count_number
           from wanted join stock_items i using (distributor_id, warehouse_id, product_id)
           order by i.product_id for update of i"#,
        distributor.uuid(),
        warehouse.uuid(),
        &products,
    )
    .fetch_all(c)
    .await?;
    // Without a row there is nothing to take, and whoever brings goods or may go below zero made rows.
    let mut allow_negative = false;
    let mut items = BTreeMap::new();
    for row in rows {
        match (purpose, row.count_number) {
            (Purpose::Post, Some(number)) => return Err(StockError::Counting { number }),
            (Purpose::Post | Purpose::Promise, _) if row.status == WarehouseStatus::Inactive => {
                return Err(StockError::WarehouseClosed);
            }
            _ => {}
        }
        allow_negative = row.allow_negative;
        items.insert(row.product_id, Item { on_hand: row.on_hand, reserved: row.reserved });
    }
    Ok(Items { allow_negative, items })
}

/// Whether these goods may be booked as gone on an earlier day: the warehouse wasn't counted for it or a later one, and, unless
/// it may go below zero, there are lots that had the goods at the end of it and of each day since, see [`cap_lots`]. The
/// goods' balances are locked.
pub(crate) async fn is_open_for(
    c: &mut PgConnection,
    (distributor, warehouse): (DistributorId, WarehouseId),
    day: NaiveDate,
    goods: &BTreeMap<ProductId, Quantity>,
) -> Result<bool, sqlx::Error> {
    let products: Vec<Uuid> = goods.keys().map(|p| p.uuid()).collect();
    let pieces: Vec<i64> = goods.values().map(|q| q.pieces()).collect();
    sqlx::query_scalar!(
        r#"select not exists (
             select from stock_counts k
             where k.distributor_id = $1 and k.warehouse_id = $2 and k.business_date >= $3 and k.status <> 'Cancelled'
               and (not k.partial or exists (select from stock_count_lines l
                 where l.distributor_id = k.distributor_id and l.count_id = k.id and l.product_id = any ($4)))
           ) and (
             (select allow_negative from warehouses where distributor_id = $1 and id = $2)
             or not exists (
               select from unnest($4::uuid[], $5::bigint[]) g (product_id, pieces)
               where g.pieces > coalesce((
                 select sum(greatest(s.on_hand - coalesce(later.came, 0), 0)) from stock_lots s
                 left join lateral (
                   select greatest(max(x.came), 0) as came from (
                     select sum(sum(m.quantity)) over (order by m.business_date desc) as came from stock_movements m
                     where m.distributor_id = $1 and m.warehouse_id = $2 and m.product_id = g.product_id
                       and m.lot_id = s.lot_id and m.business_date > $3
                     group by m.business_date) x) later on true
                 where s.distributor_id = $1 and s.warehouse_id = $2 and s.product_id = g.product_id), 0))
           ) as "open!""#,
        distributor.uuid(),
        warehouse.uuid(),
        day,
        &products,
        &pieces,
    )
    .fetch_one(c)
    .await
}

/// Leaves of each lot what it had at the end of an earlier day and of each day since: the least that was there.
pub(crate) async fn cap_lots(
    c: &mut PgConnection,
    (distributor, warehouse): (DistributorId, WarehouseId),
    day: NaiveDate,
    lots: &mut [LotInfo],
) -> Result<(), sqlx::Error> {
    let products: Vec<Uuid> = lots.iter().map(|lot| lot.product_id.uuid()).collect();
    let came = sqlx::query!(
        r#"select product_id as "product_id: ProductId", lot_id as "lot_id: LotId", max(came)::bigint as "came!" from (
             select product_id, lot_id,
               sum(sum(quantity)) over (partition by product_id, lot_id order by business_date desc) as came
             from stock_movements
             where distributor_id = $1 and warehouse_id = $2 and product_id = any ($3) and business_date > $4
             group by product_id, lot_id, business_date) x
           group by product_id, lot_id having max(came) > 0"#,
        distributor.uuid(),
        warehouse.uuid(),
        &products,
        day,
    )
    .fetch_all(c)
    .await?;
    for row in came {
        for lot in lots.iter_mut().filter(|l| (l.product_id, l.lot_id) == (row.product_id, row.lot_id)) {
            lot.on_hand = Quantity::new(lot.on_hand.pieces().saturating_sub(row.came).max(0));
        }
    }
    Ok(())
}

/// Waits until nobody else loads opening stock of the distributor, and holds back who wants to until the transaction ends.
pub(crate) async fn lock_opening(
    c: &mut PgConnection,
    distributor: DistributorId,
) -> Result<(), sqlx::Error> {
    sqlx::query!(
        "select pg_advisory_xact_lock(hashtextextended('opening-stock:' || $1::uuid::text, 0))",
        distributor.uuid(),
    )
    .execute(c)
    .await?;
    Ok(())
}

/// Takes the warehouse's lock alone: waits until nobody posts there, and holds back everyone who wants to until the
/// transaction ends.
pub(crate) async fn lock_warehouse(c: &mut PgConnection, warehouse: WarehouseId) -> Result<(), sqlx::Error> {
    sqlx::query!("select pg_advisory_xact_lock(hashtextextended($1::uuid::text, 0))", warehouse.uuid())
        .execute(c)
        .await?;
    Ok(())
}

/// What is added to a balance; negative takes away.
#[derive(Debug, Clone, Copy)]
pub(crate) struct ItemChange {
    pub product_id: ProductId,
    pub on_hand: Quantity,
    pub reserved: Quantity,
}

/// Adds the changes to locked balances.
pub(crate) async fn update_items(
    c: &mut PgConnection,
    distributor: DistributorId,
    warehouse: WarehouseId,
    changes: &[ItemChange],
) -> Result<(), sqlx::Error> {
    if changes.is_empty() {
        return Ok(());
    }
    let products: Vec<Uuid> = changes.iter().map(|x| x.product_id.uuid()).collect();
    let on_hand: Vec<i64> = changes.iter().map(|x| x.on_hand.pieces()).collect();
    let reserved: Vec<i64> = changes.iter().map(|x| x.reserved.pieces()).collect();
    let updated = sqlx::query!(
        "with changes as materialized (
           select $1::uuid as distributor_id, $2::uuid as warehouse_id, *
           from unnest($3::uuid[], $4::bigint[], $5::bigint[]) c (product_id, on_hand, reserved)
         )
         update stock_items i set on_hand = i.on_hand + x.on_hand, reserved = i.reserved + x.reserved
         from changes x
         where i.distributor_id = x.distributor_id and i.warehouse_id = x.warehouse_id and i.product_id = x.product_id",
        distributor.uuid(),
        warehouse.uuid(),
        &products,
        &on_hand,
        &reserved,
    )
    .execute(c)
    .await?
    .rows_affected();
    // Under row-level security a row that may not be seen is silently left out.
    if updated == changes.len() as u64 { Ok(()) } else { Err(sqlx::Error::RowNotFound) }
}
