//! When an outlet of a route is due.
//!
//! Weeks are counted from the route's start date: the seven days from it are week 1, and after week 4 comes week 1
//! again. An outlet is due on each weekday of its route in the weeks of its cadence; so a route on one weekday gives
//! its weekly outlets (F4) one visit a week, one on two weekdays gives its F8 outlets two.

use chrono::{Datelike, NaiveDate, Weekday};
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;

text_enum! {
    /// How often an outlet is visited in four weeks.
    pub enum Frequency as "frequency" {
        /// Once: in week 1.
        F1 = "F1",
        /// Twice: in weeks 1 and 3.
        F2 = "F2",
        /// Every week.
        F4 = "F4",
        /// Twice a week, on a route of two weekdays.
        F8 = "F8",
        /// Three times a week, on a route of three weekdays.
        F12 = "F12",
    }
}

/// Some of the weeks 1 to 4, at least one.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "BTreeSet<u8>", into = "BTreeSet<u8>")]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema), schema(value_type = Vec<u8>))]
pub struct Weeks(BTreeSet<u8>);

/// No week, or one that isn't among the four.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("name at least one of the weeks 1, 2, 3 and 4")]
pub struct InvalidWeeks;

impl Weeks {
    /// These weeks.
    pub fn new(weeks: impl IntoIterator<Item = u8>) -> Result<Self, InvalidWeeks> {
        Self::try_from(weeks.into_iter().collect::<BTreeSet<_>>())
    }

    /// From the first.
    pub fn iter(&self) -> impl Iterator<Item = u8> {
        self.0.iter().copied()
    }
}

impl TryFrom<BTreeSet<u8>> for Weeks {
    type Error = InvalidWeeks;

    fn try_from(weeks: BTreeSet<u8>) -> Result<Self, Self::Error> {
        if weeks.is_empty() || weeks.iter().any(|week| !(1..=4).contains(week)) {
            return Err(InvalidWeeks);
        }
        Ok(Self(weeks))
    }
}

impl From<Weeks> for BTreeSet<u8> {
    fn from(weeks: Weeks) -> Self {
        weeks.0
    }
}

/// In which weeks an outlet is due: `"F2"` or `[1, 3]` in JSON.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(untagged)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub enum Cadence {
    /// By frequency.
    Frequency(Frequency),
    /// By explicit weeks.
    Weeks(Weeks),
}

impl Cadence {
    /// Whether an outlet is due in this week of the four.
    pub fn includes(&self, week: u8) -> bool {
        match self {
            Self::Frequency(Frequency::F1) => week == 1,
            Self::Frequency(Frequency::F2) => matches!(week, 1 | 3),
            Self::Frequency(Frequency::F4 | Frequency::F8 | Frequency::F12) => (1..=4).contains(&week),
            Self::Weeks(weeks) => weeks.0.contains(&week),
        }
    }
}

/// Days of the week, as ISO numbers in JSON: 1 is Monday, 7 is Sunday.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "BTreeSet<u8>", into = "BTreeSet<u8>")]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema), schema(value_type = Vec<u8>))]
pub struct Weekdays(BTreeSet<u8>);

/// A number that is no day of the week.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("{0} is not a day of the week; 1 is Monday, 7 is Sunday")]
pub struct InvalidWeekday(pub u8);

impl Weekdays {
    /// These days, by ISO number.
    pub fn new(days: impl IntoIterator<Item = u8>) -> Result<Self, InvalidWeekday> {
        Self::try_from(days.into_iter().collect::<BTreeSet<_>>())
    }

    /// Whether the day is among them.
    pub fn contains(&self, day: Weekday) -> bool {
        self.0.contains(&iso(day))
    }

    /// By ISO number, from Monday.
    pub fn iter(&self) -> impl Iterator<Item = u8> {
        self.0.iter().copied()
    }
}

impl FromIterator<Weekday> for Weekdays {
    fn from_iter<T: IntoIterator<Item = Weekday>>(days: T) -> Self {
        Self(days.into_iter().map(iso).collect())
    }
}

impl TryFrom<BTreeSet<u8>> for Weekdays {
    type Error = InvalidWeekday;

    fn try_from(days: BTreeSet<u8>) -> Result<Self, Self::Error> {
        match days.iter().find(|day| !(1..=7).contains(*day)) {
            Some(day) => Err(InvalidWeekday(*day)),
            None => Ok(Self(days)),
        }
    }
}

impl From<Weekdays> for BTreeSet<u8> {
    fn from(days: Weekdays) -> Self {
        days.0
    }
}

const fn iso(day: Weekday) -> u8 {
    match day {
        Weekday::Mon => 1,
        Weekday::Tue => 2,
        Weekday::Wed => 3,
        Weekday::Thu => 4,
        Weekday::Fri => 5,
        Weekday::Sat => 6,
        Weekday::Sun => 7,
    }
}

/// When a route runs.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Schedule {
    /// The first day of its week 1.
    pub start_date: NaiveDate,
    /// The days of the week on which it runs.
    pub weekdays: Weekdays,
}

impl Schedule {
    /// Whether the route runs on the day.
    pub fn runs_on(&self, date: NaiveDate) -> bool {
        date >= self.start_date && self.weekdays.contains(date.weekday())
    }

    /// Which of the four weeks the day is in; none before the start.
    pub fn week_of(&self, date: NaiveDate) -> Option<u8> {
        let days = date.signed_duration_since(self.start_date).num_days();
        (days >= 0).then_some(match days / 7 % 4 {
            0 => 1,
            1 => 2,
            2 => 3,
            _ => 4,
        })
    }

    /// Whether an outlet of this cadence is in the route's plan for the day.
    pub fn due_on(&self, cadence: &Cadence, date: NaiveDate) -> bool {
        self.runs_on(date) && self.week_of(date).is_some_and(|week| cadence.includes(week))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use chrono::Days;

    /// 2026-08-05 is a Wednesday.
    fn day(n: u64) -> NaiveDate {
        NaiveDate::from_ymd_opt(2026, 8, 5).unwrap() + Days::new(n)
    }

    fn wednesdays() -> Schedule {
        Schedule { start_date: day(0), weekdays: Weekdays::new([3]).unwrap() }
    }

    fn due(schedule: &Schedule, cadence: &Cadence) -> Vec<u64> {
        (0..56).filter(|n| schedule.due_on(cadence, day(*n))).collect()
    }

    #[test]
    fn frequencies_on_one_weekday() {
        let schedule = wednesdays();
        assert_eq!(due(&schedule, &Cadence::Frequency(Frequency::F1)), [0, 28]);
        assert_eq!(due(&schedule, &Cadence::Frequency(Frequency::F2)), [0, 14, 28, 42]);
        let weekly = [0, 7, 14, 21, 28, 35, 42, 49];
        assert_eq!(due(&schedule, &Cadence::Frequency(Frequency::F4)), weekly);
    }

    #[test]
    fn a_route_on_more_weekdays_gives_more_visits_a_week() {
        let schedule = Schedule { start_date: day(0), weekdays: Weekdays::new([1, 3, 5]).unwrap() };
        let visits = due(&schedule, &Cadence::Frequency(Frequency::F12));
        assert_eq!(visits.len(), 24);
        assert_eq!(visits[..4], [0, 2, 5, 7]);
    }

    #[test]
    fn explicit_weeks_are_counted_from_the_start_date() {
        let weeks = Cadence::Weeks(Weeks::new([2, 4]).unwrap());
        assert_eq!(due(&wednesdays(), &weeks), [7, 21, 35, 49]);
        // Week 1 starts on the Wednesday, so its Tuesday is six days later.
        let tuesdays = Schedule { weekdays: Weekdays::new([2]).unwrap(), ..wednesdays() };
        assert_eq!(due(&tuesdays, &Cadence::Weeks(Weeks::new([1]).unwrap())), [6, 34]);
    }

    #[test]
    fn nothing_is_due_before_the_start() {
        let before = day(0) - Days::new(7);
        assert!(!wednesdays().due_on(&Cadence::Frequency(Frequency::F4), before));
        assert_eq!(wednesdays().week_of(before), None);
    }

    #[test]
    fn cadences_and_weekdays_are_checked_when_read() {
        assert_eq!(serde_json::from_str::<Cadence>("\"F8\"").unwrap(), Cadence::Frequency(Frequency::F8));
        let weeks = serde_json::from_str::<Cadence>("[3,1]").unwrap();
        assert_eq!(serde_json::to_string(&weeks).unwrap(), "[1,3]");
        for json in ["\"F3\"", "[]", "[5]"] {
            assert!(serde_json::from_str::<Cadence>(json).is_err(), "{json}");
        }
        assert_eq!(Weekdays::new([1, 8]), Err(InvalidWeekday(8)));
        let days: Weekdays = [Weekday::Sun, Weekday::Mon].into_iter().collect();
        assert_eq!(serde_json::to_string(&days).unwrap(), "[1,7]");
    }
}
