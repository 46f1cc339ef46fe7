//! The cash that reps carry: an append-only ledger per rep, summed per rep and day.

use chrono::{DateTime, NaiveDate, Utc};
use domain::{DistributorId, DocumentId, Money, Overflow, Role, UserId};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// What an entry of a rep's cash is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema, sqlx::Type)]
#[serde(rename_all = "snake_case")]
#[sqlx(type_name = "text", rename_all = "snake_case")]
pub enum CashKind {
    /// Taken from a customer.
    Collected,
    /// A receipt that was cancelled.
    Cancelled,
    /// Handed over at the office.
    HandedOver,
    /// What was missing (below zero) or too much (above) at a hand-over.
    Difference,
}

/// An entry to add, signed: what the rep carries grows with what is collected.
#[derive(Debug)]
pub(crate) struct Entry<'a> {
    pub distributor: DistributorId,
    pub rep: UserId,
    pub kind: CashKind,
    pub amount: Money,
    pub day: NaiveDate,
    pub document_id: DocumentId,
    pub number: &'a str,
    pub at: DateTime<Utc>,
    pub actor: UserId,
}

/// Whether cash that people of this role take is theirs to hand over; what the office takes lies in the till.
pub(crate) fn carries_cash(role: Role) -> bool {
    matches!(role, Role::SalesRep | Role::Supervisor)
}

/// How a hand-over settles what a rep carries.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Settlement {
    /// To the đồng, or a part of it: nothing is posted but the money.
    Exact,
    /// With this difference, signed as its entry: below zero was missing.
    Difference(Money),
}

/// Why a hand-over is refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Refused {
    /// Money is given back to the rep only as far as the rep handed over too much.
    NothingToGiveBack,
    /// The difference is beyond what is tolerated and nobody accepted it.
    Difference(Money),
    /// A part must be less than the whole.
    NoPart,
}

/// Settles `in_hand` with `amount`. A part leaves the rest in the rep's hands; otherwise the rest is a difference, which
/// is posted when it is within the tolerance or accepted.
pub(crate) fn settle(
    in_hand: Money,
    amount: Money,
    partial: bool,
    tolerance: Money,
    accepted: bool,
) -> Result<Result<Settlement, Refused>, Overflow> {
    if amount.is_negative() && amount < in_hand.min(Money::ZERO) {
        return Ok(Err(Refused::NothingToGiveBack));
    }
    let difference = amount.checked_sub(in_hand)?;
    if partial {
        return Ok(if difference.is_negative() && amount.is_positive() {
            Ok(Settlement::Exact)
        } else {
            Err(Refused::NoPart)
        });
    }
    let beyond = difference > tolerance || difference < tolerance.checked_neg()?;
    Ok(if difference.is_zero() {
        Ok(Settlement::Exact)
    } else if beyond && !accepted {
        Err(Refused::Difference(difference))
    } else {
        Ok(Settlement::Difference(difference))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn try_to(in_hand: i64, amount: i64, partial: bool, accepted: bool) -> Result<Settlement, Refused> {
        settle(Money::new(in_hand), Money::new(amount), partial, Money::new(500), accepted).unwrap()
    }

    #[test]
    fn a_difference_within_the_tolerance_is_posted_and_a_greater_one_asked_about() {
        let difference = |dong| Ok(Settlement::Difference(Money::new(dong)));
        assert_eq!(try_to(10_000, 10_000, false, false), Ok(Settlement::Exact));
        assert_eq!(try_to(10_000, 9_500, false, false), difference(-500));
        assert_eq!(try_to(10_000, 10_500, false, false), difference(500));
        assert_eq!(try_to(10_000, 9_499, false, false), Err(Refused::Difference(Money::new(-501))));
        assert_eq!(try_to(10_000, 10_501, false, false), Err(Refused::Difference(Money::new(501))));
        assert_eq!(try_to(10_000, 0, false, true), difference(-10_000));
    }

    #[test]
    fn a_part_leaves_the_rest_with_the_rep() {
        assert_eq!(try_to(10_000, 4_000, true, false), Ok(Settlement::Exact));
        for amount in [0, 10_000, 10_001] {
            assert_eq!(try_to(10_000, amount, true, true), Err(Refused::NoPart));
        }
    }

    #[test]
    fn a_rep_gets_back_what_was_handed_over_too_much_and_no_more() {
        assert_eq!(try_to(-3_000, -3_000, false, false), Ok(Settlement::Exact));
        assert_eq!(try_to(-3_000, -3_001, false, true), Err(Refused::NothingToGiveBack));
        assert_eq!(try_to(3_000, -1, false, true), Err(Refused::NothingToGiveBack));
    }
}
