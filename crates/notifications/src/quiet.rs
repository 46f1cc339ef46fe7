//! Hours in which nobody's phone rings.

use chrono::{DateTime, Days, NaiveTime, Utc};
use domain::business_day::{instant_of, local_time};

/// What becomes of messages that fall into quiet hours.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum QuietMode {
    /// They are sent when the hours are over.
    Wait,
    /// They are never sent; the inbox has them.
    Drop,
}

impl QuietMode {
    /// The spelling in the database and on the wire.
    pub fn as_str(self) -> &'static str {
        match self {
            QuietMode::Wait => "wait",
            QuietMode::Drop => "drop",
        }
    }

    /// By its spelling.
    pub fn parse(text: &str) -> Option<QuietMode> {
        match text {
            "wait" => Some(QuietMode::Wait),
            "drop" => Some(QuietMode::Drop),
            _ => None,
        }
    }
}

/// Quiet hours, by the clock of Asia/Ho_Chi_Minh. They go over midnight when the end is earlier than the beginning.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct QuietHours {
    from: NaiveTime,
    to: NaiveTime,
    /// What becomes of messages.
    pub mode: QuietMode,
}

impl QuietHours {
    /// None when they begin and end at the same time.
    pub fn new(from: NaiveTime, to: NaiveTime, mode: QuietMode) -> Option<QuietHours> {
        (from != to).then_some(QuietHours { from, to, mode })
    }

    /// When they are over, if the instant falls into them. The end itself isn't quiet any more.
    pub fn end_after(&self, at: DateTime<Utc>) -> Option<DateTime<Utc>> {
        let local = local_time(at);
        let (day, time) = (local.date(), local.time());
        let tomorrow = day.checked_add_days(Days::new(1))?;
        let end = if self.from < self.to {
            (self.from <= time && time < self.to).then_some(day)?
        } else if time >= self.from {
            tomorrow
        } else {
            (time < self.to).then_some(day)?
        };
        Some(instant_of(end, self.to))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn hours(from: &str, to: &str) -> QuietHours {
        QuietHours::new(from.parse().unwrap(), to.parse().unwrap(), QuietMode::Wait).unwrap()
    }

    /// A time of 2026-08-06 in Việt Nam.
    fn at(time: &str) -> DateTime<Utc> {
        format!("2026-08-06T{time}+07:00").parse().unwrap()
    }

    fn end(hours: QuietHours, time: &str) -> Option<DateTime<Utc>> {
        hours.end_after(at(time))
    }

    #[test]
    fn hours_within_a_day_end_on_it() {
        let noon = hours("12:00:00", "13:30:00");
        assert_eq!(end(noon, "11:59:59"), None);
        assert_eq!(end(noon, "12:00:00"), Some(at("13:30:00")));
        assert_eq!(end(noon, "13:29:59"), Some(at("13:30:00")));
        assert_eq!(end(noon, "13:30:00"), None);
    }

    #[test]
    fn hours_over_midnight_end_on_the_next_day_or_on_this() {
        let night = hours("21:00:00", "06:00:00");
        assert_eq!(end(night, "20:59:59"), None);
        assert_eq!(end(night, "23:00:00"), Some(at("06:00:00") + chrono::Duration::days(1)));
        assert_eq!(end(night, "05:59:59"), Some(at("06:00:00")));
        assert_eq!(end(night, "06:00:00"), None);
    }
}
