//! The tiers of a promotion: what must be reached, and what it gives.

use serde::{Deserialize, Serialize};

/// One tier.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Tier<R> {
    /// The least that must be bought: pieces, cases or đồng, as the promotion says; at least 1.
    pub at_least: i64,
    /// What it gives.
    pub reward: R,
}

/// At least one tier, each higher than the one before.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "Vec<Tier<R>>", into = "Vec<Tier<R>>", bound(serialize = "R: Clone + Serialize"))]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Tiers<R>(Vec<Tier<R>>);

/// Tiers that can't be climbed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum InvalidTiers {
    /// None at all.
    #[error("a promotion needs at least one tier")]
    None,
    /// A threshold below 1, or not above the one before.
    #[error("tier {0} must ask for at least 1 and for more than the tier before it")]
    NotAscending(usize),
}

impl<R> TryFrom<Vec<Tier<R>>> for Tiers<R> {
    type Error = InvalidTiers;

    fn try_from(tiers: Vec<Tier<R>>) -> Result<Self, Self::Error> {
        if tiers.is_empty() {
            return Err(InvalidTiers::None);
        }
        let mut before = 0;
        for (index, tier) in tiers.iter().enumerate() {
            if tier.at_least <= before {
                return Err(InvalidTiers::NotAscending(index + 1));
            }
            before = tier.at_least;
        }
        Ok(Self(tiers))
    }
}

impl<R> From<Tiers<R>> for Vec<Tier<R>> {
    fn from(tiers: Tiers<R>) -> Self {
        tiers.0
    }
}

impl<R> Tiers<R> {
    /// The tiers, from the lowest.
    pub fn iter(&self) -> std::slice::Iter<'_, Tier<R>> {
        self.0.iter()
    }

    /// The tiers, from the lowest.
    pub fn as_slice(&self) -> &[Tier<R>] {
        &self.0
    }
}

/// Whether a reward is given again for each multiple of its tier.
pub(super) trait Repeats {
    fn repeats(&self) -> bool;
}

/// A tier that was reached, and how often.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Reached<'a, R> {
    /// 1 is the lowest.
    pub tier: u32,
    pub reward: &'a R,
    pub times: i64,
}

/// A tier that was narrowly missed, and by how much.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Missed<'a, R> {
    /// 1 is the lowest.
    pub tier: u32,
    pub reward: &'a R,
    pub by: i64,
}

/// What a climb has led to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Climb<'a, R> {
    pub reached: Vec<Reached<'a, R>>,
    pub missed: Option<Missed<'a, R>>,
    /// Whether a higher tier was measured up to than the highest that is reached: one whose reward can't be given.
    pub passed_by: bool,
}

impl<'a, R> Climb<'a, R> {
    /// A miss is narrow when at least half of the step is done; of several the narrowest is told.
    fn miss(&mut self, by: i64, step: i64, tier: u32, reward: &'a R) {
        let narrowest = self.missed.as_ref().is_none_or(|missed| by < missed.by);
        if by <= step / 2 && narrowest {
            self.missed = Some(Missed { tier, reward, by });
        }
    }
}

/// What `measured` reaches, and what it narrowly misses. `unit` is what one step of a threshold measures: the
/// pieces of a case where thresholds count cases, else 1.
///
/// The highest tier reached counts. If it repeats, what is left over goes on to the lower tiers that repeat: with
/// 12 → 1 and 60 → 6, a quantity of 72 gives 6 + 1.
pub(super) fn climb<R: Repeats>(tiers: &[Tier<R>], measured: i64, unit: i64) -> Climb<'_, R> {
    climb_given(tiers, measured, unit, |_| true)
}

/// The same as if those tiers did not exist whose reward can't be given: they take nothing from the ones below.
pub(super) fn climb_given<R: Repeats>(
    tiers: &[Tier<R>],
    measured: i64,
    unit: i64,
    can_give: impl Fn(&R) -> bool,
) -> Climb<'_, R> {
    let step = |index: usize| -> Option<(i64, u32, &R)> {
        let tier = tiers.get(index).filter(|tier| can_give(&tier.reward))?;
        // A threshold too large to count in pieces can't be reached.
        Some((tier.at_least.checked_mul(unit)?, u32::try_from(index + 1).ok()?, &tier.reward))
    };
    let below =
        tiers.partition_point(|tier| tier.at_least.checked_mul(unit).is_some_and(|at| at <= measured));
    let highest = (0..below).rev().find_map(step);
    let passed_by = highest.map_or(0, |(_, tier, _)| tier) != u32::try_from(below).unwrap_or(u32::MAX);
    let mut climb = Climb { reached: Vec::new(), missed: None, passed_by };
    if let Some((at, tier, reward)) = (below..tiers.len()).find_map(step) {
        let floor = highest.map_or(0, |(at, ..)| at);
        climb.miss(at - measured, at - floor, tier, reward);
    }
    match highest {
        None => {}
        Some((_, tier, reward)) if !reward.repeats() => {
            climb.reached.push(Reached { tier, reward, times: 1 });
        }
        Some(_) => {
            let mut left = measured;
            let repeating = (0..below).rev().filter_map(step).filter(|(.., reward)| reward.repeats());
            for (at, tier, reward) in repeating {
                if left >= at {
                    climb.reached.push(Reached { tier, reward, times: left / at });
                    left %= at;
                }
                climb.miss(at - left, at, tier, reward);
            }
        }
    }
    climb
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// A reward that is only a name.
    #[derive(Debug, Clone, Copy, PartialEq, Eq)]
    enum Reward {
        Once,
        PerMultiple,
    }

    impl Repeats for Reward {
        fn repeats(&self) -> bool {
            *self == Self::PerMultiple
        }
    }

    fn tiers(tiers: &[(i64, Reward)]) -> Tiers<Reward> {
        let tiers: Vec<_> =
            tiers.iter().map(|(at_least, reward)| Tier { at_least: *at_least, reward: *reward }).collect();
        tiers.try_into().unwrap()
    }

    type Outcome = (Vec<(u32, i64)>, Option<(u32, i64)>);

    /// Tiers reached with how often, and the tier missed with by how much.
    fn outcome(tiers: &Tiers<Reward>, measured: i64) -> Outcome {
        let climb = climb(tiers.as_slice(), measured, 1);
        let reached = climb.reached.iter().map(|reached| (reached.tier, reached.times)).collect();
        (reached, climb.missed.map(|missed| (missed.tier, missed.by)))
    }

    #[test]
    fn the_highest_tier_reached_counts_once() {
        let tiers = tiers(&[(10, Reward::Once), (20, Reward::Once)]);
        assert_eq!(outcome(&tiers, 4), (vec![], None));
        assert_eq!(outcome(&tiers, 5), (vec![], Some((1, 5))));
        assert_eq!(outcome(&tiers, 10), (vec![(1, 1)], None));
        assert_eq!(outcome(&tiers, 15), (vec![(1, 1)], Some((2, 5))));
        assert_eq!(outcome(&tiers, 99), (vec![(2, 1)], None));
    }

    #[test]
    fn a_repeating_tier_counts_for_each_multiple() {
        let tiers = tiers(&[(12, Reward::PerMultiple)]);
        assert_eq!(outcome(&tiers, 11), (vec![], Some((1, 1))));
        assert_eq!(outcome(&tiers, 12), (vec![(1, 1)], None));
        assert_eq!(outcome(&tiers, 23), (vec![(1, 1)], Some((1, 1))));
        assert_eq!(outcome(&tiers, 24), (vec![(1, 2)], None));
    }

    #[test]
    fn what_a_repeating_tier_leaves_over_goes_on_to_lower_ones() {
        let tiers = tiers(&[(5, Reward::Once), (12, Reward::PerMultiple), (60, Reward::PerMultiple)]);
        assert_eq!(outcome(&tiers, 5), (vec![(1, 1)], None));
        assert_eq!(outcome(&tiers, 12), (vec![(2, 1)], None));
        assert_eq!(outcome(&tiers, 72), (vec![(3, 1), (2, 1)], None));
        assert_eq!(outcome(&tiers, 119), (vec![(3, 1), (2, 4)], Some((3, 1))));
    }

    #[test]
    fn thresholds_may_count_cases() {
        let tiers = tiers(&[(2, Reward::PerMultiple)]);
        assert_eq!(climb(tiers.as_slice(), 48, 24).reached.len(), 1);
        assert_eq!(climb(tiers.as_slice(), 47, 24).missed.map(|missed| missed.by), Some(1));
        assert_eq!(
            climb(tiers.as_slice(), 47, i64::MAX),
            Climb { reached: vec![], missed: None, passed_by: false }
        );
    }

    #[test]
    fn tiers_that_do_not_ascend_are_refused() {
        let tier = |at_least| Tier { at_least, reward: 0 };
        assert_eq!(Tiers::<i32>::try_from(vec![]), Err(InvalidTiers::None));
        assert_eq!(Tiers::try_from(vec![tier(0)]), Err(InvalidTiers::NotAscending(1)));
        assert_eq!(Tiers::try_from(vec![tier(5), tier(5)]), Err(InvalidTiers::NotAscending(2)));
        assert!(serde_json::from_str::<Tiers<i32>>(r#"[{"atLeast":-1,"reward":1}]"#).is_err());
    }

    proptest! {
        #[test]
        fn repeating_tiers_never_count_more_than_was_measured(
            thresholds in prop::collection::btree_set(1_i64..200, 1..5), measured in 0_i64..1_000,
        ) {
            let thresholds: Vec<_> = thresholds.into_iter().collect();
            let tiers = tiers(&thresholds.iter().map(|at| (*at, Reward::PerMultiple)).collect::<Vec<_>>());
            let climb = climb(tiers.as_slice(), measured, 1);
            let used: i64 = climb.reached.iter().map(|r| thresholds[r.tier as usize - 1] * r.times).sum();
            prop_assert!(used <= measured);
            prop_assert!(measured - used < thresholds[0]);
        }
    }
}
