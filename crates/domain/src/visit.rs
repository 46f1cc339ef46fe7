//! Visits: their outcome, what must be done before leaving, and whether they went as they should.

use serde::{Deserialize, Serialize};

text_enum! {
    /// How a visit ended.
    pub enum VisitResult as "visit result" {
        /// The outlet ordered.
        HasOrder = "HasOrder",
        /// It did not.
        NoOrder = "NoOrder",
        /// It was closed.
        Closed = "Closed",
        /// The owner was away.
        OwnerAway = "OwnerAway",
    }
}

text_enum! {
    /// Whether the visit was planned for that day.
    pub enum VisitType as "visit type" {
        /// The outlet is in the day's plan.
        InRoute = "InRoute",
        /// It is not.
        OffRoute = "OffRoute",
    }
}

/// What the company wants of a visit.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct VisitPolicy {
    /// The fewest photos, of whatever album.
    pub min_photos: u32,
    /// Whether a closed outlet needs a photo of its closed door.
    pub closed_door_photo: bool,
    /// The shortest visit that counts as compliant, in seconds.
    pub min_duration_seconds: i64,
}

/// One photo, of the closed door where it is closed; three minutes.
impl Default for VisitPolicy {
    fn default() -> Self {
        Self { min_photos: 1, closed_door_photo: true, min_duration_seconds: 180 }
    }
}

/// What was done in a visit.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct VisitFacts {
    /// How it ended.
    pub result: VisitResult,
    /// Photos of all albums.
    pub photos: u32,
    /// Photos of the closed door among them.
    pub closed_door_photos: u32,
    /// Whether check-in was within the radius.
    pub in_range: bool,
    /// From check-in to check-out, in seconds.
    pub duration_seconds: i64,
}

/// What stands in the way of checking out.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, thiserror::Error)]
#[serde(tag = "kind", rename_all = "camelCase")]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub enum CheckOutProblem {
    /// Too few photos.
    #[error("take {missing} more photo(s) before leaving")]
    Photos {
        /// How many are missing.
        missing: u32,
    },
    /// No photo of the closed door.
    #[error("take a photo of the closed door before leaving")]
    ClosedDoorPhoto,
}

/// What stands in the way of checking out, with everything named at once; empty when nothing does.
pub fn check_out_problems(policy: &VisitPolicy, facts: &VisitFacts) -> Vec<CheckOutProblem> {
    let mut problems = Vec::new();
    match policy.min_photos.checked_sub(facts.photos) {
        None | Some(0) => {}
        Some(missing) => problems.push(CheckOutProblem::Photos { missing }),
    }
    if facts.result == VisitResult::Closed && policy.closed_door_photo && facts.closed_door_photos == 0 {
        problems.push(CheckOutProblem::ClosedDoorPhoto);
    }
    problems
}

/// Whether the visit went as it should (đúng quy trình): in range, all that is required done, and not too short.
pub fn is_compliant(policy: &VisitPolicy, facts: &VisitFacts) -> bool {
    facts.in_range
        && facts.duration_seconds >= policy.min_duration_seconds
        && check_out_problems(policy, facts).is_empty()
}

#[cfg(test)]
mod tests {
    use super::*;

    const GOOD: VisitFacts = VisitFacts {
        result: VisitResult::NoOrder,
        photos: 1,
        closed_door_photos: 0,
        in_range: true,
        duration_seconds: 180,
    };

    fn problems(facts: VisitFacts) -> Vec<CheckOutProblem> {
        check_out_problems(&VisitPolicy::default(), &facts)
    }

    fn compliant(facts: VisitFacts) -> bool {
        is_compliant(&VisitPolicy::default(), &facts)
    }

    #[test]
    fn a_visit_needs_a_photo() {
        assert_eq!(problems(GOOD), []);
        assert_eq!(problems(VisitFacts { photos: 0, ..GOOD }), [CheckOutProblem::Photos { missing: 1 }]);
        let none = VisitPolicy { min_photos: 0, ..VisitPolicy::default() };
        assert_eq!(check_out_problems(&none, &VisitFacts { photos: 0, ..GOOD }), []);
    }

    #[test]
    fn a_closed_outlet_needs_a_photo_of_its_door() {
        let closed = VisitFacts { result: VisitResult::Closed, ..GOOD };
        assert_eq!(problems(closed), [CheckOutProblem::ClosedDoorPhoto]);
        assert_eq!(problems(VisitFacts { closed_door_photos: 1, ..closed }), []);
    }

    #[test]
    fn compliant_is_in_range_complete_and_long_enough() {
        assert!(compliant(GOOD));
        assert!(!compliant(VisitFacts { in_range: false, ..GOOD }));
        assert!(!compliant(VisitFacts { duration_seconds: 179, ..GOOD }));
        assert!(!compliant(VisitFacts { photos: 0, ..GOOD }));
    }
}
