use std::collections::BTreeMap;

use chrono::NaiveDate;
use db::PgConnection;
use domain::{DistributorId, ProductId, Quantity, WarehouseId};

use super::{Shortage, StockError, per_product};
use crate::store::{self, Item, ItemChange, Missing, Purpose};

/// How long goods must be good to be promised.
#[derive(Debug, Clone, Copy)]
pub struct Life {
    /// What expired before is nobody's.
    pub today: NaiveDate,
    /// What expires before is for others.
    pub good_from: NaiveDate,
}

/// Reserves the quantities: all of them or none. Products may repeat; they are summed. Goods that can't be issued for
/// their age don't count.
///
/// # Errors
/// [`StockError::Short`] names every product of which less is free (on hand − reserved) than wanted, unless the
/// warehouse allows negative stock.
pub async fn reserve(
    c: &mut PgConnection,
    distributor: DistributorId,
    warehouse: WarehouseId,
    wanted: &[(ProductId, Quantity)],
    life: Option<Life>,
) -> Result<(), StockError> {
    let wanted = per_product(wanted.iter().copied())?;
    if wanted.is_empty() {
        return Ok(());
    }
    let products: Vec<ProductId> = wanted.keys().copied().collect();
    let items =
        store::lock_items(c, distributor, warehouse, &products, Missing::Leave, Purpose::Promise).await?;
    let aged = aged(c, distributor, warehouse, &products, life).await?;
    let mut shortages = Vec::new();
    let mut changes = Vec::with_capacity(wanted.len());
    for (&product_id, &pieces) in &wanted {
        let old = aged.get(&product_id);
        let available = free(items.get(product_id), old)?;
        if pieces > available && !items.allow_negative {
            let not_expiring_before = life.filter(|_| old.is_some()).map(|life| life.good_from);
            shortages.push(Shortage { product_id, wanted: pieces, available, not_expiring_before });
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
/// that allows negative stock gives everything. Goods that can't be issued for their age
/// don't count.
///
/// # Errors
/// [`StockError::UnknownWarehouse`]; [`StockError::OutOfRange`] when a quantity is not above zero.
pub async fn reserve_available(
    c: &mut PgConnection,
    distributor: DistributorId,
    warehouse: WarehouseId,
    wanted: &[(ProductId, Quantity)],
    life: Option<Life>,
) -> Result<Vec<(ProductId, Quantity)>, StockError> {
    let wanted = per_product(wanted.iter().copied())?;
    if wanted.is_empty() {
        return Ok(Vec::new());
    }
    let products: Vec<ProductId> = wanted.keys().copied().collect();
    let items =
        store::lock_items(c, distributor, warehouse, &products, Missing::Leave, Purpose::Promise).await?;
    let aged = aged(c, distributor, warehouse, &products, life).await?;
    let mut given = Vec::with_capacity(wanted.len());
    for (product_id, pieces) in wanted {
        let free = match items.allow_negative {
            true => pieces,
            false => free(items.get(product_id), aged.get(&product_id))?,
        };
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

/// Pieces of a product that are too old.
#[derive(Debug, Clone, Copy, Default)]
struct Aged {
    /// For anybody.
    expired: Quantity,
    /// For this promise; others may have them.
    short: Quantity,
}

/// What of the products is too old; products of which nothing is are left out.
async fn aged(
    c: &mut PgConnection,
    distributor: DistributorId,
    warehouse: WarehouseId,
    products: &[ProductId],
    life: Option<Life>,
) -> Result<BTreeMap<ProductId, Aged>, StockError> {
    let mut aged: BTreeMap<ProductId, Aged> = BTreeMap::new();
    let Some(life) = life else { return Ok(aged) };
    for lot in store::list_lots(c, distributor, warehouse, products).await? {
        let Some(expiry) = lot.expiry.filter(|expiry| *expiry < life.good_from) else { continue };
        let of = aged.entry(lot.product_id).or_default();
        let pieces = if expiry < life.today { &mut of.expired } else { &mut of.short };
        *pieces = pieces.checked_add(lot.on_hand)?;
    }
    Ok(aged)
}

/// What may be promised: of what is not expired, what isn't promised yet, and of that no more than is good for long enough.
/// Promises to others take what is short of life first, as issues do.
fn free(item: Item, aged: Option<&Aged>) -> Result<Quantity, StockError> {
    let Some(&Aged { expired, short }) = aged else { return Ok(item.available()?) };
    let unexpired = item.on_hand.checked_sub(expired)?;
    let free = unexpired.checked_sub(item.reserved)?.min(unexpired.checked_sub(short)?);
    Ok(free.max(Quantity::ZERO))
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
