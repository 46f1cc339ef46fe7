use std::collections::BTreeMap;

use db::PgConnection;
use domain::{DistributorId, LotId, Money, ProductId, Quantity, WarehouseId};

use super::issue::{Outgoing, take};
use super::rows::MovementRow;
use super::{IssueLine, Posting, Reason, StockError, per_product};
use crate::store::{self, ItemChange, Missing, Purpose};

/// What of a line moved in one lot, with its value.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct MovedLot {
    /// The line.
    pub line_no: i32,
    /// Its product.
    pub product_id: ProductId,
    /// The lot; it is the same on both sides.
    pub lot_id: LotId,
    /// How much of it.
    pub pieces: Quantity,
    /// Its value at selling prices.
    pub selling_value: Money,
    /// Its value at purchase prices.
    pub cost_value: Money,
}

/// Moves goods from the warehouse of the posting into another one of the same distributor, lot by lot: what leaves the
/// one comes into the other, in pieces and in value. Tells which lots moved, in the order of the lines.
///
/// # Errors
/// As [`super::issue`] and [`super::receive`], for either warehouse.
pub(crate) async fn transfer(
    c: &mut PgConnection,
    posting: &Posting<'_>,
    to: WarehouseId,
    lines: &[IssueLine],
) -> Result<Vec<MovedLot>, StockError> {
    let sums = per_product(lines.iter().map(|line| (line.product_id, line.pieces)))?;
    let products: Vec<ProductId> = sums.keys().copied().collect();
    let (d, from) = (posting.distributor, posting.warehouse);
    if products.is_empty() {
        return Ok(Vec::new());
    }
    lock_two(c, d, [from, to], &products).await?;
    let outgoing: Vec<Outgoing> = lines.iter().map(Outgoing::from).collect();
    let leaving = take(c, posting, Reason::Transfer, &outgoing).await?;
    let arriving = leaving.rows.iter().map(MovementRow::negated).collect::<Result<Vec<_>, _>>()?;
    let changes: Vec<ItemChange> = sums
        .into_iter()
        .map(|(product_id, on_hand)| ItemChange { product_id, on_hand, reserved: Quantity::ZERO })
        .collect();
    store::post(c, &Posting { warehouse: to, ..*posting }, Reason::Transfer, &changes, &arriving).await?;
    moved_lots(lines, &arriving)
}

/// Locks the products in both warehouses: by warehouse, then product, whichever way the goods go.
///
/// # Errors
/// [`StockError::Counting`] and others of a warehouse that can't be posted to.
pub(crate) async fn lock_two(
    c: &mut PgConnection,
    distributor: DistributorId,
    mut warehouses: [WarehouseId; 2],
    products: &[ProductId],
) -> Result<(), StockError> {
    warehouses.sort();
    for warehouse in warehouses {
        store::lock_items(c, distributor, warehouse, products, Missing::Insert, Purpose::Post).await?;
    }
    Ok(())
}

/// The rows of one line and lot together.
fn moved_lots(lines: &[IssueLine], rows: &[MovementRow]) -> Result<Vec<MovedLot>, StockError> {
    let mut moved: BTreeMap<(usize, LotId), MovedLot> = BTreeMap::new();
    for row in rows {
        let line = lines.get(row.line).ok_or(StockError::OutOfRange)?;
        let lot = moved.entry((row.line, row.lot_id)).or_insert(MovedLot {
            line_no: line.line_no,
            product_id: row.product_id,
            lot_id: row.lot_id,
            pieces: Quantity::ZERO,
            selling_value: Money::ZERO,
            cost_value: Money::ZERO,
        });
        lot.pieces = lot.pieces.checked_add(row.pieces)?;
        lot.selling_value = lot.selling_value.checked_add(row.selling_value)?;
        lot.cost_value = lot.cost_value.checked_add(row.cost_value)?;
    }
    Ok(moved.into_values().collect())
}
