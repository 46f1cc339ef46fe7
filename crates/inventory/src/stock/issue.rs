use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, NaiveDate, Utc};
use db::PgConnection;
use domain::business_day::business_date;
use domain::stock::{LotStock, PickError, Wanted};
use domain::{DistributorId, LotId, ProductId, Quantity, WarehouseId};

use super::rows::{Line, MovementRow, Part, movement_rows};
use super::{IssueLine, Pick, PickedLot, Posting, Reason, Shortage, StockError, Unnumbered};
use crate::store::{self, ItemChange, LotInfo, LotKey, Missing, Purpose};

/// Locks the goods of the lines and chooses the lots they leave from, as each line's [`Pick`] says. Nothing has left yet:
/// what is chosen leaves by [`Picked::issue`], once the document has its number.
///
/// A warehouse that allows negative stock gives what its lots don't have from the lot without number and date.
///
/// # Errors
/// [`StockError::Short`] names every product of which too little is there.
/// [`StockError::Counting`] while the warehouse is counted.
pub async fn pick(
    c: &mut PgConnection,
    document: Unnumbered,
    lines: &[IssueLine],
) -> Result<Picked, StockError> {
    let outgoing: Vec<Outgoing> = lines.iter().map(Outgoing::from).collect();
    let (d, w) = (document.distributor, document.warehouse);
    let leaving = choose(c, (d, w), document.business_date, document.at, &outgoing).await?;
    let lots = picked_lots(lines, &leaving);
    Ok(Picked { document, leaving, lots })
}

/// Goods that are locked and chosen, and still there.
#[derive(Debug)]
#[must_use = "the goods leave only when they are issued"]
pub struct Picked {
    document: Unnumbered,
    leaving: Leaving,
    lots: Vec<PickedLot>,
}

impl Picked {
    /// The chosen lots, in the order of the lines.
    pub fn lots(&self) -> &[PickedLot] {
        &self.lots
    }

    /// The goods leave. What was reserved for a line lowers the reservation and the stock, the rest is taken from what is
    /// free.
    ///
    /// # Errors
    /// When the database refuses.
    pub async fn issue(self, c: &mut PgConnection, number: &str) -> Result<(), sqlx::Error> {
        let Leaving { changes, rows, .. } = &self.leaving;
        store::post(c, &self.document.numbered(number), Reason::Issue, changes, rows).await
    }
}

/// A line that leaves the warehouse.
#[derive(Debug)]
pub(super) struct Outgoing<'a> {
    /// What and how much.
    pub line: Line,
    /// How many of the pieces were reserved for it.
    pub reserved: Quantity,
    /// Which lots to take.
    pub from: From<'a>,
}

/// Which lots to take.
#[derive(Debug, Clone, Copy)]
pub(super) enum From<'a> {
    /// By first expiry, not those that expire before the day.
    Fefo(Option<NaiveDate>),
    /// So much of these.
    Lots(&'a [(LotId, Quantity)]),
    /// The one with this number and expiry date.
    Named(&'a str, Option<NaiveDate>),
}

impl<'a> std::convert::From<&'a IssueLine> for Outgoing<'a> {
    fn from(line: &'a IssueLine) -> Self {
        let from = match &line.pick {
            Pick::Fefo { not_expiring_before } => From::Fefo(*not_expiring_before),
            Pick::ByHand(lots) => From::Lots(lots),
        };
        Outgoing { line: line.into(), reserved: line.reserved, from }
    }
}

/// What leaves a warehouse.
#[derive(Debug, Default)]
pub(super) struct Leaving {
    /// How much of each line from which lot, in the order of the lines.
    pub parts: Vec<Part>,
    /// The lots of the products.
    pub lots: Vec<LotInfo>,
    /// What is posted.
    pub rows: Vec<MovementRow>,
    changes: Vec<ItemChange>,
}

/// Takes the lines and posts them; tells from which lots.
pub(super) async fn take(
    c: &mut PgConnection,
    posting: &Posting<'_>,
    reason: Reason,
    lines: &[Outgoing<'_>],
) -> Result<Leaving, StockError> {
    let leaving =
        choose(c, (posting.distributor, posting.warehouse), posting.business_date, posting.at, lines).await?;
    store::post(c, posting, reason, &leaving.changes, &leaving.rows).await?;
    Ok(leaving)
}

/// Locks the balances of the lines' products, and chooses the lots; of goods that left on an earlier day, from what was there
/// then.
async fn choose(
    c: &mut PgConnection,
    (d, w): (DistributorId, WarehouseId),
    day: NaiveDate,
    at: DateTime<Utc>,
    lines: &[Outgoing<'_>],
) -> Result<Leaving, StockError> {
    let needs = needs(lines)?;
    if needs.is_empty() {
        return Ok(Leaving::default());
    }
    let products: Vec<ProductId> = needs.keys().copied().collect();
    let items = store::lock_items(c, d, w, &products, Missing::Leave, Purpose::Post).await?;
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
            shortages.push(Shortage::of(product_id, need.pieces, available));
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
    let mut lots = if day < business_date(at) {
        store::list_lots_since(c, d, w, &products, day).await?
    } else {
        store::list_lots(c, d, w, &products).await?
    };
    if items.allow_negative {
        let short = short_of_lots(lines, &lots)?;
        if !short.is_empty() {
            lots.extend(store::find_or_insert_lots(c, d, at, &short).await?.into_iter().map(bottomless));
        }
    }
    let parts = choose_lots(lines, &lots)?;
    let rows = movement_rows(&lines.iter().map(|outgoing| outgoing.line).collect::<Vec<_>>(), &parts)?;
    Ok(Leaving { parts, lots, rows, changes })
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

/// The lots that take what the products' own lots can't give: those without number and date. A line that names that lot
/// itself gets it, however little is in it.
fn short_of_lots(lines: &[Outgoing<'_>], lots: &[LotInfo]) -> Result<BTreeSet<LotKey>, StockError> {
    let products: BTreeSet<ProductId> = lines
        .iter()
        .filter(|outgoing| matches!(outgoing.from, From::Fefo(_)))
        .map(|outgoing| outgoing.line.product_id)
        .collect();
    let mut keys: BTreeSet<LotKey> = lines
        .iter()
        .filter(|outgoing| matches!(outgoing.from, From::Named("", None)))
        .map(|outgoing| LotKey::unknown(outgoing.line.product_id))
        .collect();
    for product_id in products {
        let of_product = |outgoing: &&Outgoing| outgoing.line.product_id == product_id;
        let wanted = Quantity::sum(lines.iter().filter(of_product).map(|outgoing| outgoing.line.pieces))?;
        // The strictest line says which lots count: that may make the lot without number where it isn't needed, never
        // leave it out where it is.
        let strictest = lines
            .iter()
            .filter(of_product)
            .filter_map(|outgoing| if let From::Fefo(day) = outgoing.from { day } else { None })
            .max();
        let good = |lot: &&LotInfo| {
            lot.product_id == product_id
                && strictest.is_none_or(|day| lot.expiry.is_none_or(|expiry| expiry >= day))
        };
        if Quantity::sum(lots.iter().filter(good).map(|lot| lot.on_hand))? < wanted {
            keys.insert(LotKey::unknown(product_id));
        }
    }
    Ok(keys)
}

/// A lot that gives whatever is asked, after all others.
fn bottomless(lot: LotInfo) -> LotInfo {
    LotInfo { on_hand: Quantity::new(i64::MAX), received_at: DateTime::<Utc>::MAX_UTC, ..lot }
}

/// Lines that name their lots are served first, the others by first expiry from what is left.
fn choose_lots(lines: &[Outgoing<'_>], lots: &[LotInfo]) -> Result<Vec<Part>, StockError> {
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
    for (index, Outgoing { line, from, .. }) in lines.iter().enumerate() {
        match *from {
            From::Fefo(not_expiring_before) => {
                wanted.push(Wanted {
                    product_id: line.product_id,
                    quantity: line.pieces,
                    not_expiring_before,
                });
                places.push(index);
            }
            From::Lots(chosen) => {
                if Quantity::sum(chosen.iter().map(|(_, pieces)| *pieces))? != line.pieces {
                    return Err(StockError::OutOfRange);
                }
                for &(lot_id, pieces) in chosen {
                    if !pieces.is_positive() {
                        return Err(StockError::OutOfRange);
                    }
                    let at = lots.iter().position(|l| l.product_id == line.product_id && l.lot_id == lot_id);
                    parts.push(take_of(&mut stock, at, index, line, pieces)?);
                }
            }
            From::Named(number, expiry) => {
                // The last one: the bottomless lot stands behind the same lot with what is in it.
                let at = lots.iter().rposition(|l| {
                    l.product_id == line.product_id && l.lot_number == number && l.expiry == expiry
                });
                parts.push(take_of(&mut stock, at, index, line, line.pieces)?);
            }
        }
    }
    match domain::stock::pick(&wanted, &stock) {
        Ok(picks) => {
            for pick in picks {
                let line = places.get(pick.line).copied().ok_or(StockError::OutOfRange)?;
                parts.push(Part { line, lot_id: pick.lot_id, pieces: pick.quantity });
            }
        }
        Err(PickError::Overflow(overflow)) => return Err(overflow.into()),
        Err(PickError::Shortage(short)) => return Err(StockError::Short(shortages(&short, &wanted, lots)?)),
    }
    parts.sort_by_key(|part| part.line);
    Ok(parts)
}

/// Takes pieces of the lot at this place.
fn take_of(
    stock: &mut [LotStock],
    at: Option<usize>,
    line: usize,
    of: &Line,
    pieces: Quantity,
) -> Result<Part, StockError> {
    match at.and_then(|at| stock.get_mut(at)) {
        Some(lot) if lot.available >= pieces => {
            lot.available = lot.available.checked_sub(pieces)?;
            Ok(Part { line, lot_id: lot.lot_id, pieces })
        }
        lot => {
            let available = lot.map_or(Quantity::ZERO, |lot| lot.available);
            Err(StockError::Short(vec![Shortage::of(of.product_id, pieces, available)]))
        }
    }
}

/// One shortage per product: what all lines want of it, and what of its lots is good long enough for them.
fn shortages(
    short: &domain::stock::Shortage,
    wanted: &[Wanted],
    lots: &[LotInfo],
) -> Result<Vec<Shortage>, StockError> {
    let products: BTreeSet<ProductId> = short.lines.iter().map(|line| line.product_id).collect();
    products
        .into_iter()
        .map(|product_id| {
            let wants = || wanted.iter().filter(move |want| want.product_id == product_id);
            let day = wants().filter_map(|want| want.not_expiring_before).max();
            let good = |lot: &&LotInfo| {
                lot.product_id == product_id
                    && day.is_none_or(|day| lot.expiry.is_none_or(|expiry| expiry >= day))
            };
            Ok(Shortage {
                product_id,
                wanted: Quantity::sum(wants().map(|want| want.quantity))?,
                available: Quantity::sum(lots.iter().filter(good).map(|lot| lot.on_hand))?,
                not_expiring_before: day,
            })
        })
        .collect()
}

fn picked_lots(lines: &[IssueLine], leaving: &Leaving) -> Vec<PickedLot> {
    let by_id: BTreeMap<_, _> = leaving.lots.iter().map(|lot| (lot.lot_id, lot)).collect();
    leaving
        .parts
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
