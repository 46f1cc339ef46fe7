//! Splitting an order of which only a part is in stock.
//!
//! What was agreed with the buyer stays: the two parts keep the lines' prices, share their discounts, and add up to
//! the whole order to the đồng and to the piece. A line goes in whole units as it was typed. Free goods go in
//! proportion to the value of what goes now, rounded down, so that gifts never run ahead of what is paid.

use crate::{Money, Overflow, Percent, ProductId, Quantity};
use std::collections::BTreeMap;

text_enum! {
    /// What happens to an order of which only a part is in stock.
    pub enum ShortagePolicy as "shortage policy" {
        /// It is not approved.
        Block = "block",
        /// The part that is there is approved, the rest becomes an order of its own.
        Split = "split",
    }
}

/// A line as it stands, with its figures.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct LineToSplit {
    /// The product.
    pub product_id: ProductId,
    /// How many of the unit, at least 1.
    pub units: i64,
    /// Pieces of one unit, at least 1.
    pub pieces_per_unit: i64,
    /// The price of one unit.
    pub unit_price: Money,
    /// Whether it was given for nothing.
    pub free: bool,
    /// The VAT rate.
    pub vat_rate: Percent,
    /// Its money.
    pub figures: LineFigures,
}

/// The money of a line. Gross less both discounts, and VAT, make its total.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct LineFigures {
    /// Units × unit price.
    pub gross: Money,
    /// Discount of the line itself.
    pub product_discount: Money,
    /// Its share of order discounts.
    pub order_discount: Money,
    /// VAT.
    pub vat: Money,
}

impl LineFigures {
    /// Gross less both discounts.
    pub fn net(&self) -> Result<Money, Overflow> {
        self.gross.checked_sub(self.product_discount)?.checked_sub(self.order_discount)
    }

    /// Net and VAT.
    pub fn total(&self) -> Result<Money, Overflow> {
        self.net()?.checked_add(self.vat)
    }
}

/// One of the two parts of a line.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct LinePart {
    /// How many of the unit.
    pub units: i64,
    /// The same in pieces.
    pub pieces: Quantity,
    /// Its money.
    pub figures: LineFigures,
    /// VAT over or under what the rate makes of the part's net: rounding, which the parts share so that they add up.
    pub vat_carry: Money,
}

/// How many units of each line can go now. Paid lines are served first, in their order, then free ones.
///
/// # Errors
/// When sums are out of range.
pub fn units_now(
    lines: &[LineToSplit],
    available: &BTreeMap<ProductId, Quantity>,
) -> Result<Vec<i64>, Overflow> {
    let mut left: BTreeMap<ProductId, i64> = available.iter().map(|(p, q)| (*p, q.pieces().max(0))).collect();
    let mut now = vec![0_i64; lines.len()];
    let mut take = |line: &LineToSplit, wanted: i64| -> Result<i64, Overflow> {
        let left = left.entry(line.product_id).or_default();
        let units = wanted.min(*left / line.pieces_per_unit.max(1));
        *left -= units.checked_mul(line.pieces_per_unit).ok_or(Overflow)?;
        Ok(units)
    };
    let (mut value_now, mut value) = (0_i128, 0_i128);
    for (line, units) in lines.iter().zip(&mut now).filter(|(line, _)| !line.free) {
        *units = take(line, line.units)?;
        value_now += i128::from(*units) * i128::from(line.unit_price.dong());
        value += i128::from(line.units) * i128::from(line.unit_price.dong());
    }
    for (line, units) in lines.iter().zip(&mut now).filter(|(line, _)| line.free) {
        let due = match value {
            0 => line.units,
            _ => i64::try_from(i128::from(line.units) * value_now / value).map_err(|_| Overflow)?,
        };
        *units = take(line, due)?;
    }
    Ok(now)
}

/// The part of the line that goes now and the rest; they add up to the line in every figure.
///
/// # Errors
/// When sums are out of range.
pub fn split_line(line: &LineToSplit, now: i64) -> Result<(LinePart, LinePart), Overflow> {
    let now = now.clamp(0, line.units);
    let rest = line.units - now;
    let gross = [line.unit_price.checked_mul(now)?, line.unit_price.checked_mul(rest)?];
    let product = two(line.figures.product_discount, gross);
    // As in pricing: the order's discount is shared by what the line's own discount has left, so no part gets below 0.
    let left = [gross[0].checked_sub(product[0])?, gross[1].checked_sub(product[1])?];
    let order = two(line.figures.order_discount, left);
    let net = [left[0].checked_sub(order[0])?, left[1].checked_sub(order[1])?];
    let rounded = [net[0].percent(line.vat_rate)?, net[1].percent(line.vat_rate)?];
    let vat_now = match (now, rest) {
        (_, 0) => line.figures.vat,
        (0, _) => Money::ZERO,
        _ => rounded[0].min(line.figures.vat),
    };
    let vat = [vat_now, line.figures.vat.checked_sub(vat_now)?];
    let part = |at: usize, units: i64| -> Result<LinePart, Overflow> {
        Ok(LinePart {
            units,
            pieces: Quantity::new(units.checked_mul(line.pieces_per_unit).ok_or(Overflow)?),
            figures: LineFigures {
                gross: gross[at],
                product_discount: product[at],
                order_discount: order[at],
                vat: vat[at],
            },
            vat_carry: vat[at].checked_sub(rounded[at])?,
        })
    };
    Ok((part(0, now)?, part(1, rest)?))
}

/// Shares an amount over two weights; all to the second when both are nothing.
pub(super) fn two(amount: Money, weights: [Money; 2]) -> [Money; 2] {
    if weights.iter().all(|w| w.is_zero()) {
        return [Money::ZERO, amount];
    }
    match amount.share(&weights)[..] {
        [first, second] => [first, second],
        _ => [Money::ZERO, amount],
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use uuid::Uuid;

    fn product(n: u128) -> ProductId {
        Uuid::from_u128(n).into()
    }

    fn line(n: u128, units: i64, per_unit: i64, price: i64, free: bool) -> LineToSplit {
        LineToSplit {
            product_id: product(n),
            units,
            pieces_per_unit: per_unit,
            unit_price: Money::new(price),
            free,
            vat_rate: Percent::whole(8).unwrap(),
            figures: LineFigures { gross: Money::new(units * price), ..LineFigures::default() },
        }
    }

    fn stock(of: &[(u128, i64)]) -> BTreeMap<ProductId, Quantity> {
        of.iter().map(|(n, pieces)| (product(*n), Quantity::new(*pieces))).collect()
    }

    #[test]
    fn a_line_in_cases_goes_in_whole_cases() {
        let lines = [line(1, 10, 24, 240_000, false)];
        assert_eq!(units_now(&lines, &stock(&[(1, 100)])), Ok(vec![4]));
        assert_eq!(units_now(&lines, &stock(&[(1, 23)])), Ok(vec![0]));
        assert_eq!(units_now(&lines, &stock(&[])), Ok(vec![0]));
    }

    #[test]
    fn paid_lines_take_the_stock_before_free_ones_and_gifts_keep_to_the_value_that_goes() {
        // 10 paid and 4 free of a product of which 12 are there; the other product is all there.
        let lines = [line(1, 4, 1, 0, true), line(1, 10, 1, 1_000, false), line(2, 10, 1, 1_000, false)];
        assert_eq!(units_now(&lines, &stock(&[(1, 12), (2, 10)])), Ok(vec![2, 10, 10]));
        // Half of the value goes: half of the gifts go, though there is stock for all.
        assert_eq!(units_now(&lines, &stock(&[(1, 99), (2, 0)])), Ok(vec![2, 10, 0]));
    }

    #[test]
    fn a_whole_line_and_no_line_stay_what_they_are() {
        let mut line = line(1, 3, 1, 1_111, false);
        line.figures.product_discount = Money::new(100);
        line.figures.vat = line.figures.net().unwrap().percent(line.vat_rate).unwrap();
        let (now, rest) = split_line(&line, 3).unwrap();
        assert_eq!(
            (now.figures, now.vat_carry, rest.figures),
            (line.figures, Money::ZERO, LineFigures::default())
        );
        let (now, rest) = split_line(&line, 0).unwrap();
        assert_eq!(
            (rest.figures, rest.vat_carry, now.figures),
            (line.figures, Money::ZERO, LineFigures::default())
        );
    }

    prop_compose! {
        fn any_line()(
            units in 1_i64..500, per_unit in 1_i64..50, price in 0_i64..50_000, rate in prop::sample::select(vec![0, 5, 8, 10]),
            product in 0_i64..=1_000, order in 0_i64..=1_000, now in 0_i64..500,
        ) -> (LineToSplit, i64) {
            let gross = Money::new(units * price);
            let product_discount = Money::new(gross.dong() * product / 1_000);
            let order_discount = Money::new((gross.dong() - product_discount.dong()) * order / 1_000);
            let vat_rate = Percent::whole(rate).unwrap();
            let mut figures = LineFigures { gross, product_discount, order_discount, vat: Money::ZERO };
            figures.vat = figures.net().unwrap().percent(vat_rate).unwrap();
            let line = LineToSplit {
                product_id: Uuid::nil().into(), units, pieces_per_unit: per_unit, unit_price: Money::new(price),
                free: price == 0, vat_rate, figures,
            };
            (line, now.min(units))
        }
    }

    proptest! {
        #[test]
        fn the_parts_add_up_to_the_line_and_are_lines_themselves((line, now) in any_line()) {
            let (a, b) = split_line(&line, now).unwrap();
            prop_assert_eq!(a.units + b.units, line.units);
            prop_assert_eq!(a.pieces.pieces() + b.pieces.pieces(), line.units * line.pieces_per_unit);
            let sum = |f: fn(&LineFigures) -> Money| f(&a.figures).dong() + f(&b.figures).dong();
            prop_assert_eq!(sum(|f| f.gross), line.figures.gross.dong());
            prop_assert_eq!(sum(|f| f.product_discount), line.figures.product_discount.dong());
            prop_assert_eq!(sum(|f| f.order_discount), line.figures.order_discount.dong());
            prop_assert_eq!(sum(|f| f.vat), line.figures.vat.dong());
            for part in [a, b] {
                let net = part.figures.net().unwrap();
                prop_assert!(!net.is_negative() && !part.figures.vat.is_negative());
                prop_assert_eq!(part.figures.gross, line.unit_price.checked_mul(part.units).unwrap());
                let rounded = net.percent(line.vat_rate).unwrap();
                prop_assert_eq!(part.figures.vat.dong(), rounded.dong() + part.vat_carry.dong());
                prop_assert!(part.vat_carry.dong().abs() <= 1);
            }
        }

        #[test]
        fn no_more_goes_than_there_is(
            lines in prop::collection::vec((0_u128..3, 1_i64..50, 1_i64..10, any::<bool>()), 1..8),
            there in prop::collection::vec(0_i64..200, 3),
        ) {
            let lines: Vec<LineToSplit> =
                lines.iter().map(|&(n, units, per, free)| line(n, units, per, if free { 0 } else { 1_000 }, free)).collect();
            let available = stock(&[(0, there[0]), (1, there[1]), (2, there[2])]);
            let now = units_now(&lines, &available).unwrap();
            for (n, pieces) in &available {
                let taken: i64 = lines.iter().zip(&now).filter(|(l, _)| l.product_id == *n).map(|(l, u)| u * l.pieces_per_unit).sum();
                prop_assert!(taken <= pieces.pieces());
            }
            for (line, units) in lines.iter().zip(&now) {
                prop_assert!((0..=line.units).contains(units));
            }
        }
    }
}
