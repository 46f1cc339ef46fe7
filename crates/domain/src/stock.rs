//! From which lots goods are taken: first expiry, then first in (FEFO), never a lot that expires too soon for the buyer.

use crate::{LotId, Overflow, ProductId, Quantity};
use chrono::{DateTime, NaiveDate, Utc};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// A lot in a warehouse and what may be taken of it. Whether expired lots are offered is the caller's choice.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct LotStock {
    /// The lot.
    pub lot_id: LotId,
    /// Its product.
    pub product_id: ProductId,
    /// Its expiry date; goods without one are taken last.
    pub expiry: Option<NaiveDate>,
    /// When it came in.
    pub received_at: DateTime<Utc>,
    /// What may be taken.
    pub available: Quantity,
}

/// What is wanted of a product on one line of a document.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Wanted {
    /// The product.
    pub product_id: ProductId,
    /// How much.
    pub quantity: Quantity,
    /// Lots that expire before this day are not taken; none takes expired goods too. Goods without an expiry date are
    /// always good.
    pub not_expiring_before: Option<NaiveDate>,
}

impl Wanted {
    /// Whether goods of this expiry date are still good enough.
    pub fn accepts(&self, expiry: Option<NaiveDate>) -> bool {
        match (self.not_expiring_before, expiry) {
            (Some(first), Some(expiry)) => expiry >= first,
            _ => true,
        }
    }
}

/// What is taken from a lot for a line.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Pick {
    /// The line's place among those wanted; 0 is the first.
    pub line: usize,
    /// The lot.
    pub lot_id: LotId,
    /// How much; more than nothing.
    pub quantity: Quantity,
}

/// The warehouse has less than is wanted.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("the warehouse has too little for {} line(s)", lines.len())]
pub struct Shortage {
    /// The lines that are short.
    pub lines: Vec<ShortLine>,
}

/// A line for which the warehouse has too little.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ShortLine {
    /// The line's place among those wanted; 0 is the first.
    pub line: usize,
    /// The product.
    pub product_id: ProductId,
    /// What is wanted.
    pub wanted: Quantity,
    /// What there is for this line in lots that are good long enough, after the lines before it.
    pub available: Quantity,
    /// What is missing.
    pub missing: Quantity,
}

/// Why no picks could be made.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum PickError {
    /// Too little stock.
    #[error(transparent)]
    Shortage(#[from] Shortage),
    /// A sum left the range of 64 bits.
    #[error(transparent)]
    Overflow(#[from] Overflow),
}

/// Takes what the lines want from the lots: first expiry (none last), then first received, then by id; of lots with
/// more than nothing only, and of those that are good long enough. Lines are served in their order, and what one takes
/// the next can't. Either all lines are served or none.
///
/// # Errors
/// [`PickError::Shortage`] names every short line.
pub fn pick(wanted: &[Wanted], lots: &[LotStock]) -> Result<Vec<Pick>, PickError> {
    let mut by_product: BTreeMap<ProductId, Vec<LotStock>> = BTreeMap::new();
    for lot in lots {
        by_product.entry(lot.product_id).or_default().push(*lot);
    }
    for lots in by_product.values_mut() {
        lots.sort_by_key(|lot| (lot.expiry.is_none(), lot.expiry, lot.received_at, lot.lot_id));
    }
    let mut picks = Vec::new();
    let mut short = Vec::new();
    for (line, want @ Wanted { product_id, quantity, .. }) in wanted.iter().enumerate() {
        let mut left = *quantity;
        let good = |lot: &&mut LotStock| want.accepts(lot.expiry);
        for lot in by_product.get_mut(product_id).into_iter().flatten().filter(good) {
            let take = left.min(lot.available);
            if take.is_positive() {
                picks.push(Pick { line, lot_id: lot.lot_id, quantity: take });
                left = left.checked_sub(take)?;
                lot.available = lot.available.checked_sub(take)?;
            }
        }
        if left.is_positive() {
            let available = quantity.checked_sub(left)?;
            short.push(ShortLine {
                line,
                product_id: *product_id,
                wanted: *quantity,
                available,
                missing: left,
            });
        }
    }
    if short.is_empty() { Ok(picks) } else { Err(Shortage { lines: short }.into()) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use uuid::Uuid;

    fn product(n: u128) -> ProductId {
        Uuid::from_u128(n).into()
    }

    fn lot(id: u128, expiry: Option<u32>, received: i64, available: i64) -> LotStock {
        LotStock {
            lot_id: Uuid::from_u128(id).into(),
            product_id: product(1),
            expiry: expiry.map(|day| NaiveDate::from_ymd_opt(2026, 9, day).unwrap()),
            received_at: DateTime::from_timestamp(received, 0).unwrap(),
            available: Quantity::new(available),
        }
    }

    fn want(product_id: ProductId, quantity: i64) -> Wanted {
        Wanted { product_id, quantity: Quantity::new(quantity), not_expiring_before: None }
    }

    fn taken(wanted: &[Wanted], lots: &[LotStock]) -> Vec<(usize, u128, i64)> {
        let picks = pick(wanted, lots).unwrap();
        picks.iter().map(|pick| (pick.line, pick.lot_id.uuid().as_u128(), pick.quantity.pieces())).collect()
    }

    #[test]
    fn first_expiry_then_first_in_then_the_id_decide_and_no_expiry_comes_last() {
        let lots = [
            lot(5, None, 0, 10),
            lot(4, Some(20), 100, 10),
            lot(3, Some(10), 300, 10),
            lot(2, Some(10), 200, 10),
            lot(1, Some(10), 300, 10),
        ];
        let all = taken(&[want(product(1), 45)], &lots);
        assert_eq!(all, [(0, 2, 10), (0, 1, 10), (0, 3, 10), (0, 4, 10), (0, 5, 5)]);
    }

    #[test]
    fn lines_of_one_product_share_its_lots() {
        let lots = [lot(1, Some(1), 0, 12), lot(2, Some(2), 0, 12)];
        let picks = taken(&[want(product(1), 12), want(product(1), 1)], &lots);
        assert_eq!(picks, [(0, 1, 12), (1, 2, 1)]);
    }

    #[test]
    fn a_shortage_names_every_short_line_and_takes_nothing() {
        let lots = [lot(1, None, 0, 12)];
        let error =
            pick(&[want(product(1), 10), want(product(1), 5), want(product(2), 3)], &lots).unwrap_err();
        let short = |line, product_id, wanted, available| ShortLine {
            line,
            product_id,
            wanted: Quantity::new(wanted),
            available: Quantity::new(available),
            missing: Quantity::new(wanted - available),
        };
        let lines = vec![short(1, product(1), 5, 2), short(2, product(2), 3, 0)];
        assert_eq!(error, PickError::Shortage(Shortage { lines }));
    }

    #[test]
    fn a_lot_below_zero_is_passed_over() {
        let lots = [lot(1, Some(1), 0, -5), lot(2, Some(2), 0, 5)];
        assert_eq!(taken(&[want(product(1), 5)], &lots), [(0, 2, 5)]);
    }

    #[test]
    fn a_lot_that_expires_too_soon_is_not_taken_and_the_last_good_day_counts() {
        let lots = [lot(1, Some(9), 0, 10), lot(2, Some(10), 0, 10), lot(3, None, 0, 10)];
        let day = NaiveDate::from_ymd_opt(2026, 9, 10);
        let wants = |n| [Wanted { not_expiring_before: day, ..want(product(1), n) }];
        assert_eq!(taken(&wants(15), &lots), [(0, 2, 10), (0, 3, 5)]);
        let Err(PickError::Shortage(Shortage { lines })) = pick(&wants(21), &lots) else {
            panic!("expected a shortage")
        };
        assert_eq!((lines[0].available, lines[0].missing), (Quantity::new(20), Quantity::new(1)));
    }

    proptest! {
        #[test]
        fn picks_serve_exactly_what_is_wanted_and_never_overdraw_a_lot(
            stock in prop::collection::vec((0_u32..3, 0_i64..50), 1..8), wanted in prop::collection::vec(0_i64..40, 1..5),
        ) {
            let lots: Vec<_> = stock.iter().zip(1..).map(|((expiry, available), id)| {
                lot(id, (*expiry > 0).then_some(*expiry), 0, *available)
            }).collect();
            let lines: Vec<_> = wanted.iter().map(|quantity| want(product(1), *quantity)).collect();
            let enough = stock.iter().map(|(_, available)| available).sum::<i64>() >= wanted.iter().sum();
            let picks = pick(&lines, &lots);
            prop_assert_eq!(picks.is_ok(), enough);
            let picks = picks.unwrap_or_default();
            for (line, quantity) in wanted.iter().enumerate().filter(|_| enough) {
                let got: i64 = picks.iter().filter(|pick| pick.line == line).map(|pick| pick.quantity.pieces()).sum();
                prop_assert_eq!(got, *quantity);
            }
            for lot in &lots {
                let used: i64 = picks.iter().filter(|p| p.lot_id == lot.lot_id).map(|p| p.quantity.pieces()).sum();
                prop_assert!(used <= lot.available.pieces());
            }
        }
    }
}
