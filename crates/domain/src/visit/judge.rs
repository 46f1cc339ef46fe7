use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use super::policy::{Severity, Step, VisitPolicy};
use super::{OutletState, VisitResult};
use crate::search_key;

/// What is known when a rep arrives.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Arrival {
    /// Metres to the outlet; none when its place isn't known.
    pub distance_metres: Option<u32>,
    /// Metres by which the position may be wrong.
    pub accuracy_metres: Option<f64>,
    /// Whether the outlet is in the day's plan.
    pub in_route: bool,
}

/// Photos of a display program in a visit.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DisplayDue {
    /// The program's code.
    pub program: String,
    /// How many it wants.
    pub required: u32,
    /// How many there are.
    pub taken: u32,
}

/// What was done in a visit.
#[derive(Debug, Clone, PartialEq)]
pub struct VisitFacts {
    /// How it began.
    pub arrival: Arrival,
    /// How it ended.
    pub result: VisitResult,
    /// From check-in to check-out, in seconds.
    pub duration_seconds: i64,
    /// How the outlet was found, if the rep said so.
    pub outlet_state: Option<OutletState>,
    /// Whether the shelf was counted.
    pub shelf_counted: bool,
    /// Photos by the [`search_key`] of their album.
    pub photos: BTreeMap<String, u32>,
    /// Codes of the surveys that were filled in.
    pub surveys: BTreeSet<String>,
    /// The display programs that run at the outlet.
    pub displays: Vec<DisplayDue>,
    /// Whether this visit gave the outlet its place: then a photo must show that somebody was there.
    pub placed_outlet: bool,
}

impl VisitFacts {
    /// A visit in which nothing was done but to come and go.
    pub fn bare(arrival: Arrival, result: VisitResult, duration_seconds: i64) -> Self {
        Self {
            arrival,
            result,
            duration_seconds,
            outlet_state: None,
            shelf_counted: false,
            photos: BTreeMap::new(),
            surveys: BTreeSet::new(),
            displays: Vec::new(),
            placed_outlet: false,
        }
    }

    fn taken(&self, album: Option<&str>) -> u32 {
        match album {
            Some(album) => self.photos.get(&search_key(album)).copied().unwrap_or(0),
            None => self.photos.values().fold(0, |all, n| all.saturating_add(*n)),
        }
    }
}

/// A rule that a visit doesn't keep.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, thiserror::Error)]
#[serde(tag = "kind", rename_all = "camelCase", rename_all_fields = "camelCase")]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub enum Problem {
    /// The rep was too far from the outlet.
    #[error("{distance_metres} m from the outlet, {radius_metres} m are allowed")]
    OutOfRange {
        /// How far.
        distance_metres: u32,
        /// How far is allowed.
        radius_metres: u32,
    },
    /// The position isn't known well enough.
    #[error("the position may be wrong by {accuracy_metres} m, {limit_metres} m are allowed")]
    PoorAccuracy {
        /// By how much it may be wrong.
        accuracy_metres: u32,
        /// How much is allowed.
        limit_metres: u32,
    },
    /// The outlet is not in the day's plan.
    #[error("the outlet is not in the day's plan")]
    OffRoute,
    /// The visit was too short.
    #[error("the visit took {seconds} s, at least {minimum_seconds} s are wanted")]
    TooShort {
        /// How long it took.
        seconds: i64,
        /// How long is wanted.
        minimum_seconds: i64,
    },
    /// The rep didn't say whether the outlet was open.
    #[error("say whether the outlet is open")]
    OutletState,
    /// The shelf wasn't counted.
    #[error("count the shelf")]
    ShelfStock,
    /// Too few photos.
    #[error("take {missing} more photo(s)")]
    Photos {
        /// Of this album; any when absent.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        album: Option<String>,
        /// How many are missing.
        missing: u32,
    },
    /// A survey wasn't filled in.
    #[error("fill in the survey {code}")]
    Survey {
        /// Its code.
        code: String,
    },
    /// Too few photos of a display program.
    #[error("take {missing} more photo(s) of the display {program}")]
    DisplayPhotos {
        /// The program's code.
        program: String,
        /// How many are missing.
        missing: u32,
    },
}

/// What a policy says of a visit.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Verdict {
    /// What stands in the way.
    pub blockers: Vec<Problem>,
    /// What the rep is told.
    pub warnings: Vec<Problem>,
    /// Why the visit isn't compliant, told or not.
    pub reasons: Vec<Problem>,
}

impl Verdict {
    /// Whether the visit went as it should (đúng quy trình): in range, all that is wanted done, and not too short.
    pub fn compliant(&self) -> bool {
        self.reasons.is_empty()
    }

    /// The same once the rep is known to have been in range after all.
    #[must_use]
    pub fn in_range_after_all(mut self) -> Self {
        for part in [&mut self.blockers, &mut self.warnings, &mut self.reasons] {
            part.retain(|problem| !matches!(problem, Problem::OutOfRange { .. }));
        }
        self
    }

    fn tell(&mut self, severity: Severity, problem: Problem) {
        match severity {
            Severity::Block => self.blockers.push(problem),
            Severity::Warn => self.warnings.push(problem),
            Severity::Allow => {}
        }
    }

    fn note(&mut self, severity: Severity, problem: Problem) {
        self.reasons.push(problem.clone());
        self.tell(severity, problem);
    }
}

impl VisitPolicy {
    /// Whether a distance is within the radius.
    pub fn in_range(&self, distance_metres: u32, accuracy_metres: Option<f64>) -> bool {
        let slack = match accuracy_metres {
            // What isn't a number of metres gives nothing.
            Some(metres) if self.allow_for_accuracy => metres.max(0.0) as u32,
            _ => 0,
        };
        distance_metres.saturating_sub(slack) <= self.radius_metres
    }

    /// What there is to say when a rep arrives; blockers forbid the visit.
    pub fn arrive(&self, arrival: &Arrival) -> Verdict {
        let mut verdict = Verdict::default();
        if let Some(distance_metres) = arrival.distance_metres
            && !self.in_range(distance_metres, arrival.accuracy_metres)
        {
            let problem = Problem::OutOfRange { distance_metres, radius_metres: self.radius_metres };
            verdict.note(self.out_of_range, problem);
        }
        if let Some(problem) = self.poor_accuracy(arrival.accuracy_metres) {
            verdict.note(self.poor_accuracy, problem);
        }
        if !arrival.in_route {
            verdict.tell(self.off_route, Problem::OffRoute);
        }
        verdict
    }

    /// Whether a position is too inexact to say anything of an outlet.
    pub fn poor_accuracy(&self, accuracy_metres: Option<f64>) -> Option<Problem> {
        let metres = accuracy_metres?;
        let limit_metres = self.accuracy_limit_metres;
        (limit_metres > 0 && metres > f64::from(limit_metres))
            .then(|| Problem::PoorAccuracy { accuracy_metres: metres.ceil() as u32, limit_metres })
    }

    /// What there is to say when the rep leaves, with everything named at once; blockers forbid the check-out. What was
    /// told at arrival isn't told again but counts.
    pub fn leave(&self, facts: &VisitFacts) -> Verdict {
        let mut verdict = Verdict { reasons: self.arrive(&facts.arrival).reasons, ..Verdict::default() };
        let minimum_seconds = i64::from(self.min_minutes) * 60;
        if facts.duration_seconds < minimum_seconds {
            let problem = Problem::TooShort { seconds: facts.duration_seconds, minimum_seconds };
            verdict.note(self.too_short, problem);
        }
        for rule in self.steps.iter().filter(|rule| rule.applies_to(facts.result)) {
            missing(&rule.step, facts, |problem| verdict.note(rule.severity, problem));
        }
        let asked = |problem: &Problem| matches!(problem, Problem::Photos { .. });
        if facts.placed_outlet && facts.taken(None) == 0 && !verdict.blockers.iter().any(asked) {
            verdict.note(Severity::Block, Problem::Photos { album: None, missing: 1 });
        }
        verdict
    }
}

fn missing(step: &Step, facts: &VisitFacts, mut found: impl FnMut(Problem)) {
    match step {
        Step::OutletState if facts.outlet_state.is_none() => found(Problem::OutletState),
        Step::ShelfStock if !facts.shelf_counted => found(Problem::ShelfStock),
        Step::Photos { album, min } => {
            let missing = min.saturating_sub(facts.taken(album.as_deref()));
            if missing > 0 {
                found(Problem::Photos { album: album.clone(), missing });
            }
        }
        Step::Survey { code } if !facts.surveys.contains(code) => {
            found(Problem::Survey { code: code.clone() })
        }
        Step::DisplayPhotos => {
            for due in &facts.displays {
                let missing = due.required.saturating_sub(due.taken);
                if missing > 0 {
                    found(Problem::DisplayPhotos { program: due.program.clone(), missing });
                }
            }
        }
        Step::OutletState | Step::ShelfStock | Step::Survey { .. } => {}
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::visit::{PolicyChange, StepRule};

    const NEAR: Arrival = Arrival { distance_metres: Some(20), accuracy_metres: Some(8.0), in_route: true };

    fn good() -> VisitFacts {
        VisitFacts {
            photos: BTreeMap::from([("mat tien".to_owned(), 1)]),
            ..VisitFacts::bare(NEAR, VisitResult::NoOrder, 180)
        }
    }

    fn leave(facts: &VisitFacts) -> Verdict {
        VisitPolicy::default().leave(facts)
    }

    #[test]
    fn a_visit_needs_a_photo() {
        assert_eq!(leave(&good()), Verdict::default());
        let none = VisitFacts { photos: BTreeMap::new(), ..good() };
        assert_eq!(leave(&none).blockers, [Problem::Photos { album: None, missing: 1 }]);
        let relaxed = PolicyChange { steps: Some(Vec::new()), ..Default::default() };
        assert_eq!(VisitPolicy::resolve([&relaxed]).leave(&none), Verdict::default());
    }

    #[test]
    fn a_closed_outlet_needs_a_photo_of_its_door_however_the_album_is_spelt() {
        let closed = VisitFacts { result: VisitResult::Closed, ..good() };
        let door = Problem::Photos { album: Some("Đóng cửa".into()), missing: 1 };
        assert_eq!(leave(&closed).blockers, [door]);
        for album in ["Đóng cửa", "ĐÓNG CỬA ", "dong cua", "Đo\u{301}ng cu\u{31b}\u{309}a"] {
            let photos = BTreeMap::from([(search_key(album), 1)]);
            assert_eq!(leave(&VisitFacts { photos, ..closed.clone() }), Verdict::default(), "{album}");
        }
    }

    #[test]
    fn compliant_is_in_range_complete_and_long_enough() {
        assert!(leave(&good()).compliant());
        let far = Arrival { distance_metres: Some(101), ..NEAR };
        let far = leave(&VisitFacts { arrival: far, ..good() });
        assert_eq!(far.reasons, [Problem::OutOfRange { distance_metres: 101, radius_metres: 100 }]);
        assert!(far.warnings.is_empty(), "it was told at arrival");
        assert!(far.in_range_after_all().compliant());
        let short = leave(&VisitFacts { duration_seconds: 179, ..good() });
        assert_eq!(short.warnings, [Problem::TooShort { seconds: 179, minimum_seconds: 180 }]);
        assert!(!short.compliant() && short.blockers.is_empty());
        assert!(!leave(&VisitFacts { photos: BTreeMap::new(), ..good() }).compliant());
        let unknown = Arrival { distance_metres: None, ..NEAR };
        assert!(leave(&VisitFacts { arrival: unknown, ..good() }).compliant());
        let unplanned = Arrival { in_route: false, ..NEAR };
        assert!(leave(&VisitFacts { arrival: unplanned, ..good() }).compliant());
    }

    #[test]
    fn a_rule_that_warns_or_allows_lets_the_rep_go_but_counts() {
        let rule =
            |step, severity| StepRule { step, results: BTreeSet::from([VisitResult::HasOrder]), severity };
        let policy = VisitPolicy {
            steps: vec![
                rule(Step::ShelfStock, Severity::Warn),
                rule(Step::OutletState, Severity::Allow),
                rule(Step::Survey { code: "KS1".into() }, Severity::Block),
                rule(Step::DisplayPhotos, Severity::Block),
            ],
            ..VisitPolicy::default()
        };
        let ordered = VisitFacts {
            result: VisitResult::HasOrder,
            displays: vec![DisplayDue { program: "TB1".into(), required: 3, taken: 1 }],
            ..good()
        };
        let verdict = policy.leave(&ordered);
        let display = Problem::DisplayPhotos { program: "TB1".into(), missing: 2 };
        assert_eq!(verdict.blockers, [Problem::Survey { code: "KS1".into() }, display]);
        assert_eq!(verdict.warnings, [Problem::ShelfStock]);
        assert_eq!(verdict.reasons.len(), 4);
        assert_eq!(policy.leave(&good()), Verdict::default(), "other results need none of it");
    }

    #[test]
    fn the_visit_that_places_an_outlet_needs_a_photo_whatever_the_policy() {
        let relaxed = VisitPolicy { steps: Vec::new(), ..VisitPolicy::default() };
        let placed = VisitFacts { placed_outlet: true, photos: BTreeMap::new(), ..good() };
        assert_eq!(relaxed.leave(&placed).blockers, [Problem::Photos { album: None, missing: 1 }]);
        assert_eq!(leave(&placed).blockers.len(), 1);
        assert_eq!(relaxed.leave(&VisitFacts { placed_outlet: true, ..good() }), Verdict::default());
    }

    #[test]
    fn what_a_position_may_be_wrong_by_can_be_taken_off() {
        let strict =
            VisitPolicy { accuracy_limit_metres: 50, off_route: Severity::Block, ..VisitPolicy::default() };
        let arrival = Arrival { distance_metres: Some(130), accuracy_metres: Some(60.2), in_route: false };
        let verdict = strict.arrive(&arrival);
        assert_eq!(verdict.blockers, [Problem::OffRoute]);
        let poor = Problem::PoorAccuracy { accuracy_metres: 61, limit_metres: 50 };
        assert_eq!(
            verdict.warnings,
            [Problem::OutOfRange { distance_metres: 130, radius_metres: 100 }, poor.clone()]
        );
        let kind = VisitPolicy { allow_for_accuracy: true, ..strict };
        assert_eq!(kind.arrive(&arrival).warnings, [poor]);
    }

    fn severity() -> impl Strategy<Value = Severity> {
        prop::sample::select(Severity::ALL)
    }

    fn result() -> impl Strategy<Value = VisitResult> {
        prop::sample::select(VisitResult::ALL)
    }

    prop_compose! {
        fn step()(kind in 0..5, min in 1..4u32, album in prop::option::of("[ab]"), code in "[ab]") -> Step {
            match kind {
                0 => Step::OutletState,
                1 => Step::ShelfStock,
                2 => Step::Photos { album, min },
                3 => Step::Survey { code },
                _ => Step::DisplayPhotos,
            }
        }
    }

    prop_compose! {
        fn policy()(
            steps in prop::collection::vec((step(), prop::collection::btree_set(result(), 0..3), severity()), 0..5),
            radius_metres in 10..300u32, limit in 0..80u32, min_minutes in 0..6u32, allow_for_accuracy: bool,
            severities in (severity(), severity(), severity(), severity()),
        ) -> VisitPolicy {
            VisitPolicy {
                radius_metres, allow_for_accuracy, out_of_range: severities.0, accuracy_limit_metres: limit,
                poor_accuracy: severities.1, off_route: severities.2, min_minutes, too_short: severities.3,
                steps: steps.into_iter().map(|(step, results, severity)| StepRule { step, results, severity }).collect(),
            }
        }
    }

    prop_compose! {
        fn facts()(
            distance_metres in prop::option::of(0..400u32), accuracy_metres in prop::option::of(0.0..100.0), in_route: bool,
            result in result(), duration_seconds in 0..600i64, counted: bool, stated: bool, placed_outlet: bool,
            photos in prop::collection::btree_map("[ab]", 1..4u32, 0..3), surveys in prop::collection::btree_set("[ab]", 0..2),
            display in prop::option::of((1..4u32, 0..4u32)),
        ) -> VisitFacts {
            VisitFacts {
                arrival: Arrival { distance_metres, accuracy_metres, in_route },
                outlet_state: stated.then_some(OutletState::Open), shelf_counted: counted, photos, surveys, placed_outlet,
                displays: display.map(|(required, taken)| DisplayDue { program: "TB".into(), required, taken }).into_iter().collect(),
                ..VisitFacts::bare(NEAR, result, duration_seconds)
            }
        }
    }

    proptest! {
        #[test]
        fn what_blocks_or_is_told_on_leaving_is_also_why_it_is_not_compliant(policy in policy(), facts in facts()) {
            let verdict = policy.leave(&facts);
            for problem in verdict.blockers.iter().chain(&verdict.warnings) {
                prop_assert!(verdict.reasons.contains(problem));
            }
            prop_assert_eq!(verdict.compliant(), verdict.reasons.is_empty());
        }

        #[test]
        fn doing_more_never_adds_a_problem(policy in policy(), facts in facts(), album in "[ab]", code in "[ab]") {
            let before = policy.leave(&facts);
            let mut more = facts.clone();
            *more.photos.entry(album).or_default() += 1;
            more.surveys.insert(code);
            more.shelf_counted = true;
            more.outlet_state = Some(OutletState::Open);
            more.duration_seconds += 60;
            for due in &mut more.displays { due.taken += 1; }
            let after = policy.leave(&more);
            prop_assert!(after.blockers.len() <= before.blockers.len());
            prop_assert!(after.reasons.len() <= before.reasons.len());
        }

        #[test]
        fn nothing_blocks_where_every_rule_only_warns(policy in policy(), facts in facts()) {
            let mut mild = policy;
            mild.out_of_range = Severity::Warn;
            mild.poor_accuracy = Severity::Warn;
            mild.off_route = Severity::Warn;
            mild.too_short = Severity::Warn;
            for rule in &mut mild.steps { rule.severity = Severity::Warn; }
            let facts = VisitFacts { placed_outlet: false, ..facts };
            prop_assert!(mild.arrive(&facts.arrival).blockers.is_empty());
            prop_assert!(mild.leave(&facts).blockers.is_empty());
        }

        #[test]
        fn how_severe_a_rule_is_does_not_change_compliance(policy in policy(), facts in facts(), severity in severity()) {
            let reasons = policy.leave(&facts).reasons;
            let mut other = policy;
            other.out_of_range = severity;
            other.too_short = severity;
            for rule in &mut other.steps { rule.severity = severity; }
            let facts = VisitFacts { placed_outlet: false, ..facts };
            let again = other.leave(&facts).reasons;
            prop_assert!(again.iter().all(|problem| reasons.contains(problem)));
        }
    }
}
