use std::collections::BTreeMap;

use chrono::NaiveDate;
use db::PgConnection;
use domain::{DistributorId, Overflow, ProductId, Quantity, WarehouseId};
use uuid::Uuid;

use crate::error::StockError;
use crate::model::WarehouseStatus;

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

/// Whether the warehouse was counted, or is being counted, for the day or a later one, and one of the products with it.
pub(crate) async fn is_counted_since(
    c: &mut PgConnection,
    distributor: DistributorId,
    warehouse: WarehouseId,
    day: NaiveDate,
    products: &[ProductId],
) -> Result<bool, sqlx::Error> {
    let products: Vec<Uuid> = products.iter().map(|p| p.uuid()).collect();
    sqlx::query_scalar!(
        r#"select exists (
             select from stock_counts k
             where k.distributor_id = $1 and k.warehouse_id = $2 and k.business_date >= $3 and k.status <> 'Cancelled'
               and (not k.partial or exists (select from stock_count_lines l
                 where l.distributor_id = k.distributor_id and l.count_id = k.id and l.product_id = any ($4)))
           ) as "counted!""#,
        distributor.uuid(),
        warehouse.uuid(),
        day,
        &products,
    )
    .fetch_one(c)
    .await
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
