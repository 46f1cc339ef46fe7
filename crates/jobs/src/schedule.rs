use chrono::{DateTime, Days, NaiveTime, TimeDelta, Utc};
use domain::business_day::{business_date, day_start, instant_of};

/// When a job runs, by the clocks of Asia/Ho_Chi_Minh.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Schedule {
    /// Each day at this hour and minute.
    Daily(u32, u32),
    /// Each so many minutes, counted from midnight.
    Every(u32),
}

impl Schedule {
    /// The first time after this instant.
    pub fn next(self, after: DateTime<Utc>) -> DateTime<Utc> {
        let day = business_date(after);
        let tomorrow = day.checked_add_days(Days::new(1)).unwrap_or(day);
        match self {
            Schedule::Daily(hour, minute) => {
                let time = NaiveTime::from_hms_opt(hour, minute, 0).unwrap_or_default();
                let today = instant_of(day, time);
                if today > after { today } else { instant_of(tomorrow, time) }
            }
            Schedule::Every(minutes) => {
                let midnight = day_start(day);
                let step = i64::from(minutes.max(1));
                let passed = (after - midnight).num_minutes() / step + 1;
                (midnight + TimeDelta::minutes(passed * step)).min(day_start(tomorrow))
            }
        }
    }
}

impl std::fmt::Display for Schedule {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Schedule::Daily(hour, minute) => write!(f, "daily at {hour:02}:{minute:02}"),
            Schedule::Every(60) => f.write_str("hourly"),
            Schedule::Every(minutes) => write!(f, "every {minutes} minutes"),
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
        assert_eq!(next(Schedule::Daily(6, 0), "2026-08-05T22:59:59Z"), "2026-08-05T23:00:00+00:00");
        assert_eq!(next(Schedule::Daily(6, 0), "2026-08-05T23:00:00Z"), "2026-08-06T23:00:00+00:00");
    }

    #[test]
    fn hours_are_counted_from_midnight() {
        assert_eq!(next(Schedule::Every(60), "2026-08-05T09:00:00Z"), "2026-08-05T10:00:00+00:00");
        assert_eq!(next(Schedule::Every(60), "2026-08-05T09:59:59.5Z"), "2026-08-05T10:00:00+00:00");
        assert_eq!(next(Schedule::Every(7), "2026-08-05T16:58:00Z"), "2026-08-05T17:00:00+00:00");
    }

    #[test]
    fn schedules_read_as_sentences() {
        assert_eq!(Schedule::Daily(2, 5).to_string(), "daily at 02:05");
        assert_eq!(Schedule::Every(15).to_string(), "every 15 minutes");
    }
}
