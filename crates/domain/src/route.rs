//! When an outlet of a route is due.
//!
//! A route's weeks are counted by one of two rules ([`WeekRule`]): in fours from its start date, or by the calendar month.
//! An outlet says in which of these weeks it is due and on which of the route's weekdays ([`Rhythm`]). A frequency of one
//! visit a week or fewer is due on each weekday of its route, so a route on one weekday gives its weekly outlets (F4) one
//! visit a week; F8, F12 and F24 have a number of visits a week, and take as many of the route's weekdays.

use chrono::{Datelike, NaiveDate, Weekday};
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;

text_enum! {
    /// How often an outlet is visited in four weeks, and for the rarer ones in which of them.
    pub enum Frequency as "frequency" {
        /// Once: in week 1.
        #[serde(alias = "F1.1")]
        F1 = "F1",
        /// Once: in week 2.
        F1Week2 = "F1.2",
        /// Once: in week 3.
        F1Week3 = "F1.3",
        /// Once: in week 4.
        F1Week4 = "F1.4",
        /// Twice: in weeks 1 and 3.
        #[serde(alias = "F2.1")]
        F2 = "F2",
        /// Twice: in weeks 2 and 4.
        F2Even = "F2.2",
        /// Every week.
        F4 = "F4",
        /// Twice a week.
        F8 = "F8",
        /// Three times a week.
        F12 = "F12",
        /// Six times a week.
        F24 = "F24",
    }
}

impl Frequency {
    /// The frequency as files name it: `F2`, `f2.1`, or as others write it `2.1`; blanks don't matter.
    pub fn read(text: &str) -> Option<Self> {
        let text: String = text.to_uppercase().chars().filter(|c| !c.is_whitespace()).collect();
        match text.strip_prefix('F').unwrap_or(&text) {
            "1.1" => Some(Self::F1),
            "2.1" => Some(Self::F2),
            rest => format!("F{rest}").parse().ok(),
        }
    }

    /// On how many days of a week in which it is due; none where the route's weekdays decide.
    pub const fn visits_a_week(self) -> Option<usize> {
        match self {
            Self::F8 => Some(2),
            Self::F12 => Some(3),
            Self::F24 => Some(6),
            _ => None,
        }
    }

    /// In which of the weeks it is due; a fifth week of a calendar month has those of every week only.
    const fn includes(self, week: u8) -> bool {
        match self {
            Self::F1 => week == 1,
            Self::F1Week2 => week == 2,
            Self::F1Week3 => week == 3,
            Self::F1Week4 => week == 4,
            Self::F2 => matches!(week, 1 | 3),
            Self::F2Even => matches!(week, 2 | 4),
            Self::F4 | Self::F8 | Self::F12 | Self::F24 => true,
        }
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
    /// Whether an outlet is due in this week, 1 to 5.
    pub fn includes(&self, week: u8) -> bool {
        match self {
            Self::Frequency(frequency) => frequency.includes(week),
            Self::Weeks(weeks) => weeks.0.contains(&week),
        }
    }
}

/// `F2`, or `W1,3` for explicit weeks.
impl std::fmt::Display for Cadence {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Frequency(frequency) => f.write_str(frequency.as_str()),
            Self::Weeks(weeks) => write!(f, "W{}", joined(weeks.iter())),
        }
    }
}

impl std::str::FromStr for Cadence {
    type Err = InvalidRhythm;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let unreadable = || InvalidRhythm::Unreadable(text.to_owned());
        match text.strip_prefix('W') {
            None => text.parse::<Frequency>().map(Self::Frequency).map_err(|_| unreadable()),
            Some(weeks) => {
                Weeks::new(numbers(weeks).ok_or_else(unreadable)?).map(Self::Weeks).map_err(|_| unreadable())
            }
        }
    }
}

/// When an outlet of a route is due: in which weeks, and on which of the route's weekdays. As text `F4`, `F8@1,4`,
/// `W1,3@5`: the cadence, and after `@` the days where they were chosen.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Rhythm {
    /// In which weeks.
    pub cadence: Cadence,
    /// On which of the route's weekdays; as the cadence says when none were chosen.
    pub days: Option<Weekdays>,
}

#[cfg(feature = "openapi")]
impl utoipa::PartialSchema for Rhythm {
    fn schema() -> utoipa::openapi::RefOr<utoipa::openapi::schema::Schema> {
        <String as utoipa::PartialSchema>::schema()
    }
}

#[cfg(feature = "openapi")]
impl utoipa::ToSchema for Rhythm {}

/// A rhythm that can't be.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum InvalidRhythm {
    /// Not written as one.
    #[error("{0:?} is neither a frequency like F2.2 nor weeks like W1,3, with weekdays after an @")]
    Unreadable(String),
    /// The route doesn't run on a chosen weekday, by ISO number.
    #[error("the route doesn't run on weekday {0}")]
    NotARouteDay(u8),
    /// Another number of weekdays than the frequency has visits a week.
    #[error("choose {wanted} weekdays instead of {found}")]
    WrongNumber {
        /// Visits a week.
        wanted: usize,
        /// Days that were chosen.
        found: usize,
    },
}

impl Rhythm {
    /// The days of a week on which the outlet is due on a route of these weekdays. Without chosen ones the frequencies of
    /// several visits a week take theirs evenly spread: of Monday to Saturday F8 takes Monday and Thursday, F12 Monday,
    /// Wednesday and Friday. Chosen days on which the route no longer runs are left out.
    pub fn days_on(&self, route: &Weekdays) -> Weekdays {
        if let Some(chosen) = &self.days {
            return Weekdays(chosen.0.intersection(&route.0).copied().collect());
        }
        let visits = match &self.cadence {
            Cadence::Frequency(frequency) => frequency.visits_a_week(),
            Cadence::Weeks(_) => None,
        };
        match visits {
            Some(visits) if visits < route.0.len() => {
                let days: Vec<u8> = route.iter().collect();
                Weekdays((0..visits).filter_map(|n| days.get(n * days.len() / visits).copied()).collect())
            }
            _ => route.clone(),
        }
    }

    /// Whether the chosen days are the route's, and as many as the frequency has visits a week (one for those that are due
    /// every week or less).
    ///
    /// # Errors
    /// When they are not.
    pub fn fits(&self, route: &Weekdays) -> Result<(), InvalidRhythm> {
        let Some(days) = &self.days else { return Ok(()) };
        if let Some(day) = days.0.difference(&route.0).next() {
            return Err(InvalidRhythm::NotARouteDay(*day));
        }
        let (found, least) = (days.0.len(), 1);
        let wanted = match &self.cadence {
            Cadence::Frequency(frequency) => frequency.visits_a_week().unwrap_or(1),
            Cadence::Weeks(_) => found.max(least),
        };
        if found == wanted { Ok(()) } else { Err(InvalidRhythm::WrongNumber { wanted, found }) }
    }
}

impl From<Cadence> for Rhythm {
    fn from(cadence: Cadence) -> Self {
        Self { cadence, days: None }
    }
}

impl std::fmt::Display for Rhythm {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.cadence.fmt(f)?;
        match &self.days {
            Some(days) => write!(f, "@{}", joined(days.iter())),
            None => Ok(()),
        }
    }
}

impl std::str::FromStr for Rhythm {
    type Err = InvalidRhythm;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let (cadence, days) = match text.split_once('@') {
            Some((cadence, days)) => (cadence, Some(days)),
            None => (text, None),
        };
        let unreadable = || InvalidRhythm::Unreadable(text.to_owned());
        let days = match days {
            Some(days) => {
                let days = Weekdays::new(numbers(days).ok_or_else(unreadable)?).map_err(|_| unreadable())?;
                Some(days)
            }
            None => None,
        };
        Ok(Self { cadence: cadence.parse()?, days })
    }
}

impl TryFrom<String> for Rhythm {
    type Error = InvalidRhythm;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        text.parse()
    }
}

impl From<Rhythm> for String {
    fn from(rhythm: Rhythm) -> Self {
        rhythm.to_string()
    }
}

fn joined(numbers: impl Iterator<Item = u8>) -> String {
    numbers.map(|number| number.to_string()).collect::<Vec<_>>().join(",")
}

fn numbers(text: &str) -> Option<Vec<u8>> {
    text.split(',').map(|number| number.parse().ok()).collect()
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

text_enum! {
    /// How the weeks of a route are counted.
    pub enum WeekRule as "week rule" {
        /// In fours from the route's start date: the seven days from it are week 1, after week 4 comes week 1 again. An
        /// outlet of F1 is due every 28 days.
        RouteStart = "route_start",
        /// By the calendar month: week 1 is its days 1 to 7, and so on; days 29 to 31 are week 5, in which only what is
        /// due every week is visited. Each weekday comes once in each of the weeks 1 to 4, so an outlet of F1 is due
        /// once a month.
        CalendarMonth = "calendar_month",
    }
}

/// When a route runs.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Schedule {
    /// The first day on which it may run; with [`WeekRule::RouteStart`] its week 1 begins there.
    pub start_date: NaiveDate,
    /// The days of the week on which it runs.
    pub weekdays: Weekdays,
}

impl Schedule {
    /// Whether the route runs on the day.
    pub fn runs_on(&self, date: NaiveDate) -> bool {
        date >= self.start_date && self.weekdays.contains(date.weekday())
    }

    /// Which week the day is in, 1 to 4 or, by the calendar month, 5; none before the start.
    pub fn week_of(&self, date: NaiveDate, rule: WeekRule) -> Option<u8> {
        let days = date.signed_duration_since(self.start_date).num_days();
        let week = match rule {
            WeekRule::RouteStart => days / 7 % 4,
            WeekRule::CalendarMonth => i64::from(date.day0() / 7),
        };
        if days < 0 { None } else { u8::try_from(week + 1).ok() }
    }

    /// Whether an outlet of this rhythm is due on the day.
    pub fn due_on(&self, rhythm: &Rhythm, date: NaiveDate, rule: WeekRule) -> bool {
        self.runs_on(date)
            && self.week_of(date, rule).is_some_and(|week| rhythm.cadence.includes(week))
            && rhythm.days_on(&self.weekdays).contains(date.weekday())
    }
}

#[cfg(test)]
mod tests;
