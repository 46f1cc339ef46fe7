//! Scoring displays: pass or fail, by one level or by two.

use serde::{Deserialize, Serialize};

use crate::{Role, UserId};

text_enum! {
    /// Where the score of a display stands.
    pub enum DisplayStatus as "display status" {
        /// Nobody has scored it.
        Waiting = "waiting",
        /// Passed by the supervisor; the area manager is to confirm it.
        Confirming = "confirming",
        /// Passed.
        Passed = "passed",
        /// Failed.
        Failed = "failed",
    }
}

/// Who scores.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub enum Level {
    /// The supervisor.
    First,
    /// The area manager, in programs of two levels.
    Second,
}

impl Level {
    /// 1 or 2.
    pub const fn number(self) -> i16 {
        match self {
            Self::First => 1,
            Self::Second => 2,
        }
    }
}

/// A score that was given.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Given {
    /// Passed or failed.
    pub passed: bool,
    /// By whom.
    pub by: UserId,
}

/// The latest score of each level.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Scores {
    /// The supervisor's.
    pub first: Option<Given>,
    /// The area manager's.
    pub second: Option<Given>,
}

/// Why a display can't be scored.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum ScoreError {
    /// The role scores nothing.
    #[error("this role scores no displays")]
    Role,
    /// The level above has decided.
    #[error("the area manager has decided already")]
    DecidedAbove,
    /// The first level comes first.
    #[error("the supervisor scores it first")]
    FirstMissing,
    /// Nobody confirms themselves.
    #[error("somebody else gave the first score")]
    SamePerson,
}

impl Scores {
    /// Where these scores leave a display of a program with so many levels.
    pub fn status(&self, levels: u8) -> DisplayStatus {
        match (self.first, self.second) {
            (_, Some(second)) if levels >= 2 => decided(second.passed),
            (None, _) => DisplayStatus::Waiting,
            (Some(first), _) if first.passed && levels >= 2 => DisplayStatus::Confirming,
            (Some(first), _) => decided(first.passed),
        }
    }

    /// Adds a score; the same level may change its mind until the level above has decided. Gives the level.
    ///
    /// # Errors
    /// When it isn't this person's turn.
    pub fn score(&mut self, levels: u8, role: Role, given: Given) -> Result<Level, ScoreError> {
        let level = match role {
            Role::Supervisor => Level::First,
            Role::AreaManager if levels >= 2 => Level::Second,
            Role::AreaManager => Level::First,
            // Who stands in for both: the first score is theirs as long as it is the one that is missing, or was theirs.
            Role::CompanyAdmin => match self.first {
                Some(first) if levels >= 2 && first.by != given.by => Level::Second,
                _ => Level::First,
            },
            Role::SalesRep | Role::RegionalManager | Role::DistributorAdmin => return Err(ScoreError::Role),
        };
        match level {
            Level::First if levels >= 2 && self.second.is_some() => Err(ScoreError::DecidedAbove),
            Level::First => {
                self.first = Some(given);
                Ok(level)
            }
            Level::Second => match self.first {
                None => Err(ScoreError::FirstMissing),
                Some(first) if first.by == given.by => Err(ScoreError::SamePerson),
                Some(_) => {
                    self.second = Some(given);
                    Ok(level)
                }
            },
        }
    }
}

const fn decided(passed: bool) -> DisplayStatus {
    if passed { DisplayStatus::Passed } else { DisplayStatus::Failed }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const fn user(n: u128) -> UserId {
        UserId::new(uuid::Uuid::from_u128(n))
    }

    const fn pass(by: UserId) -> Given {
        Given { passed: true, by }
    }

    const fn fail(by: UserId) -> Given {
        Given { passed: false, by }
    }

    #[test]
    fn one_level_decides_and_may_change_its_mind() {
        let mut scores = Scores::default();
        assert_eq!(scores.status(1), DisplayStatus::Waiting);
        assert_eq!(scores.score(1, Role::Supervisor, pass(user(1))), Ok(Level::First));
        assert_eq!(scores.status(1), DisplayStatus::Passed);
        assert_eq!(scores.score(1, Role::AreaManager, fail(user(2))), Ok(Level::First));
        assert_eq!(scores.status(1), DisplayStatus::Failed);
    }

    #[test]
    fn two_levels_decide_one_after_the_other() {
        let mut scores = Scores::default();
        assert_eq!(scores.score(2, Role::AreaManager, pass(user(2))), Err(ScoreError::FirstMissing));
        assert_eq!(scores.score(2, Role::Supervisor, pass(user(1))), Ok(Level::First));
        assert_eq!(scores.status(2), DisplayStatus::Confirming);
        assert_eq!(scores.score(2, Role::AreaManager, fail(user(2))), Ok(Level::Second));
        assert_eq!(scores.status(2), DisplayStatus::Failed);
        assert_eq!(scores.score(2, Role::Supervisor, fail(user(1))), Err(ScoreError::DecidedAbove));
        assert_eq!(scores.score(2, Role::AreaManager, pass(user(3))), Ok(Level::Second));
        assert_eq!(scores.status(2), DisplayStatus::Passed);
    }

    #[test]
    fn what_the_supervisor_fails_has_failed_unless_the_area_manager_passes_it() {
        let mut scores = Scores { first: Some(fail(user(1))), second: None };
        assert_eq!(scores.status(2), DisplayStatus::Failed);
        assert_eq!(scores.score(2, Role::AreaManager, pass(user(1))), Err(ScoreError::SamePerson));
        assert_eq!(scores.score(2, Role::AreaManager, pass(user(2))), Ok(Level::Second));
        assert_eq!(scores.status(2), DisplayStatus::Passed);
    }

    #[test]
    fn the_company_stands_in_for_either_but_not_for_both() {
        let mut scores = Scores::default();
        assert_eq!(scores.score(2, Role::CompanyAdmin, pass(user(9))), Ok(Level::First));
        assert_eq!(scores.score(2, Role::CompanyAdmin, pass(user(9))), Ok(Level::First));
        assert_eq!(scores.status(2), DisplayStatus::Confirming);
        assert_eq!(scores.score(2, Role::CompanyAdmin, pass(user(8))), Ok(Level::Second));
        assert_eq!(scores.score(1, Role::DistributorAdmin, pass(user(8))), Err(ScoreError::Role));
    }

    proptest! {
        #[test]
        fn two_different_people_stand_behind_what_two_levels_pass(
            turns in prop::collection::vec((0..4u128, any::<bool>(), 0..3usize), 0..12),
        ) {
            let mut scores = Scores::default();
            for (by, passed, role) in turns {
                let role = [Role::Supervisor, Role::AreaManager, Role::CompanyAdmin][role];
                let before = scores;
                if scores.score(2, role, Given { passed, by: user(by) }).is_err() {
                    prop_assert_eq!(scores, before);
                }
                if scores.status(2) == DisplayStatus::Passed {
                    let (first, second) = (scores.first.unwrap(), scores.second.unwrap());
                    prop_assert!(second.passed && first.by != second.by);
                }
            }
        }
    }
}
