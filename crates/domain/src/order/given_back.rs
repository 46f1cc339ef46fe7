//! What of a promotion's use goes back when goods don't leave or come back.

use crate::pricing::Used;
use crate::{Money, Overflow, Quantity};

/// What became of the goods that have to do with a promotion, in an order or in all parts of one that was split.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct PromotionGoods {
    /// The value before discounts of the paid goods that earned it.
    pub earned: Money,
    /// What of that left, or still will.
    pub left: Money,
    /// What of that came back.
    pub returned: Money,
    /// The pieces it gave for nothing.
    pub gifts: Quantity,
    /// What of them left, or still will.
    pub gifts_left: Quantity,
    /// The discounts it gave.
    pub discount: Money,
}

impl PromotionGoods {
    /// What of the use goes back. First what was not delivered: free goods by their pieces, discounts by the value of
    /// the goods that earned them. Of the rest the part that came back of the goods that earned it and left. Each measure
    /// is rounded down.
    ///
    /// # Errors
    /// When sums are out of range.
    pub fn given_back(&self, used: Used) -> Result<Used, Overflow> {
        let by_value = |figure| stays(figure, self.left.dong(), self.earned.dong());
        let by_gifts = |figure| match self.gifts.is_positive() {
            true => stays(figure, self.gifts_left.pieces(), self.gifts.pieces()),
            false => by_value(figure),
        };
        let discount = self.discount.min(used.amount);
        let given = used.amount.checked_sub(discount)?;
        let left = Used {
            times: by_gifts(used.times)?,
            amount: Money::new(by_value(discount.dong())?)
                .checked_add(Money::new(by_gifts(given.dong())?))?,
            quantity: Quantity::new(by_gifts(used.quantity.pieces())?),
        };
        used.checked_sub(left)?.checked_add(left.part(self.returned, self.left)?)
    }
}

/// The figure's share, rounded up; all of it where there is nothing to share by.
fn stays(figure: i64, part: i64, of: i64) -> Result<i64, Overflow> {
    if of <= 0 {
        return Ok(figure);
    }
    let (part, of) = (i128::from(part.clamp(0, of)), i128::from(of));
    i64::try_from((i128::from(figure) * part + of - 1) / of).map_err(|_| Overflow)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn used(times: i64, amount: i64, quantity: i64) -> Used {
        Used { times, amount: Money::new(amount), quantity: Quantity::new(quantity) }
    }

    /// 50 pieces of 1,000 that earned 4 free ones.
    const GIFTS: PromotionGoods = PromotionGoods {
        earned: Money::new(50_000),
        left: Money::new(50_000),
        returned: Money::ZERO,
        gifts: Quantity::new(4),
        gifts_left: Quantity::new(4),
        discount: Money::ZERO,
    };

    #[test]
    fn what_comes_back_gives_its_part_back_rounded_down() {
        let back = |returned| PromotionGoods { returned: Money::new(returned), ..GIFTS };
        for (returned, due) in
            [(0, used(0, 0, 0)), (20_000, used(1, 16_000, 1)), (50_000, used(4, 40_000, 4))]
        {
            assert_eq!(back(returned).given_back(used(4, 40_000, 4)), Ok(due));
        }
    }

    #[test]
    fn gifts_that_never_left_go_back_and_those_that_left_stay_whatever_earned_them() {
        let closed = |left, gifts_left| PromotionGoods {
            left: Money::new(left),
            gifts_left: Quantity::new(gifts_left),
            ..GIFTS
        };
        assert_eq!(closed(25_000, 0).given_back(used(4, 40_000, 4)), Ok(used(4, 40_000, 4)));
        assert_eq!(closed(25_000, 4).given_back(used(4, 40_000, 4)), Ok(used(0, 0, 0)));
        // Of those that left, the part of what comes back of the goods that left.
        let then = PromotionGoods { returned: Money::new(10_000), ..closed(25_000, 3) };
        assert_eq!(then.given_back(used(4, 40_000, 4)), Ok(used(2, 22_000, 2)));
    }

    #[test]
    fn a_discount_goes_back_by_the_value_of_the_goods_beside_gifts_of_the_same_promotion() {
        let both = PromotionGoods {
            discount: Money::new(999),
            left: Money::new(25_000),
            gifts_left: Quantity::new(3),
            ..GIFTS
        };
        assert_eq!(both.given_back(used(4, 999 + 4_000, 4)), Ok(used(1, 499 + 1_000, 1)));
        let alone = PromotionGoods { gifts: Quantity::ZERO, gifts_left: Quantity::ZERO, ..both };
        assert_eq!(alone.given_back(used(1, 999, 0)), Ok(used(0, 499, 0)));
    }

    #[test]
    fn without_goods_nothing_goes_back() {
        assert_eq!(PromotionGoods::default().given_back(used(1, 10, 1)), Ok(used(0, 0, 0)));
    }
}
