//! What is asked of people in a month, and how far they have come.
//!
//! A target is the amount of a whole month and counts for its days: when it changes in the middle of the month, each
//! counts for its part. Whole numbers throughout; nothing is rounded but the month's target, once.

use std::cmp::Ordering;

use chrono::NaiveDate;
use serde::{Deserialize, Deserializer, Serialize, Serializer, de::Error as _};

use crate::{Month, Overflow};

text_enum! {
    /// What is counted.
    pub enum Metric as "metric" {
        /// Visits begun.
        Visits = "visits",
        /// Outlets opened and not refused.
        NewCustomers = "newCustomers",
        /// Orders taken that were neither rejected nor withdrawn.
        Orders = "orders",
        /// Their value with VAT (doanh số), in đồng.
        Sales = "sales",
        /// Goods issued less goods returned, with VAT (doanh thu), in đồng.
        Revenue = "revenue",
        /// Retail pieces issued less those returned.
        Volume = "volume",
        /// Different products in an order, on average; in hundredths.
        SkusPerOrder = "skusPerOrder",
        /// Time worked, in minutes.
        WorkMinutes = "workMinutes",
    }
}

impl Metric {
    /// Whether it is an average: it doesn't grow with the days of the month.
    pub const fn is_average(self) -> bool {
        matches!(self, Metric::SkusPerOrder)
    }
}

text_enum! {
    /// How one stands against the part of the month that has passed.
    pub enum Trend as "trend" {
        /// At 110 % or more.
        Ahead = "ahead",
        /// At 90 % or more.
        OnTrack = "onTrack",
        /// Below.
        Behind = "behind",
    }
}

/// A number with two decimals, kept in hundredths; in JSON it is the number people write: `5`, `4.25`.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema), schema(value_type = f64))]
pub struct Hundredths(i64);

/// More than two decimals, or out of range.
#[derive(Debug, Clone, Copy, PartialEq, thiserror::Error)]
#[error("a number with at most two decimals, from -1000000000 to 1000000000")]
pub struct InvalidHundredths;

impl Hundredths {
    /// So many hundredths: 425 is 4.25.
    pub const fn new(hundredths: i64) -> Self {
        Self(hundredths)
    }

    /// 4.25 is 425.
    pub const fn hundredths(self) -> i64 {
        self.0
    }

    /// `part ÷ whole`, rounded half up; none without a whole.
    pub fn average(part: i64, whole: i64) -> Option<Self> {
        (whole > 0).then(|| Self(narrow(half_up(i128::from(part) * 100, i128::from(whole)))))
    }

    /// `part ÷ whole` in per cent, rounded half up; none without a whole.
    pub fn percent(part: i64, whole: i64) -> Option<Self> {
        (whole > 0).then(|| Self(narrow(half_up(i128::from(part) * 10_000, i128::from(whole)))))
    }
}

/// Vietnamese notation: `4,25`.
impl std::fmt::Display for Hundredths {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let (whole, rest) = (self.0.unsigned_abs() / 100, self.0.unsigned_abs() % 100);
        let sign = if self.0 < 0 { "-" } else { "" };
        match rest {
            0 => write!(f, "{sign}{whole}"),
            _ if rest % 10 == 0 => write!(f, "{sign}{whole},{}", rest / 10),
            _ => write!(f, "{sign}{whole},{rest:02}"),
        }
    }
}

impl Serialize for Hundredths {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        if self.0 % 100 == 0 {
            serializer.serialize_i64(self.0 / 100)
        } else {
            // Only to write it down: the number with two decimals that is nearest.
            serializer.serialize_f64(self.0 as f64 / 100.0)
        }
    }
}

impl<'de> Deserialize<'de> for Hundredths {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let scaled = f64::deserialize(deserializer)? * 100.0;
        let rounded = scaled.round();
        // 4.35 is not exact in binary; a third decimal is far outside of this tolerance.
        if !(-1e11..=1e11).contains(&rounded) || (scaled - rounded).abs() > 1e-4 {
            return Err(D::Error::custom(InvalidHundredths));
        }
        Ok(Self(rounded as i64))
    }
}

/// Days in a row, within one month.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Span {
    first: NaiveDate,
    last: NaiveDate,
}

/// Days that are no span.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum InvalidSpan {
    /// The last day comes before the first.
    #[error("the last day is before the first")]
    Backwards,
    /// They lie in two months.
    #[error("the days are not of one month")]
    TwoMonths,
}

impl Span {
    /// From a day to a day, both included.
    pub fn new(first: NaiveDate, last: NaiveDate) -> Result<Self, InvalidSpan> {
        if last < first {
            Err(InvalidSpan::Backwards)
        } else if Month::of(first) != Month::of(last) {
            Err(InvalidSpan::TwoMonths)
        } else {
            Ok(Self { first, last })
        }
    }

    /// All days of a month.
    pub fn of_month(month: Month) -> Self {
        Self { first: month.first_day(), last: month.last_day() }
    }

    /// The first day.
    pub const fn first(self) -> NaiveDate {
        self.first
    }

    /// The last day.
    pub const fn last(self) -> NaiveDate {
        self.last
    }

    /// The month it lies in.
    pub fn month(self) -> Month {
        Month::of(self.first)
    }

    /// How many days.
    pub fn days(self) -> i64 {
        days_between(self.first, self.last)
    }

    /// How many of its days have come, today included.
    pub fn elapsed(self, today: NaiveDate) -> i64 {
        days_between(self.first, self.last.min(today)).max(0)
    }

    /// Whether they share a day.
    pub fn overlaps(self, other: Span) -> bool {
        self.first <= other.last && other.first <= self.last
    }

    /// What is left of it before and after another.
    pub fn without(self, other: Span) -> (Option<Span>, Option<Span>) {
        if !self.overlaps(other) {
            return if self.first < other.first { (Some(self), None) } else { (None, Some(self)) };
        }
        let before =
            other.first.pred_opt().filter(|day| *day >= self.first).map(|last| Span { last, ..self });
        let after = other.last.succ_opt().filter(|day| *day <= self.last).map(|first| Span { first, ..self });
        (before, after)
    }
}

fn days_between(first: NaiveDate, last: NaiveDate) -> i64 {
    last.signed_duration_since(first).num_days() + 1
}

/// What a month asks for, and how much of it is due by now.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Goal {
    target: i64,
    /// `due ÷ parts` of it should be there by now.
    due: i128,
    parts: i64,
}

impl Goal {
    /// Of targets that each count for some days of the month, none for two: their sum by days, rounded half up. What is
    /// due is each one's part for its days that have come, today included. An average is asked for as it is, by the days
    /// that have a target, and due from the first of them on.
    ///
    /// Without a target there is no goal.
    ///
    /// # Errors
    /// When it is out of range.
    pub fn of(
        metric: Metric,
        month: Month,
        targets: &[(Span, i64)],
        today: NaiveDate,
    ) -> Result<Option<Self>, Overflow> {
        if targets.is_empty() {
            return Ok(None);
        }
        let by_days = |days: fn(Span, NaiveDate) -> i64| -> i128 {
            targets.iter().map(|(span, target)| i128::from(*target) * i128::from(days(*span, today))).sum()
        };
        let asked = by_days(|span, _| span.days());
        if metric.is_average() {
            let days: i64 = targets.iter().map(|(span, _)| span.days()).sum();
            let target = fit(half_up(asked, i128::from(days)))?;
            let begun = targets.iter().any(|(span, _)| span.elapsed(today) > 0);
            return Ok(Some(Self { target, due: if begun { i128::from(target) } else { 0 }, parts: 1 }));
        }
        let parts = Span::of_month(month).days();
        let target = fit(half_up(asked, i128::from(parts)))?;
        Ok(Some(Self { target, due: by_days(Span::elapsed), parts }))
    }

    /// Of several people for the same month and metric: together what is asked of each; of an average, the mean. None
    /// when nobody has one.
    ///
    /// # Errors
    /// When the sum is out of range.
    pub fn together(metric: Metric, goals: impl IntoIterator<Item = Self>) -> Result<Option<Self>, Overflow> {
        let (mut target, mut due, mut parts, mut count) = (0_i128, 0_i128, 1, 0_i64);
        for goal in goals {
            target += i128::from(goal.target);
            due += goal.due;
            parts = goal.parts;
            count += 1;
        }
        if count == 0 {
            return Ok(None);
        }
        if metric.is_average() {
            let begun = due > 0;
            let target = fit(half_up(target, i128::from(count)))?;
            return Ok(Some(Self { target, due: if begun { i128::from(target) } else { 0 }, parts: 1 }));
        }
        Ok(Some(Self { target: fit(target)?, due, parts }))
    }

    /// The month's target.
    pub const fn target(self) -> i64 {
        self.target
    }

    /// `actual ÷ target` in per cent; none of a target of 0.
    pub fn achievement(self, actual: i64) -> Option<Hundredths> {
        Hundredths::percent(actual, self.target)
    }

    /// How `actual` stands against what is due by now; none as long as nothing is.
    pub fn trend(self, actual: i64) -> Option<Trend> {
        if self.due <= 0 {
            return None;
        }
        let reached = |percent: i128| {
            // actual ÷ (due ÷ parts) against the percentage, without dividing.
            let left = i128::from(actual) * 100 * i128::from(self.parts);
            self.due.checked_mul(percent).map_or(Ordering::Less, |right| left.cmp(&right)) != Ordering::Less
        };
        Some(if reached(110) {
            Trend::Ahead
        } else if reached(90) {
            Trend::OnTrack
        } else {
            Trend::Behind
        })
    }
}

/// `part ÷ whole` to the nearest whole number, halves up; `whole` is more than 0.
fn half_up(part: i128, whole: i128) -> i128 {
    part.saturating_mul(2).saturating_add(whole).div_euclid(whole.saturating_mul(2).max(1))
}

fn fit(value: i128) -> Result<i64, Overflow> {
    i64::try_from(value).map_err(|_| Overflow)
}

/// The nearest number that fits: for ratios, of which nobody minds the last digit so far out.
fn narrow(value: i128) -> i64 {
    i64::try_from(value).unwrap_or(if value < 0 { i64::MIN } else { i64::MAX })
}

#[cfg(test)]
mod tests;
