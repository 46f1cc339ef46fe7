use std::collections::BTreeMap;

use db::PgConnection;
use domain::{DistributorId, Overflow, ProductId, Quantity, WarehouseId};
use uuid::Uuid;

use crate::error::StockError;

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

/// Locks the balances of the products, in product order: rows that are made take part in the order, so that two
/// commands never wait for each other.
pub(crate) async fn lock_items(
    c: &mut PgConnection,
    distributor: DistributorId,
    warehouse: WarehouseId,
    products: &[ProductId],
    missing: Missing,
) -> Result<Items, StockError> {
    let products: Vec<Uuid> = products.iter().map(|p| p.uuid()).collect();
    let allow_negative = sqlx::query_scalar!(
        "with warehouse as (
           select allow_negative from warehouses where distributor_id = $1 and id = $2
         ), made as (
           insert into stock_items (distributor_id, warehouse_id, product_id)
           select $1, $2, product_id from warehouse, unnest($3::uuid[]) product_id
           where $4 or allow_negative
           order by product_id
           on conflict (distributor_id, warehouse_id, product_id) do nothing
         )
         select allow_negative from warehouse",
        distributor.uuid(),
        warehouse.uuid(),
        &products,
        missing == Missing::Insert,
    )
    .fetch_optional(&mut *c)
    .await?
    .ok_or(StockError::UnknownWarehouse)?;
    let rows = sqlx::query!(
        r#"select product_id as "product_id: ProductId", on_hand as "on_hand: Quantity", reserved as "reserved: Quantity"
           from stock_items where distributor_id = $1 and warehouse_id = $2 and product_id = any ($3)
           order by product_id for update"#,
        distributor.uuid(),
        warehouse.uuid(),
        &products,
    )
    .fetch_all(c)
    .await?;
    let items =
        rows.into_iter().map(|r| (r.product_id, Item { on_hand: r.on_hand, reserved: r.reserved })).collect();
    Ok(Items { allow_negative, items })
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
    let products: Vec<Uuid> = changes.iter().map(|x| x.product_id.uuid()).collect();
    let on_hand: Vec<i64> = changes.iter().map(|x| x.on_hand.pieces()).collect();
    let reserved: Vec<i64> = changes.iter().map(|x| x.reserved.pieces()).collect();
    let updated = sqlx::query!(
        "update stock_items i set on_hand = i.on_hand + x.on_hand, reserved = i.reserved + x.reserved
         from unnest($3::uuid[], $4::bigint[], $5::bigint[]) x (product_id, on_hand, reserved)
         where i.distributor_id = $1 and i.warehouse_id = $2 and i.product_id = x.product_id",
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
