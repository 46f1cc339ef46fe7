//! How much of a promotion may still be given.

use crate::{Money, Overflow, PromotionId, Quantity};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// The most that may be given; none is without limit.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Limits {
    /// How often: each multiple of a tier that repeats and each set of a combo counts once, any other reward once per
    /// tier and product that earned it.
    pub times: Option<i64>,
    /// Money: discounts, and what free goods would have cost.
    pub amount: Option<Money>,
    /// Free goods, in retail pieces.
    pub quantity: Option<Quantity>,
}

impl Limits {
    /// No limit at all.
    pub const NONE: Self = Self { times: None, amount: None, quantity: None };

    /// Whether nothing is limited.
    pub const fn is_none(&self) -> bool {
        self.times.is_none() && self.amount.is_none() && self.quantity.is_none()
    }

    /// The tighter of both, each in its own measure.
    #[must_use]
    pub fn tighter(self, other: Self) -> Self {
        fn least<T: Ord>(a: Option<T>, b: Option<T>) -> Option<T> {
            match (a, b) {
                (Some(a), Some(b)) => Some(a.min(b)),
                (a, b) => a.or(b),
            }
        }
        Self {
            times: least(self.times, other.times),
            amount: least(self.amount, other.amount),
            quantity: least(self.quantity, other.quantity),
        }
    }

    /// Whether so much may be given.
    pub fn allow(&self, used: &Used) -> bool {
        self.times.is_none_or(|times| used.times <= times)
            && self.amount.is_none_or(|amount| used.amount <= amount)
            && self.quantity.is_none_or(|quantity| used.quantity <= quantity)
    }

    /// What is left of it after so much was given; never below nothing.
    pub fn less(self, used: &Used) -> Result<Self, Overflow> {
        let times = self.times.map(|times| times.checked_sub(used.times).ok_or(Overflow)).transpose()?;
        let amount = self.amount.map(|amount| amount.checked_sub(used.amount)).transpose()?;
        let quantity = self.quantity.map(|quantity| quantity.checked_sub(used.quantity)).transpose()?;
        Ok(Self {
            times: times.map(|times| times.max(0)),
            amount: amount.map(|amount| amount.max(Money::ZERO)),
            quantity: quantity.map(|quantity| quantity.max(Quantity::ZERO)),
        })
    }
}

/// What was given of a promotion.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Used {
    /// How often, as [`Limits`] counts.
    pub times: i64,
    /// Money: discounts, and what free goods would have cost.
    pub amount: Money,
    /// Free goods, in retail pieces.
    pub quantity: Quantity,
}

impl Used {
    /// Both together.
    pub fn checked_add(self, other: Self) -> Result<Self, Overflow> {
        Ok(Self {
            times: self.times.checked_add(other.times).ok_or(Overflow)?,
            amount: self.amount.checked_add(other.amount)?,
            quantity: self.quantity.checked_add(other.quantity)?,
        })
    }

    /// What is left when so much is gone.
    pub fn checked_sub(self, other: Self) -> Result<Self, Overflow> {
        Ok(Self {
            times: self.times.checked_sub(other.times).ok_or(Overflow)?,
            amount: self.amount.checked_sub(other.amount)?,
            quantity: self.quantity.checked_sub(other.quantity)?,
        })
    }

    /// The part of it that belongs to `gone` of `of`, each measure rounded down. Nothing of nothing; more than all is all.
    pub fn part(self, gone: Money, of: Money) -> Result<Self, Overflow> {
        if !of.is_positive() {
            return Ok(Self::default());
        }
        let gone = i128::from(gone.clamp(Money::ZERO, of).dong());
        let part = |figure: i64| {
            i64::try_from(i128::from(figure) * gone / i128::from(of.dong())).map_err(|_| Overflow)
        };
        Ok(Self {
            times: part(self.times)?,
            amount: Money::new(part(self.amount.dong())?),
            quantity: Quantity::new(part(self.quantity.pieces())?),
        })
    }

    /// Whether nothing was given.
    pub const fn is_nothing(&self) -> bool {
        self.times == 0 && self.amount.is_zero() && self.quantity.is_zero()
    }
}

/// What is known of a promotion before the order.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct UsageFacts {
    /// What is left of the company's budget.
    pub budget_left: Limits,
    /// What is left for this customer.
    pub customer_left: Limits,
    /// Of an accumulation: what the customer has bought in the period, in pieces, whole cases or đồng as its thresholds
    /// count.
    pub accumulated: Option<i64>,
}

/// What is known of the promotions before the order. One of which nothing is known has its whole budget left.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Usage(pub BTreeMap<PromotionId, UsageFacts>);

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn used(times: i64, amount: i64, quantity: i64) -> Used {
        Used { times, amount: Money::new(amount), quantity: Quantity::new(quantity) }
    }

    #[test]
    fn a_part_is_rounded_down_and_all_is_all() {
        let part = |gone, of| used(3, 1_000, 7).part(Money::new(gone), Money::new(of));
        assert_eq!(part(1, 3), Ok(used(1, 333, 2)));
        assert_eq!(part(3, 3), Ok(used(3, 1_000, 7)));
        assert_eq!(part(9, 3), Ok(used(3, 1_000, 7)));
        assert_eq!(part(1, 0), Ok(Used::default()));
    }

    proptest! {
        #[test]
        fn what_comes_back_bit_by_bit_never_exceeds_what_was_used_and_ends_at_it(
            times in 0..1_000_i64, amount in 0..1_000_000_000_000_i64, quantity in 0..1_000_000_i64,
            steps in prop::collection::vec(0..1_000_000_i64, 1..6),
        ) {
            let all = used(times, amount, quantity);
            let of: i64 = steps.iter().sum::<i64>().max(1);
            let (mut gone, mut before) = (0, Used::default());
            for step in &steps {
                gone += step;
                let back = all.part(Money::new(gone), Money::new(of)).unwrap();
                let now = back.checked_sub(before).unwrap();
                prop_assert!(now.times >= 0 && !now.amount.is_negative() && !now.quantity.is_negative());
                before = back;
            }
            prop_assert!(gone == 0 || before == all);
        }
    }
}
