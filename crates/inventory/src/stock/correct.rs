use std::collections::BTreeSet;

use db::PgConnection;
use domain::{LotId, Money, ProductId, Quantity, Unit};

use super::issue::{From, Outgoing, take};
use super::rows::{Line, Part, Way, movement_rows};
use super::{Posting, Reason, StockError, per_product};
use crate::store::{self, ItemChange, Missing, Purpose};

/// So many pieces more or less of a known lot. Values are those of the pieces, not negative.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Correction {
    /// What it is.
    pub product_id: ProductId,
    /// The lot.
    pub lot_id: LotId,
    /// Pieces; below zero they are gone.
    pub pieces: Quantity,
    /// Value at selling prices.
    pub selling_value: Money,
    /// Value at purchase prices.
    pub cost_value: Money,
}

/// Posts differences lot by lot, as a count or the receipt of a transfer finds them.
///
/// # Errors
/// [`StockError::Short`] when more is gone than is free of a product, or was in a lot.
pub(crate) async fn correct(
    c: &mut PgConnection,
    posting: &Posting<'_>,
    reason: Reason,
    corrections: &[Correction],
) -> Result<(), StockError> {
    let products: BTreeSet<ProductId> = corrections.iter().map(|x| x.product_id).collect();
    let products: Vec<ProductId> = products.into_iter().collect();
    if products.is_empty() {
        return Ok(());
    }
    let (d, w) = (posting.distributor, posting.warehouse);
    store::lock_items(c, d, w, &products, Missing::Insert, Purpose::Post).await?;
    let line = |x: &Correction, way, pieces: Quantity| Line {
        way,
        product_id: x.product_id,
        pieces,
        typed_quantity: pieces.pieces(),
        unit: Unit::Retail,
        selling_value: x.selling_value,
        cost_value: x.cost_value,
        sold_value: Money::ZERO,
    };
    let found: Vec<&Correction> = corrections.iter().filter(|x| x.pieces.is_positive()).collect();
    if !found.is_empty() {
        let lines: Vec<Line> = found.iter().map(|x| line(x, Way::In, x.pieces)).collect();
        let parts: Vec<Part> = found
            .iter()
            .enumerate()
            .map(|(line, x)| Part { line, lot_id: x.lot_id, pieces: x.pieces })
            .collect();
        let changes: Vec<ItemChange> = per_product(found.iter().map(|x| (x.product_id, x.pieces)))?
            .into_iter()
            .map(|(product_id, on_hand)| ItemChange { product_id, on_hand, reserved: Quantity::ZERO })
            .collect();
        store::post(c, posting, reason, &changes, &movement_rows(&lines, &parts)?).await?;
    }
    let mut gone = Vec::new();
    for x in corrections.iter().filter(|x| x.pieces.is_negative()) {
        gone.push((x, [(x.lot_id, x.pieces.checked_neg()?)]));
    }
    let outgoing: Vec<Outgoing> = gone
        .iter()
        .map(|(x, lots)| Outgoing {
            line: line(x, Way::Out, lots[0].1),
            reserved: Quantity::ZERO,
            from: From::Lots(lots),
        })
        .collect();
    take(c, posting, reason, &outgoing).await?;
    Ok(())
}
