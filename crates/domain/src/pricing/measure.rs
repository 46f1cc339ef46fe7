//! What the thresholds of a promotion count.

use super::promotion::Basis;
use crate::{Conversion, Money, Overflow};

/// What was bought of a product.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Bought {
    /// Retail pieces.
    pub pieces: i64,
    /// đồng, before VAT.
    pub value: Money,
    /// Pieces per case.
    pub conversion: Conversion,
}

/// A count of what was bought.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Measure {
    /// How much, in `unit`ths of what the thresholds count.
    pub amount: i64,
    /// What one step of a threshold counts.
    pub unit: i64,
}

impl Measure {
    /// Counts what was bought of some products together.
    ///
    /// Products with different numbers of pieces per case are counted in the least common part of a case, so that
    /// nothing is rounded. Where that part is too small to count with, whole cases of each product are counted.
    pub fn of(basis: Basis, bought: impl Iterator<Item = Bought> + Clone) -> Result<Self, Overflow> {
        match basis {
            Basis::Pieces => {
                let pieces = bought.map(|product| product.pieces);
                let amount = pieces.into_iter().try_fold(0_i64, i64::checked_add).ok_or(Overflow)?;
                Ok(Self { amount, unit: 1 })
            }
            Basis::Value => {
                Ok(Self { amount: Money::sum(bought.map(|product| product.value))?.dong(), unit: 1 })
            }
            Basis::Cases => parts_of_cases(bought.clone()).map_or_else(
                || {
                    let cases = bought.map(|product| product.pieces / product.conversion.pieces_per_case());
                    let amount = cases.into_iter().try_fold(0_i64, i64::checked_add).ok_or(Overflow)?;
                    Ok(Self { amount, unit: 1 })
                },
                Ok,
            ),
        }
    }
}

fn parts_of_cases(bought: impl Iterator<Item = Bought> + Clone) -> Option<Measure> {
    let mut unit: i64 = 1;
    for product in bought.clone() {
        let factor = product.conversion.pieces_per_case();
        unit = unit.checked_mul(factor / common_divisor(unit, factor))?;
    }
    let mut amount: i64 = 0;
    for product in bought {
        let part = unit / product.conversion.pieces_per_case();
        amount = amount.checked_add(product.pieces.checked_mul(part)?)?;
    }
    Some(Measure { amount, unit })
}

const fn common_divisor(mut a: i64, mut b: i64) -> i64 {
    while b != 0 {
        (a, b) = (b, a % b);
    }
    a
}

#[cfg(test)]
mod tests {
    use super::*;

    fn bought(pieces: i64, per_case: i64) -> Bought {
        Bought { pieces, value: Money::new(pieces * 10), conversion: Conversion::new(per_case).unwrap() }
    }

    fn cases(products: &[Bought]) -> (i64, i64) {
        let measure = Measure::of(Basis::Cases, products.iter().copied()).unwrap();
        (measure.amount, measure.unit)
    }

    #[test]
    fn parts_of_different_cases_add_up_exactly() {
        // Half a case of 12 and half a case of 10 are one case.
        let (amount, unit) = cases(&[bought(6, 12), bought(5, 10)]);
        assert_eq!((amount, unit), (60, 60));
        assert_eq!(cases(&[bought(11, 12), bought(0, 1)]), (11, 12));
    }

    #[test]
    fn cases_without_a_countable_common_part_are_counted_whole() {
        let factor = i64::MAX;
        assert_eq!(cases(&[bought(11, 12), bought(25, 12), bought(7, factor)]), (2, 1));
    }

    #[test]
    fn pieces_and_value_are_sums() {
        let both = [bought(6, 12), bought(5, 10)];
        let of = |basis| Measure::of(basis, both.iter().copied()).unwrap();
        assert_eq!((of(Basis::Pieces).amount, of(Basis::Value).amount), (11, 110));
    }
}
