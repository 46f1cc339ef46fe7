use std::num::NonZeroU32;

use chrono::{DateTime, Days, NaiveTime, TimeDelta, Utc};
use domain::business_day::{business_date, day_start, instant_of};

/// When a job runs, by the clocks of Asia/Ho_Chi_Minh.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Schedule(When);

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum When {
    Daily(NaiveTime),
    Every(NonZeroU32),
}

impl Schedule {
    /// Each day at this hour and minute. A time that no clock shows doesn't compile.
    ///
    /// ```compile_fail
    /// let never = jobs::Schedule::daily::<25, 0>();
    /// ```
    #[must_use]
    pub const fn daily<const HOUR: u32, const MINUTE: u32>() -> Schedule {
        const {
            match NaiveTime::from_hms_opt(HOUR, MINUTE, 0) {
                Some(time) => Schedule(When::Daily(time)),
                None => panic!("no clock shows this time"),
            }
        }
    }

    /// Each so many minutes, counted from midnight; a day at most, and not never.
    ///
    /// ```compile_fail
    /// let never = jobs::Schedule::every::<0>();
    /// ```
    #[must_use]
    pub const fn every<const MINUTES: u32>() -> Schedule {
        const {
            match NonZeroU32::new(MINUTES) {
                Some(minutes) if MINUTES <= 24 * 60 => Schedule(When::Every(minutes)),
                _ => panic!("from a minute to a day"),
            }
        }
    }

    /// The first time after this instant.
    pub fn next(self, after: DateTime<Utc>) -> DateTime<Utc> {
        let day = business_date(after);
        let tomorrow = day.checked_add_days(Days::new(1)).unwrap_or(day);
        match self.0 {
            When::Daily(time) => {
                let today = instant_of(day, time);
                if today > after { today } else { instant_of(tomorrow, time) }
            }
            When::Every(minutes) => {
                let midnight = day_start(day);
                let step = i64::from(minutes.get());
                let passed = (after - midnight).num_minutes() / step + 1;
                (midnight + TimeDelta::minutes(passed * step)).min(day_start(tomorrow))
            }
        }
    }
}

impl std::fmt::Display for Schedule {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self.0 {
            When::Daily(time) => write!(f, "daily at {}", time.format("%H:%M")),
            When::Every(minutes) if minutes.get() == 60 => f.write_str("hourly"),
            When::Every(minutes) => write!(f, "every {minutes} minutes"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn next(schedule: Schedule, after: &str) -> String {
        schedule.next(after.parse().unwrap()).to_rfc3339()
    }

    #[test]
    fn six_in_the_morning_is_that_of_vietnam() {
        assert_eq!(next(Schedule::daily::<6, 0>(), "2026-08-05T22:59:59Z"), "2026-08-05T23:00:00+00:00");
        assert_eq!(next(Schedule::daily::<6, 0>(), "2026-08-05T23:00:00Z"), "2026-08-06T23:00:00+00:00");
    }

    #[test]
    fn hours_are_counted_from_midnight() {
        assert_eq!(next(Schedule::every::<60>(), "2026-08-05T09:00:00Z"), "2026-08-05T10:00:00+00:00");
        assert_eq!(next(Schedule::every::<60>(), "2026-08-05T09:59:59.5Z"), "2026-08-05T10:00:00+00:00");
        assert_eq!(next(Schedule::every::<7>(), "2026-08-05T16:58:00Z"), "2026-08-05T17:00:00+00:00");
    }

    #[test]
    fn schedules_read_as_sentences() {
        assert_eq!(Schedule::daily::<2, 5>().to_string(), "daily at 02:05");
        assert_eq!(Schedule::every::<15>().to_string(), "every 15 minutes");
    }
}
