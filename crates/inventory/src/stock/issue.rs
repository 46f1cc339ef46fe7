use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, NaiveDate, Utc};
use db::PgConnection;
use domain::stock::{LotStock, Wanted};
use domain::{ProductId, Quantity};

use super::rows::{Line, Part, movement_rows};
use super::{IssueLine, PickedLot, Posting, Reason, Shortage, StockError};
use crate::store::{self, ItemChange, LotInfo, LotKey, Missing};

/// Takes goods out of the warehouse by first expiry, then first in; lots without an expiry date come last. What was
/// reserved for a line lowers the reservation and the stock, the rest is taken from what is free.
///
/// The picks come in the order of the lines. A warehouse that allows negative stock gives what its lots don't have
/// from the lot without number and date.
///
/// # Errors
/// [`StockError::Short`] names every product of which too little is there; nothing is posted then.
pub async fn issue(
    c: &mut PgConnection,
    posting: &Posting<'_>,
    lines: &[IssueLine],
) -> Result<Vec<PickedLot>, StockError> {
    let outgoing: Vec<Outgoing> =
        lines.iter().map(|line| Outgoing { line: line.into(), reserved: line.reserved, lot: None }).collect();
    let (parts, lots) = take(c, posting, Reason::Issue, &outgoing).await?;
    Ok(picked_lots(lines, &parts, &lots))
}

/// A line that leaves the warehouse.
#[derive(Debug)]
pub(super) struct Outgoing<'a> {
    /// What and how much.
    pub line: Line,
    /// How many of the pieces were reserved for it.
    pub reserved: Quantity,
    /// The number and expiry date of the lot to take; none takes by first expiry.
    pub lot: Option<(&'a str, Option<NaiveDate>)>,
}

/// Takes the lines and posts them; tells from which lots.
pub(super) async fn take(
    c: &mut PgConnection,
    posting: &Posting<'_>,
    reason: Reason,
    lines: &[Outgoing<'_>],
) -> Result<(Vec<Part>, Vec<LotInfo>), StockError> {
    let needs = needs(lines)?;
    if needs.is_empty() {
        return Ok((Vec::new(), Vec::new()));
    }
    let (d, w) = (posting.distributor, posting.warehouse);
    let products: Vec<ProductId> = needs.keys().copied().collect();
    let items = store::lock_items(c, d, w, &products, Missing::Leave).await?;
    let mut shortages = Vec::new();
    let mut changes = Vec::with_capacity(needs.len());
    for (&product_id, need) in &needs {
        let item = items.get(product_id);
        if item.reserved < need.reserved {
            return Err(StockError::ReservationMissing(product_id));
        }
        // What is reserved for others stays theirs.
        let available = item.available()?.checked_add(need.reserved)?;
        if need.pieces > available && !items.allow_negative {
            shortages.push(Shortage { product_id, wanted: need.pieces, available });
        }
        changes.push(ItemChange {
            product_id,
            on_hand: need.pieces.checked_neg()?,
            reserved: need.reserved.checked_neg()?,
        });
    }
    if !shortages.is_empty() {
        return Err(StockError::Short(shortages));
    }
    let mut lots = store::list_lots(c, d, w, &products).await?;
    let short_lots = short_of_lots(&needs, &lots)?;
    if !short_lots.is_empty() {
        lots.extend(
            store::find_or_insert_lots(c, d, posting.at, &short_lots).await?.into_iter().map(bottomless),
        );
    }
    let parts = pick(lines, &lots)?;
    let rows = movement_rows(&lines.iter().map(|outgoing| outgoing.line).collect::<Vec<_>>(), &parts)?;
    store::update_items(c, d, w, &changes).await?;
    store::insert_movements(c, posting, reason, &rows).await?;
    Ok((parts, lots))
}

#[derive(Debug, Default)]
struct Need {
    pieces: Quantity,
    reserved: Quantity,
}

fn needs(lines: &[Outgoing<'_>]) -> Result<BTreeMap<ProductId, Need>, StockError> {
    let mut needs: BTreeMap<ProductId, Need> = BTreeMap::new();
    for Outgoing { line, reserved, .. } in lines {
        if !line.pieces.is_positive() || reserved.is_negative() || *reserved > line.pieces {
            return Err(StockError::OutOfRange);
        }
        let need = needs.entry(line.product_id).or_default();
        need.pieces = need.pieces.checked_add(line.pieces)?;
        need.reserved = need.reserved.checked_add(*reserved)?;
    }
    Ok(needs)
}

/// The lots that take what the products' own lots can't give.
fn short_of_lots(
    needs: &BTreeMap<ProductId, Need>,
    lots: &[LotInfo],
) -> Result<BTreeSet<LotKey>, StockError> {
    let mut keys = BTreeSet::new();
    for (&product_id, need) in needs {
        let held =
            Quantity::sum(lots.iter().filter(|lot| lot.product_id == product_id).map(|lot| lot.on_hand))?;
        if held < need.pieces {
            keys.insert(LotKey::unknown(product_id));
        }
    }
    Ok(keys)
}

/// A lot that gives whatever is asked, after all others.
fn bottomless(lot: LotInfo) -> LotInfo {
    LotInfo { on_hand: Quantity::new(i64::MAX), received_at: DateTime::<Utc>::MAX_UTC, ..lot }
}

/// Lines that name their lot are served first, the others by first expiry from what is left.
fn pick(lines: &[Outgoing<'_>], lots: &[LotInfo]) -> Result<Vec<Part>, StockError> {
    let mut stock: Vec<LotStock> = lots
        .iter()
        .map(|lot| LotStock {
            lot_id: lot.lot_id,
            product_id: lot.product_id,
            expiry: lot.expiry,
            received_at: lot.received_at,
            available: lot.on_hand,
        })
        .collect();
    let mut parts = Vec::with_capacity(lines.len());
    let (mut wanted, mut places) = (Vec::new(), Vec::new());
    for (index, Outgoing { line, lot, .. }) in lines.iter().enumerate() {
        let Some((number, expiry)) = *lot else {
            wanted.push(Wanted { product_id: line.product_id, quantity: line.pieces });
            places.push(index);
            continue;
        };
        let named = lots
            .iter()
            .position(|l| l.product_id == line.product_id && l.lot_number == number && l.expiry == expiry)
            .and_then(|at| stock.get_mut(at));
        let available = named.as_ref().map_or(Quantity::ZERO, |lot| lot.available);
        match named {
            Some(lot) if available >= line.pieces => {
                lot.available = available.checked_sub(line.pieces)?;
                parts.push(Part { line: index, lot_id: lot.lot_id, pieces: line.pieces });
            }
            _ => {
                let short = Shortage { product_id: line.product_id, wanted: line.pieces, available };
                return Err(StockError::Short(vec![short]));
            }
        }
    }
    for pick in domain::stock::pick(&wanted, &stock)? {
        let line = places.get(pick.line).copied().ok_or(StockError::OutOfRange)?;
        parts.push(Part { line, lot_id: pick.lot_id, pieces: pick.quantity });
    }
    parts.sort_by_key(|part| part.line);
    Ok(parts)
}

fn picked_lots(lines: &[IssueLine], parts: &[Part], lots: &[LotInfo]) -> Vec<PickedLot> {
    let by_id: BTreeMap<_, _> = lots.iter().map(|lot| (lot.lot_id, lot)).collect();
    parts
        .iter()
        .filter_map(|part| {
            let (line, lot) = (lines.get(part.line)?, by_id.get(&part.lot_id)?);
            Some(PickedLot {
                line_no: line.line_no,
                product_id: line.product_id,
                lot_id: part.lot_id,
                lot_number: lot.lot_number.clone(),
                expiry: lot.expiry,
                pieces: part.pieces,
            })
        })
        .collect()
}
