//! Business days and months, which are those of Asia/Ho_Chi_Minh, while instants are kept in UTC.
//!
//! Vietnam has been at UTC+7 without daylight saving since 1975, so a fixed offset is exact for every document here.

use chrono::{DateTime, Datelike, Days, Months, NaiveDate, NaiveDateTime, NaiveTime, TimeDelta, Utc};
use serde::{Deserialize, Serialize};
use std::ops::Range;

const OFFSET: TimeDelta = TimeDelta::hours(7);

/// Date and time on the wall in Vietnam.
pub fn local_time(instant: DateTime<Utc>) -> NaiveDateTime {
    instant.naive_utc().checked_add_signed(OFFSET).unwrap_or(NaiveDateTime::MAX)
}

/// The business day in which the instant falls.
pub fn business_date(instant: DateTime<Utc>) -> NaiveDate {
    local_time(instant).date()
}

/// The instant of a wall-clock time in Vietnam.
pub fn instant_of(date: NaiveDate, time: NaiveTime) -> DateTime<Utc> {
    date.and_time(time).checked_sub_signed(OFFSET).unwrap_or(NaiveDateTime::MIN).and_utc()
}

/// The first instant of the business day.
pub fn day_start(date: NaiveDate) -> DateTime<Utc> {
    instant_of(date, NaiveTime::MIN)
}

/// From the first instant of the business day up to, not including, the first of the next.
pub fn day_instants(date: NaiveDate) -> Range<DateTime<Utc>> {
    day_start(date)..day_start(next_day(date))
}

/// From the start of the first day up to, not including, the start of the day after the last.
pub fn days_instants(first: NaiveDate, last: NaiveDate) -> Range<DateTime<Utc>> {
    day_start(first)..day_start(next_day(last))
}

fn next_day(date: NaiveDate) -> NaiveDate {
    date.checked_add_days(Days::new(1)).unwrap_or(NaiveDate::MAX)
}

/// A business month, written `2026-08`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema), schema(value_type = String))]
pub struct Month(NaiveDate);

impl Month {
    /// The month of a day.
    pub fn of(date: NaiveDate) -> Self {
        Self(date.with_day(1).unwrap_or(date))
    }

    /// Its first day.
    pub const fn first_day(self) -> NaiveDate {
        self.0
    }

    /// Its last day.
    pub fn last_day(self) -> NaiveDate {
        self.0.checked_add_months(Months::new(1)).and_then(|next| next.pred_opt()).unwrap_or(NaiveDate::MAX)
    }

    /// From its first instant up to, not including, the first of the next month.
    pub fn instants(self) -> Range<DateTime<Utc>> {
        days_instants(self.first_day(), self.last_day())
    }
}

impl std::fmt::Display for Month {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{:04}-{:02}", self.0.year(), self.0.month())
    }
}

impl std::str::FromStr for Month {
    type Err = DateError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let malformed = || DateError::NotAMonth(text.to_owned());
        let (year, month) = text.split_once('-').ok_or_else(malformed)?;
        let year = digits(year, 4..=4).ok_or_else(malformed)?;
        let month = digits(month, 2..=2).ok_or_else(malformed)?;
        let first = i32::try_from(year).ok().and_then(|year| NaiveDate::from_ymd_opt(year, month, 1));
        first.map(Self).ok_or_else(malformed)
    }
}

impl TryFrom<String> for Month {
    type Error = DateError;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        text.parse()
    }
}

impl From<Month> for String {
    fn from(month: Month) -> Self {
        month.to_string()
    }
}

/// A text that is no date.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum DateError {
    /// Not written as day/month/year.
    #[error("\"{0}\" is not a date; write it as DD/MM/YYYY")]
    NotADate(String),
    /// Written well, but not in the calendar: 31/02/2026.
    #[error("the day {0} does not exist")]
    NoSuchDay(String),
    /// Not written as year-month.
    #[error("\"{0}\" is not a month; write it as YYYY-MM")]
    NotAMonth(String),
}

/// Reads `DD/MM/YYYY` (a leading zero may be missing), as in the company's files.
pub fn parse_vn_date(text: &str) -> Result<NaiveDate, DateError> {
    let text = text.trim();
    let malformed = || DateError::NotADate(text.to_owned());
    let mut parts = text.split('/');
    let (Some(day), Some(month), Some(year), None) = (parts.next(), parts.next(), parts.next(), parts.next())
    else {
        return Err(malformed());
    };
    let day = digits(day, 1..=2).ok_or_else(malformed)?;
    let month = digits(month, 1..=2).ok_or_else(malformed)?;
    let year = digits(year, 4..=4).and_then(|year| i32::try_from(year).ok()).ok_or_else(malformed)?;
    NaiveDate::from_ymd_opt(year, month, day).ok_or_else(|| DateError::NoSuchDay(text.to_owned()))
}

/// Writes a date as `DD/MM/YYYY`.
pub fn format_vn_date(date: NaiveDate) -> String {
    format!("{:02}/{:02}/{:04}", date.day(), date.month(), date.year())
}

fn digits(text: &str, length: std::ops::RangeInclusive<usize>) -> Option<u32> {
    if !length.contains(&text.len()) || !text.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    text.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn date(year: i32, month: u32, day: u32) -> NaiveDate {
        NaiveDate::from_ymd_opt(year, month, day).unwrap()
    }

    fn instant(text: &str) -> DateTime<Utc> {
        text.parse().unwrap()
    }

    #[test]
    fn the_business_day_turns_at_seventeen_hours_utc() {
        assert_eq!(business_date(instant("2026-08-05T16:59:59Z")), date(2026, 8, 5));
        assert_eq!(business_date(instant("2026-08-05T17:00:00Z")), date(2026, 8, 6));
    }

    #[test]
    fn a_day_and_a_month_know_their_instants() {
        let day = day_instants(date(2026, 8, 6));
        assert_eq!(day, instant("2026-08-05T17:00:00Z")..instant("2026-08-06T17:00:00Z"));
        let month: Month = "2026-02".parse().unwrap();
        assert_eq!(month.instants(), instant("2026-01-31T17:00:00Z")..instant("2026-02-28T17:00:00Z"));
        assert_eq!(month.last_day(), date(2026, 2, 28));
        assert_eq!(Month::of(date(2026, 2, 17)), month);
        assert_eq!(month.to_string(), "2026-02");
    }

    #[test]
    fn only_real_dates_are_read() {
        assert_eq!(parse_vn_date("05/08/2026"), Ok(date(2026, 8, 5)));
        assert_eq!(parse_vn_date(" 5/8/2026 "), Ok(date(2026, 8, 5)));
        assert_eq!(parse_vn_date("29/02/2024"), Ok(date(2024, 2, 29)));
        for missing in ["29/02/2026", "31/04/2026", "00/01/2026", "01/13/2026"] {
            assert_eq!(parse_vn_date(missing), Err(DateError::NoSuchDay(missing.to_owned())));
        }
        for malformed in
            ["", "2026-08-05", "5/8/26", "5/8", "5/8/2026/1", "+5/08/2026", "a/b/cccc", "５/8/2026"]
        {
            assert_eq!(parse_vn_date(malformed), Err(DateError::NotADate(malformed.to_owned())));
        }
        for malformed in ["2026", "2026-13", "2026-00", "26-01", "2026-1"] {
            assert_eq!(malformed.parse::<Month>(), Err(DateError::NotAMonth(malformed.to_owned())));
        }
    }

    #[test]
    fn the_ends_of_time_do_not_panic() {
        assert_eq!(business_date(DateTime::<Utc>::MAX_UTC), NaiveDate::MAX);
        let _ = day_instants(NaiveDate::MIN);
        let _ = day_instants(NaiveDate::MAX);
        let _ = Month::of(NaiveDate::MAX).instants();
    }

    proptest! {
        #[test]
        fn every_instant_lies_in_its_business_day(seconds in 0_i64..4_000_000_000) {
            let instant = DateTime::from_timestamp(seconds, 0).unwrap();
            prop_assert!(day_instants(business_date(instant)).contains(&instant));
        }

        #[test]
        fn a_written_date_reads_back(days in 0_u64..60_000) {
            let day = date(1950, 1, 1).checked_add_days(Days::new(days)).unwrap();
            prop_assert_eq!(parse_vn_date(&format_vn_date(day)), Ok(day));
        }
    }
}
