use chrono::{DateTime, NaiveDate, Utc};
use parking_lot::Mutex;

/// Where the time comes from; nothing else asks the machine.
pub trait Clock: Send + Sync + 'static {
    /// The instant now, UTC.
    fn now(&self) -> DateTime<Utc>;

    /// The business day now, in Asia/Ho_Chi_Minh.
    fn today(&self) -> NaiveDate {
        domain::business_day::business_date(self.now())
    }
}

/// The machine's clock.
#[derive(Debug, Clone, Copy)]
pub struct SystemClock;

impl Clock for SystemClock {
    #[expect(clippy::disallowed_methods, reason = "the one place that asks the machine")]
    fn now(&self) -> DateTime<Utc> {
        // PostgreSQL keeps microseconds; finer times would not compare equal after a round trip.
        let now = Utc::now();
        DateTime::from_timestamp_micros(now.timestamp_micros()).unwrap_or(now)
    }
}

/// A clock that a test sets.
#[derive(Debug)]
pub struct TestClock(Mutex<DateTime<Utc>>);

impl TestClock {
    /// Stands at this instant.
    pub fn at(now: DateTime<Utc>) -> Self {
        TestClock(Mutex::new(now))
    }

    /// Moves on.
    pub fn advance(&self, by: chrono::Duration) {
        *self.0.lock() += by;
    }

    /// Jumps to an instant.
    pub fn set(&self, now: DateTime<Utc>) {
        *self.0.lock() = now;
    }
}

impl Clock for TestClock {
    fn now(&self) -> DateTime<Utc> {
        *self.0.lock()
    }
}
