use db::PgConnection;
use domain::{DistributorId, ProductId, Quantity, WarehouseId};

use super::{Shortage, StockError, per_product};
use crate::store::{self, ItemChange, Missing, Purpose};

/// Reserves the quantities: all of them or none. Products may repeat; they are summed.
///
/// # Errors
/// [`StockError::Short`] names every product of which less is free (on hand − reserved) than wanted, unless the
/// warehouse allows negative stock.
pub async fn reserve(
    c: &mut PgConnection,
    distributor: DistributorId,
    warehouse: WarehouseId,
    wanted: &[(ProductId, Quantity)],
) -> Result<(), StockError> {
    let wanted = per_product(wanted.iter().copied())?;
    if wanted.is_empty() {
        return Ok(());
    }
    let products: Vec<ProductId> = wanted.keys().copied().collect();
    let items =
        store::lock_items(c, distributor, warehouse, &products, Missing::Leave, Purpose::Promise).await?;
    let mut shortages = Vec::new();
    let mut changes = Vec::with_capacity(wanted.len());
    for (&product_id, &pieces) in &wanted {
        let available = items.get(product_id).available()?;
        if pieces > available && !items.allow_negative {
            shortages.push(Shortage::of(product_id, pieces, available));
        }
        changes.push(ItemChange { product_id, on_hand: Quantity::ZERO, reserved: pieces });
    }
    if !shortages.is_empty() {
        return Err(StockError::Short(shortages));
    }
    store::update_items(c, distributor, warehouse, &changes).await?;
    Ok(())
}

/// Reserves what there is of the quantities, and tells how much of each product that was; products may repeat and are
/// summed, and the answer has each product once, in product order, also those of which nothing is there. A warehouse
/// that allows negative stock gives everything.
///
/// # Errors
/// [`StockError::UnknownWarehouse`]; [`StockError::OutOfRange`] when a quantity is not above zero.
pub async fn reserve_available(
    c: &mut PgConnection,
    distributor: DistributorId,
    warehouse: WarehouseId,
    wanted: &[(ProductId, Quantity)],
) -> Result<Vec<(ProductId, Quantity)>, StockError> {
    let wanted = per_product(wanted.iter().copied())?;
    if wanted.is_empty() {
        return Ok(Vec::new());
    }
    let products: Vec<ProductId> = wanted.keys().copied().collect();
    let items =
        store::lock_items(c, distributor, warehouse, &products, Missing::Leave, Purpose::Promise).await?;
    let mut given = Vec::with_capacity(wanted.len());
    for (product_id, pieces) in wanted {
        let free = if items.allow_negative { pieces } else { items.get(product_id).available()? };
        given.push((product_id, pieces.min(free).max(Quantity::ZERO)));
    }
    let changes: Vec<ItemChange> = given
        .iter()
        .filter(|(_, pieces)| pieces.is_positive())
        .map(|&(product_id, reserved)| ItemChange { product_id, on_hand: Quantity::ZERO, reserved })
        .collect();
    store::update_items(c, distributor, warehouse, &changes).await?;
    Ok(given)
}

/// Gives reserved quantities back, for an order that is withdrawn. Products may repeat; they are summed.
///
/// # Errors
/// [`StockError::ReservationMissing`] when less is reserved than is given back.
pub async fn release(
    c: &mut PgConnection,
    distributor: DistributorId,
    warehouse: WarehouseId,
    reserved: &[(ProductId, Quantity)],
) -> Result<(), StockError> {
    let reserved = per_product(reserved.iter().copied().filter(|(_, pieces)| !pieces.is_zero()))?;
    if reserved.is_empty() {
        return Ok(());
    }
    let products: Vec<ProductId> = reserved.keys().copied().collect();
    let items =
        store::lock_items(c, distributor, warehouse, &products, Missing::Leave, Purpose::Release).await?;
    let mut changes = Vec::with_capacity(reserved.len());
    for (&product_id, &pieces) in &reserved {
        if items.get(product_id).reserved < pieces {
            return Err(StockError::ReservationMissing(product_id));
        }
        changes.push(ItemChange { product_id, on_hand: Quantity::ZERO, reserved: pieces.checked_neg()? });
    }
    store::update_items(c, distributor, warehouse, &changes).await?;
    Ok(())
}

/// Locks the balances of the products, to look at them before posting.
///
/// # Errors
/// As for a posting.
pub(crate) async fn lock(
    c: &mut PgConnection,
    distributor: DistributorId,
    warehouse: WarehouseId,
    products: &[ProductId],
) -> Result<(), StockError> {
    store::lock_items(c, distributor, warehouse, products, Missing::Insert, Purpose::Post).await?;
    Ok(())
}
