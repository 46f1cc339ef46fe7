//! Debts: which are paid first, and how old they are.

use crate::{Money, Overflow};
use chrono::NaiveDate;

/// Something not yet paid in full. `I` is the id of the invoice or ledger entry.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct OpenItem<I> {
    /// What is owed.
    pub id: I,
    /// When it is due.
    pub due: NaiveDate,
    /// How much of it is still open.
    pub open: Money,
}

/// How an amount is spread over debts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Allocation<I> {
    /// What each debt gets, oldest due first; each more than nothing.
    pub parts: Vec<(I, Money)>,
    /// What is left over and stays as credit.
    pub unallocated: Money,
}

/// The amount to allocate is nothing, or less.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum AllocationError {
    /// Nothing to allocate.
    #[error("the amount must be more than 0, not {0}")]
    NotPositive(Money),
    /// A sum left the range of 64 bits.
    #[error(transparent)]
    Overflow(#[from] Overflow),
}

/// Pays the oldest due first; of equal dates, the lower id. Items with nothing open are passed over.
pub fn allocate<I: Copy + Ord>(
    amount: Money,
    items: &[OpenItem<I>],
) -> Result<Allocation<I>, AllocationError> {
    allocate_first_to(amount, items, |_| false)
}

/// Like [`allocate`], but those that are `preferred` before all others.
pub fn allocate_first_to<I: Copy + Ord>(
    amount: Money,
    items: &[OpenItem<I>],
    preferred: impl Fn(I) -> bool,
) -> Result<Allocation<I>, AllocationError> {
    if !amount.is_positive() {
        return Err(AllocationError::NotPositive(amount));
    }
    let mut items: Vec<&OpenItem<I>> = items.iter().filter(|item| item.open.is_positive()).collect();
    items.sort_by_key(|item| (!preferred(item.id), item.due, item.id));
    let mut parts = Vec::new();
    let mut left = amount;
    for item in items {
        if left.is_zero() {
            break;
        }
        let part = left.min(item.open);
        parts.push((item.id, part));
        left = left.checked_sub(part)?;
    }
    Ok(Allocation { parts, unallocated: left })
}

text_enum! {
    /// How long a debt has been overdue.
    pub enum AgeingBucket as "ageing bucket" {
        /// Due today or later.
        NotDue = "not_due",
        /// 1 to 7 days.
        Days1To7 = "1_7",
        /// 8 to 30 days.
        Days8To30 = "8_30",
        /// 31 to 60 days.
        Days31To60 = "31_60",
        /// 61 to 90 days.
        Days61To90 = "61_90",
        /// More than 90 days.
        Over90Days = "over_90",
    }
}

impl AgeingBucket {
    /// The bucket of a debt due on a day, as seen on another.
    pub fn of(due: NaiveDate, as_of: NaiveDate) -> Self {
        match as_of.signed_duration_since(due).num_days() {
            ..=0 => Self::NotDue,
            1..=7 => Self::Days1To7,
            8..=30 => Self::Days8To30,
            31..=60 => Self::Days31To60,
            61..=90 => Self::Days61To90,
            91.. => Self::Over90Days,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use chrono::Days;
    use proptest::prelude::*;

    fn day(day: u64) -> NaiveDate {
        NaiveDate::from_ymd_opt(2026, 8, 1).unwrap() + Days::new(day)
    }

    fn item(id: u32, due: u64, open: i64) -> OpenItem<u32> {
        OpenItem { id, due: day(due), open: Money::new(open) }
    }

    #[test]
    fn the_oldest_due_is_paid_first() {
        let items = [item(1, 20, 500), item(3, 10, 300), item(2, 10, 200), item(4, 5, 0)];
        let allocation = allocate(Money::new(600), &items).unwrap();
        assert_eq!(allocation.parts, [(2, Money::new(200)), (3, Money::new(300)), (1, Money::new(100))]);
        assert_eq!(allocation.unallocated, Money::ZERO);
    }

    #[test]
    fn a_preferred_debt_is_paid_before_older_ones() {
        let items = [item(1, 20, 500), item(2, 5, 200), item(3, 10, 300)];
        let allocation = allocate_first_to(Money::new(800), &items, |id| id == 1).unwrap();
        assert_eq!(allocation.parts, [(1, Money::new(500)), (2, Money::new(200)), (3, Money::new(100))]);
    }

    #[test]
    fn what_is_left_over_stays_as_credit() {
        let allocation = allocate(Money::new(600), &[item(1, 0, 500)]).unwrap();
        assert_eq!(
            allocation,
            Allocation { parts: vec![(1, Money::new(500))], unallocated: Money::new(100) }
        );
    }

    #[test]
    fn there_must_be_something_to_allocate() {
        for amount in [0, -1] {
            let amount = Money::new(amount);
            assert_eq!(allocate(amount, &[item(1, 0, 5)]), Err(AllocationError::NotPositive(amount)));
        }
    }

    #[test]
    fn buckets_change_on_these_days() {
        use AgeingBucket as B;
        let changes = [
            (0, B::NotDue),
            (1, B::Days1To7),
            (7, B::Days1To7),
            (8, B::Days8To30),
            (30, B::Days8To30),
            (31, B::Days31To60),
            (60, B::Days31To60),
            (61, B::Days61To90),
            (90, B::Days61To90),
            (91, B::Over90Days),
        ];
        for (days, bucket) in changes {
            assert_eq!(B::of(day(0), day(days)), bucket, "{days} days");
        }
        assert_eq!(B::of(day(1), day(0)), B::NotDue);
    }

    proptest! {
        #[test]
        fn an_allocation_adds_up_and_never_overpays(
            amount in 1_i64..10_000, debts in prop::collection::vec((0_u64..60, 0_i64..2_000), 0..10),
        ) {
            let items: Vec<_> = debts.iter().zip(0..).map(|((due, open), id)| item(id, *due, *open)).collect();
            let allocation = allocate(Money::new(amount), &items).unwrap();
            let paid = Money::sum(allocation.parts.iter().map(|(_, part)| *part)).unwrap();
            prop_assert_eq!(paid.checked_add(allocation.unallocated), Ok(Money::new(amount)));
            for (id, part) in &allocation.parts {
                let open = items.iter().find(|item| item.id == *id).unwrap().open;
                prop_assert!(part.is_positive() && *part <= open);
            }
            let owed: i64 = debts.iter().map(|(_, open)| open).sum();
            prop_assert_eq!(paid.dong(), amount.min(owed));
        }
    }
}
