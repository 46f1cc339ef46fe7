use db::PgConnection;
use domain::{DistributorId, ProductId, Quantity, WarehouseId};

use super::{Shortage, StockError, per_product};
use crate::store::{self, ItemChange, Missing};

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
    let items = store::lock_items(c, distributor, warehouse, &products, Missing::Leave).await?;
    let mut shortages = Vec::new();
    let mut changes = Vec::with_capacity(wanted.len());
    for (&product_id, &pieces) in &wanted {
        let available = items.get(product_id).available()?;
        if pieces > available && !items.allow_negative {
            shortages.push(Shortage { product_id, wanted: pieces, available });
        }
        changes.push(ItemChange { product_id, on_hand: Quantity::ZERO, reserved: pieces });
    }
    if !shortages.is_empty() {
        return Err(StockError::Short(shortages));
    }
    store::update_items(c, distributor, warehouse, &changes).await?;
    Ok(())
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
    let items = store::lock_items(c, distributor, warehouse, &products, Missing::Leave).await?;
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
