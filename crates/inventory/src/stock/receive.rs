use std::collections::{BTreeMap, BTreeSet};

use chrono::NaiveDate;
use db::PgConnection;
use domain::{LotId, ProductId, Quantity};

use super::issue::{From, Outgoing, take};
use super::rows::{Line, Part, Way, movement_rows};
use super::{Posting, Reason, ReceiveLine, StockError, per_product};
use crate::store::{self, ItemChange, LotKey, Missing, Purpose};

/// Brings goods in, into lots by number and expiry date; a lot not seen before is made.
///
/// # Errors
/// [`StockError::UnknownWarehouse`]; [`StockError::OutOfRange`] when a quantity is not above zero;
/// [`StockError::Counting`] while the warehouse is counted.
pub async fn receive(
    c: &mut PgConnection,
    posting: &Posting<'_>,
    reason: Reason,
    lines: &[ReceiveLine],
) -> Result<(), StockError> {
    let sums = per_product(lines.iter().map(|line| (line.product_id, line.pieces)))?;
    if sums.is_empty() {
        return Ok(());
    }
    let (d, w) = (posting.distributor, posting.warehouse);
    let products: Vec<ProductId> = sums.keys().copied().collect();
    store::lock_items(c, d, w, &products, Missing::Insert, Purpose::Post).await?;
    let keys: BTreeSet<LotKey> = lines.iter().map(LotKey::of).collect();
    let lots: BTreeMap<LotKey, LotId> = store::find_or_insert_lots(c, d, posting.at, &keys)
        .await?
        .into_iter()
        .map(|l| (l.key(), l.lot_id))
        .collect();
    let mut parts = Vec::with_capacity(lines.len());
    for (index, line) in lines.iter().enumerate() {
        let lot_id = lots.get(&LotKey::of(line)).copied().ok_or(sqlx::Error::RowNotFound)?;
        parts.push(Part { line: index, lot_id, pieces: line.pieces });
    }
    let rows = movement_rows(&lines.iter().map(Line::from).collect::<Vec<_>>(), &parts)?;
    let changes: Vec<ItemChange> = sums
        .into_iter()
        .map(|(product_id, on_hand)| ItemChange { product_id, on_hand, reserved: Quantity::ZERO })
        .collect();
    store::post(c, posting, reason, &changes, &rows).await?;
    Ok(())
}

/// Takes goods back from a customer.
///
/// # Errors
/// As [`receive`].
pub async fn return_goods(
    c: &mut PgConnection,
    posting: &Posting<'_>,
    lines: &[ReceiveLine],
) -> Result<(), StockError> {
    receive(c, posting, Reason::Return, lines).await
}

/// Gives goods away, by first expiry among those that don't expire before the day. Quantities and values are positive.
///
/// # Errors
/// [`StockError::Short`] when more is given than is free; otherwise as [`receive`].
pub async fn give(
    c: &mut PgConnection,
    posting: &Posting<'_>,
    lines: &[ReceiveLine],
    not_expiring_before: NaiveDate,
) -> Result<(), StockError> {
    let outgoing: Vec<Outgoing> = lines
        .iter()
        .map(|line| Outgoing {
            line: Line { way: Way::Out, ..Line::from(line) },
            reserved: Quantity::ZERO,
            from: From::Fefo(Some(not_expiring_before)),
        })
        .collect();
    take(c, posting, Reason::Adjustment, &outgoing).await?;
    Ok(())
}

/// Corrects stock: `incoming` like [`receive`], `outgoing` out of the lot it names, or by first expiry when it names
/// none (no number, no date). An opening goes out of the lot that it came into, also one without number and date.
/// Quantities and values of both are positive.
///
/// # Errors
/// As [`receive`]; [`StockError::Short`] when more goes out than is free.
pub async fn adjust(
    c: &mut PgConnection,
    posting: &Posting<'_>,
    reason: Reason,
    incoming: &[ReceiveLine],
    outgoing: &[ReceiveLine],
) -> Result<(), StockError> {
    // Both ways lock their products; all of them at once keeps the order.
    let all = per_product(incoming.iter().chain(outgoing).map(|line| (line.product_id, line.pieces)))?;
    let products: Vec<ProductId> = all.into_keys().collect();
    let missing = if incoming.is_empty() { Missing::Leave } else { Missing::Insert };
    let (d, w) = (posting.distributor, posting.warehouse);
    store::lock_items(c, d, w, &products, missing, Purpose::Post).await?;
    receive(c, posting, reason, incoming).await?;
    let outgoing: Vec<Outgoing> = outgoing
        .iter()
        .map(|line| Outgoing {
            line: Line { way: Way::Out, ..Line::from(line) },
            reserved: Quantity::ZERO,
            from: if LotKey::of(line).is_unknown() && reason != Reason::Opening {
                From::Fefo(None)
            } else {
                From::Named(&line.lot_number, line.expiry)
            },
        })
        .collect();
    take(c, posting, reason, &outgoing).await?;
    Ok(())
}
