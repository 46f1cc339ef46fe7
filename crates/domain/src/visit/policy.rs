use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use super::VisitResult;
use crate::geo::DEFAULT_RADIUS_METRES;

text_enum! {
    /// What happens when a rule of a visit isn't kept. Either way the visit isn't compliant.
    pub enum Severity as "severity" {
        /// The rep can't go on.
        Block = "block",
        /// The rep is told.
        Warn = "warn",
        /// Nothing is said.
        Allow = "allow",
    }
}

/// Something a rep does in a visit.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "camelCase", deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub enum Step {
    /// Saying whether the outlet is open.
    OutletState,
    /// Counting the shelf.
    ShelfStock,
    /// Taking photos.
    Photos {
        /// Into this album; any when absent. Case and diacritics don't matter.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        album: Option<String>,
        /// At least so many, 1 to 50.
        min: u32,
    },
    /// Filling in a survey.
    Survey {
        /// Its code.
        code: String,
    },
    /// Taking the photos of the display programs that run at the outlet.
    DisplayPhotos,
}

/// A step that is wanted of visits with some results.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct StepRule {
    /// What is to be done.
    pub step: Step,
    /// For visits that end so; empty is all.
    #[serde(default)]
    pub results: BTreeSet<VisitResult>,
    /// What happens when it wasn't.
    pub severity: Severity,
}

impl StepRule {
    /// Whether the rule looks at visits that end so.
    pub fn applies_to(&self, result: VisitResult) -> bool {
        self.results.is_empty() || self.results.contains(&result)
    }
}

/// What the company wants of a visit.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct VisitPolicy {
    /// How near to the outlet a rep must be, in metres.
    pub radius_metres: u32,
    /// Whether what a position may be wrong by is taken off the distance.
    pub allow_for_accuracy: bool,
    /// When the rep is farther away.
    pub out_of_range: Severity,
    /// By how many metres a position may be wrong; 0 is not looked at.
    pub accuracy_limit_metres: u32,
    /// When the position may be wrong by more.
    pub poor_accuracy: Severity,
    /// When the outlet is not in the day's plan. This alone leaves a visit compliant.
    pub off_route: Severity,
    /// The shortest visit, in minutes.
    pub min_minutes: u32,
    /// When it was shorter.
    pub too_short: Severity,
    /// What is to be done in it.
    pub steps: Vec<StepRule>,
}

/// 100 m and three minutes, else a warning; one photo, and of a closed outlet one of its door.
impl Default for VisitPolicy {
    fn default() -> Self {
        let photos = |album: Option<&str>, results: &[VisitResult]| StepRule {
            step: Step::Photos { album: album.map(str::to_owned), min: 1 },
            results: results.iter().copied().collect(),
            severity: Severity::Block,
        };
        Self {
            radius_metres: DEFAULT_RADIUS_METRES,
            allow_for_accuracy: false,
            out_of_range: Severity::Warn,
            accuracy_limit_metres: 0,
            poor_accuracy: Severity::Warn,
            off_route: Severity::Allow,
            min_minutes: 3,
            too_short: Severity::Warn,
            steps: vec![photos(None, &[]), photos(Some("Đóng cửa"), &[VisitResult::Closed])],
        }
    }
}

impl VisitPolicy {
    /// The default, changed by each scope in turn: from the company down to the nearest unit, and of one unit the one for
    /// the customer's type last.
    pub fn resolve<'a>(changes: impl IntoIterator<Item = &'a PolicyChange>) -> Self {
        let mut policy = Self::default();
        for change in changes {
            change.apply(&mut policy);
        }
        policy
    }
}

/// What a scope decides otherwise than the one above it; what is absent stays.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct PolicyChange {
    /// How near to the outlet a rep must be, 10 to 100,000 metres.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub radius_metres: Option<u32>,
    /// Whether what a position may be wrong by is taken off the distance.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub allow_for_accuracy: Option<bool>,
    /// When the rep is farther away.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub out_of_range: Option<Severity>,
    /// By how many metres a position may be wrong, up to 100,000; 0 is not looked at.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub accuracy_limit_metres: Option<u32>,
    /// When the position may be wrong by more.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub poor_accuracy: Option<Severity>,
    /// When the outlet is not in the day's plan.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub off_route: Option<Severity>,
    /// The shortest visit, 0 to 480 minutes.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub min_minutes: Option<u32>,
    /// When it was shorter.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub too_short: Option<Severity>,
    /// What is to be done: all of it, in place of what is wanted above.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub steps: Option<Vec<StepRule>>,
}

/// A policy that can't be meant.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum PolicyError {
    /// Nearer than a position can be known, or beyond a province.
    #[error("the radius must be 10 to 100,000 m")]
    Radius,
    /// Beyond what a position can be wrong by.
    #[error("the accuracy limit must be 0 to 100,000 m")]
    Accuracy,
    /// Longer than a working day.
    #[error("the shortest visit must be 0 to 480 minutes")]
    Minutes,
    /// More rules than a rep can keep.
    #[error("at most 50 steps")]
    Steps,
    /// Photos without number, or too many.
    #[error("a step must want 1 to 50 photos")]
    Photos,
    /// A step without a name.
    #[error("an album or survey has no name, or one of more than 100 characters")]
    Name,
    /// A distance that blocks would block who was there, when a position may be wrong by more.
    #[error("a position may not be worse than the radius when being out of range blocks")]
    BlockingRadius,
}

impl PolicyChange {
    fn apply(&self, policy: &mut VisitPolicy) {
        fn set<T: Clone>(to: &mut T, from: &Option<T>) {
            if let Some(value) = from {
                to.clone_from(value);
            }
        }
        set(&mut policy.radius_metres, &self.radius_metres);
        set(&mut policy.allow_for_accuracy, &self.allow_for_accuracy);
        set(&mut policy.out_of_range, &self.out_of_range);
        set(&mut policy.accuracy_limit_metres, &self.accuracy_limit_metres);
        set(&mut policy.poor_accuracy, &self.poor_accuracy);
        set(&mut policy.off_route, &self.off_route);
        set(&mut policy.min_minutes, &self.min_minutes);
        set(&mut policy.too_short, &self.too_short);
        set(&mut policy.steps, &self.steps);
    }

    /// Whether it can be meant.
    ///
    /// # Errors
    /// The first thing that can't.
    pub fn check(&self) -> Result<(), PolicyError> {
        let within = |value: Option<u32>, low, high| value.is_none_or(|v| (low..=high).contains(&v));
        if !within(self.radius_metres, 10, 100_000) {
            return Err(PolicyError::Radius);
        }
        if !within(self.accuracy_limit_metres, 0, 100_000) {
            return Err(PolicyError::Accuracy);
        }
        if !within(self.min_minutes, 0, 480) {
            return Err(PolicyError::Minutes);
        }
        if self.out_of_range == Some(Severity::Block)
            && let (Some(radius), Some(limit)) = (self.radius_metres, self.accuracy_limit_metres)
            && limit > radius
            && self.allow_for_accuracy != Some(true)
        {
            return Err(PolicyError::BlockingRadius);
        }
        let steps = self.steps.as_deref().unwrap_or_default();
        if steps.len() > 50 {
            return Err(PolicyError::Steps);
        }
        let named = |name: &str| !name.trim().is_empty() && name.chars().count() <= 100;
        for rule in steps {
            match &rule.step {
                Step::Photos { min, .. } if !(1..=50).contains(min) => return Err(PolicyError::Photos),
                Step::Photos { album: Some(name), .. } | Step::Survey { code: name } if !named(name) => {
                    return Err(PolicyError::Name);
                }
                _ => {}
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_nearer_wins_and_what_it_does_not_say_stays() {
        let company = PolicyChange { radius_metres: Some(150), min_minutes: Some(5), ..Default::default() };
        let team = PolicyChange { radius_metres: Some(80), ..Default::default() };
        let pharmacies = PolicyChange { steps: Some(Vec::new()), ..Default::default() };
        let policy = VisitPolicy::resolve([&company, &team, &pharmacies]);
        assert_eq!((policy.radius_metres, policy.min_minutes), (80, 5));
        assert_eq!(policy.steps, []);
        assert_eq!(policy.out_of_range, VisitPolicy::default().out_of_range);
        assert_eq!(VisitPolicy::resolve([]), VisitPolicy::default());
    }

    #[test]
    fn a_change_is_written_short_and_read_back() {
        let json = r#"{"radiusMetres":50,"steps":[{"step":{"kind":"photos","album":"POSM","min":2},"results":["HasOrder"],"severity":"warn"}]}"#;
        let change: PolicyChange = serde_json::from_str(json).unwrap();
        assert_eq!(serde_json::to_string(&change).unwrap(), json);
        assert!(serde_json::from_str::<PolicyChange>(r#"{"radius":50}"#).is_err());
    }

    #[test]
    fn what_can_not_be_meant_is_refused() {
        let step = |step| PolicyChange {
            steps: Some(vec![StepRule { step, results: BTreeSet::new(), severity: Severity::Block }]),
            ..Default::default()
        };
        for (change, error) in [
            (PolicyChange { radius_metres: Some(9), ..Default::default() }, PolicyError::Radius),
            (
                PolicyChange { accuracy_limit_metres: Some(100_001), ..Default::default() },
                PolicyError::Accuracy,
            ),
            (PolicyChange { min_minutes: Some(481), ..Default::default() }, PolicyError::Minutes),
            (step(Step::Photos { album: None, min: 0 }), PolicyError::Photos),
            (step(Step::Photos { album: Some(" ".into()), min: 1 }), PolicyError::Name),
            (step(Step::Survey { code: String::new() }), PolicyError::Name),
            (
                PolicyChange {
                    radius_metres: Some(50),
                    accuracy_limit_metres: Some(60),
                    out_of_range: Some(Severity::Block),
                    ..Default::default()
                },
                PolicyError::BlockingRadius,
            ),
        ] {
            assert_eq!(change.check(), Err(error));
        }
        assert_eq!(step(Step::DisplayPhotos).check(), Ok(()));
    }
}
