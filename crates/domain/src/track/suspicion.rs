use chrono::{DateTime, TimeDelta, Utc};

use super::Fix;

text_enum! {
    /// A sign that a position may not be what it says. Nothing is proved by it.
    pub enum SuspicionKind as "suspicion" {
        /// The phone says that an app makes up its position.
        MockProvider = "mock_provider",
        /// Two positions that nobody can have been at in the time between.
        ImpossibleSpeed = "impossible_speed",
        /// Check-ins at two outlets with the same position to the last digit.
        SameFixElsewhere = "same_fix_elsewhere",
        /// The device's clock is off by more than 5 minutes.
        ClockOff = "clock_off",
        /// A check-in outside of the outlet's radius.
        FarCheckIn = "far_check_in",
    }
}

/// How far a device's clock may be off.
pub const CLOCK_TOLERANCE: TimeDelta = TimeDelta::minutes(5);
/// Faster than any car, 250 km/h; a flight is worth a question, too.
const IMPOSSIBLE: f64 = 70.0;
/// Short leaps are the network's, not the person's.
const SHORTEST_METRES: f64 = 1_000.0;

/// A leap from one position to another.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Leap {
    /// How far the positions lie apart.
    pub metres: f64,
    /// The time between.
    pub seconds: f64,
    /// The least speed that takes, given how wrong both may be.
    pub metres_per_second: f64,
}

/// The leap from a position to a later one, if nobody can make it.
pub fn leap(from: &Fix, to: &Fix) -> Option<Leap> {
    let seconds = (to.at - from.at).as_seconds_f64().max(1.0);
    let metres = from.metres_to(to);
    let surely = metres - from.accuracy_metres() - to.accuracy_metres();
    let leap = Leap { metres, seconds, metres_per_second: surely / seconds };
    (to.at > from.at && surely >= SHORTEST_METRES && leap.metres_per_second > IMPOSSIBLE).then_some(leap)
}

/// By how much a device's clock is off, if that is more than it may be: positive when it is ahead.
pub fn clock_off(device: DateTime<Utc>, server: DateTime<Utc>) -> Option<TimeDelta> {
    let off = device - server;
    (off.abs() > CLOCK_TOLERANCE).then_some(off)
}

#[cfg(test)]
mod tests {
    use super::super::tests::{eight, fix};
    use super::*;

    #[test]
    fn a_car_is_possible_and_a_leap_is_not() {
        assert_eq!(leap(&fix(0, 0.0, 0.0), &fix(60, 1_800.0, 0.0)), None);
        let far = leap(&fix(0, 0.0, 0.0), &fix(60, 30_000.0, 0.0)).unwrap();
        assert!((far.metres - 30_000.0).abs() < 50.0 && far.seconds == 60.0, "{far:?}");
        assert!((far.metres_per_second - 499.5).abs() < 1.0, "{far:?}");
        // Backwards in time says nothing.
        assert_eq!(leap(&fix(60, 0.0, 0.0), &fix(0, 30_000.0, 0.0)), None);
    }

    #[test]
    fn a_position_by_the_network_may_be_off_by_kilometres() {
        let rough = Fix { accuracy: Some(5_000.0), ..fix(10, 5_500.0, 0.0) };
        assert_eq!(leap(&fix(0, 0.0, 0.0), &rough), None);
    }

    #[test]
    fn five_minutes_are_forgiven() {
        let at = |seconds| eight() + TimeDelta::seconds(seconds);
        assert_eq!(clock_off(at(300), at(0)), None);
        assert_eq!(clock_off(at(301), at(0)), Some(TimeDelta::seconds(301)));
        assert_eq!(clock_off(at(0), at(3_600)), Some(TimeDelta::seconds(-3_600)));
    }
}
