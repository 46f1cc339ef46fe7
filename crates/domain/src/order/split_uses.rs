//! What the two parts of a split order have of its promotions: each takes along what its own goods earned, and both
//! together have what the order had.

use super::split::two;
use crate::pricing::{Benefit, Explanation, PromotionUse, Used, is_earned_by};
use crate::{Money, Overflow, ProductId, PromotionId, Quantity};
use std::collections::BTreeMap;

/// A line and how much of it is in either part.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct LineInParts {
    /// The product.
    pub product_id: ProductId,
    /// The promotion and tier that give it for nothing; none where it is paid.
    pub free: Option<(PromotionId, Option<u32>)>,
    /// Before discounts.
    pub gross: [Money; 2],
    /// In its own unit.
    pub units: [i64; 2],
    /// In retail pieces.
    pub pieces: [Quantity; 2],
}

/// The explanations of either part: discounts shared by the value of the goods that earned them, free goods as the
/// lines have them.
///
/// # Errors
/// When sums are out of range.
pub fn split_explanations(
    explanations: &[Explanation],
    lines: &[LineInParts],
) -> Result<[Vec<Explanation>; 2], Overflow> {
    let mut parts = [Vec::new(), Vec::new()];
    // Of each free line what earlier explanations of it told: all of it, and of the first part.
    let mut told: BTreeMap<(PromotionId, u32, ProductId), [i64; 2]> = BTreeMap::new();
    for explanation in explanations {
        let benefits = match explanation.benefit {
            Benefit::Discount { amount } => {
                let weights = value(lines, |line| explanation.is_earned_by(line.product_id))?;
                two(amount, weights)
                    .map(|amount| Some(Benefit::Discount { amount }).filter(|_| !amount.is_zero()))
            }
            Benefit::FreeGoods { product_id, quantity, unit } => {
                let (promotion, tier) = (explanation.promotion_id, explanation.tier);
                let is_it = |line: &&LineInParts| {
                    line.product_id == product_id
                        && line.free.is_some_and(|(p, t)| p == promotion && t.is_none_or(|t| t == tier))
                };
                let units = lines.iter().find(is_it).map_or([1, 0], |line| line.units);
                let [all, first] = told.entry((promotion, tier, product_id)).or_default();
                *all = all.checked_add(quantity).ok_or(Overflow)?;
                let of_all = i128::from(units[0]) + i128::from(units[1]);
                let due = i128::from(*all) * i128::from(units[0]) / of_all.max(1);
                let due = i64::try_from(due).map_err(|_| Overflow)?;
                let here = (due - *first).clamp(0, quantity);
                *first += here;
                [here, quantity - here].map(|quantity| {
                    Some(Benefit::FreeGoods { product_id, quantity, unit }).filter(|_| quantity > 0)
                })
            }
        };
        for (part, benefit) in parts.iter_mut().zip(benefits) {
            part.extend(benefit.map(|benefit| Explanation { benefit, ..explanation.clone() }));
        }
    }
    Ok(parts)
}

/// What either part uses of the promotions: free goods as the lines have them, money as the parts' discounts and free
/// goods, times as the free goods, or without any by the value of the goods that earned them. Both together are what the
/// order used.
///
/// # Errors
/// When sums are out of range.
pub fn split_uses(
    uses: &[PromotionUse],
    explanations: &[Explanation],
    lines: &[LineInParts],
) -> Result<[Vec<PromotionUse>; 2], Overflow> {
    let halves = split_explanations(explanations, lines)?;
    let mut parts = [Vec::new(), Vec::new()];
    for PromotionUse { promotion_id, used } in uses {
        let off = |explanations: &[Explanation]| {
            Money::sum(explanations.iter().filter(|e| e.promotion_id == *promotion_id).filter_map(|e| {
                match e.benefit {
                    Benefit::Discount { amount } => Some(amount),
                    Benefit::FreeGoods { .. } => None,
                }
            }))
        };
        let earned = value(lines, |line| is_earned_by(explanations, *promotion_id, line.product_id))?;
        let mut free = [0_i64; 2];
        for line in lines.iter().filter(|line| line.free.is_some_and(|(p, _)| p == *promotion_id)) {
            for (sum, pieces) in free.iter_mut().zip(line.pieces) {
                *sum = sum.checked_add(pieces.pieces()).ok_or(Overflow)?;
            }
        }
        // Without free goods, or with some that a line doesn't tell of, the goods that earned it decide.
        let weights = if free == [0, 0] { earned } else { free.map(Money::new) };
        let by = |figure: i64, weights: [Money; 2]| two(Money::new(figure), weights)[0].dong();
        let discount = off(explanations)?.min(used.amount);
        let given = used.amount.checked_sub(discount)?;
        let here = off(&halves[0])?.min(discount).checked_add(Money::new(by(given.dong(), weights)))?;
        let first = Used {
            times: by(used.times, weights),
            amount: here,
            quantity: Quantity::new(by(used.quantity.pieces(), weights)),
        };
        for (part, used) in parts.iter_mut().zip([first, used.checked_sub(first)?]) {
            if !used.is_nothing() {
                part.push(PromotionUse { promotion_id: *promotion_id, used });
            }
        }
    }
    Ok(parts)
}

/// The value of the paid lines in either part.
fn value(lines: &[LineInParts], counts: impl Fn(&LineInParts) -> bool) -> Result<[Money; 2], Overflow> {
    let mut sums = [Money::ZERO; 2];
    for line in lines.iter().filter(|line| line.free.is_none() && counts(line)) {
        for (sum, gross) in sums.iter_mut().zip(line.gross) {
            *sum = sum.checked_add(gross)?;
        }
    }
    Ok(sums)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Unit;
    use proptest::prelude::*;
    use uuid::Uuid;

    fn product(n: u128) -> ProductId {
        Uuid::from_u128(n).into()
    }

    fn promotion(n: u128) -> PromotionId {
        Uuid::from_u128(100 + n).into()
    }

    fn paid(n: u128, price: i64, units: [i64; 2]) -> LineInParts {
        LineInParts {
            product_id: product(n),
            free: None,
            gross: units.map(|units| Money::new(units * price)),
            units,
            pieces: units.map(Quantity::new),
        }
    }

    fn free(of: u128, n: u128, units: [i64; 2]) -> LineInParts {
        LineInParts { free: Some((promotion(of), Some(1))), ..paid(n, 0, units) }
    }

    fn told(of: u128, earned_by: Option<u128>, benefit: Benefit) -> Explanation {
        Explanation {
            promotion_id: promotion(of),
            promotion_code: String::new(),
            promotion_name: String::new(),
            tier: 1,
            product_id: earned_by.map(product),
            product_ids: Vec::new(),
            benefit,
            limited: false,
            choices: Vec::new(),
        }
    }

    fn gift(n: u128, quantity: i64) -> Benefit {
        Benefit::FreeGoods { product_id: product(n), quantity, unit: Unit::Retail }
    }

    fn discount(amount: i64) -> Benefit {
        Benefit::Discount { amount: Money::new(amount) }
    }

    fn uses(of: u128, times: i64, amount: i64, quantity: i64) -> PromotionUse {
        let used = Used { times, amount: Money::new(amount), quantity: Quantity::new(quantity) };
        PromotionUse { promotion_id: promotion(of), used }
    }

    #[test]
    fn gifts_go_with_their_lines_and_discounts_with_the_goods_that_earned_them() {
        // 20 of 30 milk go now, with 1 of 2 gifts; soap goes all.
        let lines = [paid(1, 1_000, [20, 10]), paid(2, 500, [4, 0]), free(1, 3, [1, 1])];
        let explanations =
            [told(1, Some(1), gift(3, 2)), told(2, Some(2), discount(100)), told(3, None, discount(320))];
        let [now, later] = split_explanations(&explanations, &lines).unwrap();
        let benefits = |part: &[Explanation]| part.iter().map(|e| e.benefit).collect::<Vec<_>>();
        // 22,000 of 32,000 go now.
        assert_eq!(benefits(&now), [gift(3, 1), discount(100), discount(220)]);
        assert_eq!(benefits(&later), [gift(3, 1), discount(100)]);
        let of = [uses(1, 2, 3_000, 2), uses(2, 1, 100, 0), uses(3, 1, 320, 0)];
        let [now, later] = split_uses(&of, &explanations, &lines).unwrap();
        assert_eq!(now, [uses(1, 1, 1_500, 1), uses(2, 1, 100, 0), uses(3, 1, 220, 0)]);
        assert_eq!(later, [uses(1, 1, 1_500, 1), uses(3, 0, 100, 0)]);
    }

    #[test]
    fn a_gift_that_two_products_earned_is_told_in_either_part_as_the_line_has_it() {
        let lines = [paid(1, 1_000, [9, 0]), paid(2, 1_000, [0, 9]), free(1, 3, [3, 2])];
        let explanations = [told(1, Some(1), gift(3, 2)), told(1, Some(2), gift(3, 3))];
        let parts = split_explanations(&explanations, &lines).unwrap();
        let quantities = parts.map(|part| {
            part.iter()
                .map(|e| if let Benefit::FreeGoods { quantity, .. } = e.benefit { quantity } else { 0 })
                .sum::<i64>()
        });
        assert_eq!(quantities, [3, 2]);
    }

    proptest! {
        #[test]
        fn both_parts_together_use_what_the_order_used(
            lines in prop::collection::vec((0_u128..3, 0_i64..40, 0_i64..40, 0_i64..5_000, any::<bool>()), 1..6),
            explained in prop::collection::vec((0_u128..2, prop::option::of(0_u128..3), 0_i64..10_000, any::<bool>()), 0..6),
            used in prop::collection::vec((0_i64..9, 0_i64..1_000_000, 0_i64..60), 2),
        ) {
            let lines: Vec<LineInParts> = lines
                .into_iter()
                .map(|(n, now, later, price, is_free)| {
                    if is_free { free(n % 2, n, [now, later]) } else { paid(n, price, [now, later]) }
                })
                .collect();
            let explanations: Vec<Explanation> = explained
                .into_iter()
                .map(|(of, by, size, goods)| told(of, by, if goods { gift(1, size % 50 + 1) } else { discount(size) }))
                .collect();
            let uses: Vec<PromotionUse> =
                (0..).zip(used).map(|(n, (times, amount, quantity))| super::tests::uses(n, times, amount, quantity)).collect();
            let parts = split_uses(&uses, &explanations, &lines).unwrap();
            for of in &uses {
                let find = |part: &[PromotionUse]| {
                    part.iter().find(|x| x.promotion_id == of.promotion_id).map(|x| x.used).unwrap_or_default()
                };
                let both = [find(&parts[0]), find(&parts[1])];
                for part in both {
                    prop_assert!(part.times >= 0 && !part.amount.is_negative() && !part.quantity.is_negative());
                }
                prop_assert_eq!(both[0].checked_add(both[1]).unwrap(), of.used);
            }
        }
    }
}
