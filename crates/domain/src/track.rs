//! A day's track: how far, where and how long somebody stopped, when nothing was heard and why, and what can't be true.
//!
//! Phones send a position every few minutes, less often when they stand, in bursts after a time without network. A
//! position is wrong by some metres, sometimes by kilometres. Nothing here takes a single position at its word.

mod gap;
mod length;
mod simplify;
mod stop;
mod suspicion;

use chrono::{DateTime, Utc};

use crate::Coordinates;

pub use gap::{Clocked, Day, Gap, GapCause, Heard, PhoneEvent, gaps};
pub use length::length_metres;
pub use simplify::simplify;
pub use stop::{Stop, stops};
pub use suspicion::{CLOCK_TOLERANCE, Leap, SuspicionKind, clock_off, leap};

/// A position at an instant.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Fix {
    /// When, by the device.
    pub at: DateTime<Utc>,
    /// Where.
    pub place: Coordinates,
    /// By how many metres that may be wrong, if the phone knows.
    pub accuracy: Option<f32>,
}

/// A position that may be wrong by more says little about way and stops.
const ROUGH_METRES: f64 = 100.0;
/// What is assumed of a phone that doesn't say.
const USUAL_ACCURACY_METRES: f64 = 20.0;
/// Nobody in the field goes faster: 180 km/h.
const FASTEST: f64 = 50.0;

impl Fix {
    fn accuracy_metres(&self) -> f64 {
        self.accuracy.map_or(USUAL_ACCURACY_METRES, f64::from)
    }

    fn is_usable(&self) -> bool {
        self.accuracy_metres() <= ROUGH_METRES
    }

    fn metres_to(&self, other: &Fix) -> f64 {
        self.place.distance_metres(other.place)
    }

    /// Whether one can have come from the one to the other in the time between, give or take what both may be wrong by.
    fn reaches(&self, other: &Fix) -> bool {
        let seconds = (other.at - self.at).as_seconds_f64().abs().max(1.0);
        let surely = self.metres_to(other) - self.accuracy_metres() - other.accuracy_metres();
        surely / seconds <= FASTEST
    }
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;
    use chrono::TimeDelta;

    /// 08:00 of a day in Việt Nam.
    pub fn eight() -> DateTime<Utc> {
        "2026-08-06T01:00:00Z".parse().unwrap()
    }

    /// So many seconds after eight, so many metres north and east of a place.
    pub fn fix(seconds: i64, north: f64, east: f64) -> Fix {
        Fix {
            at: eight() + TimeDelta::seconds(seconds),
            place: Coordinates::new(10.0 + north / 111_195.0, 106.0 + east / 109_506.0).unwrap(),
            accuracy: Some(15.0),
        }
    }

    /// Noise as of a phone that stands, the same each time: about 10 metres in each direction.
    pub fn noise(n: u32) -> (f64, f64) {
        let uniform = |k: u32| {
            let mut x = n.wrapping_mul(8).wrapping_add(k).wrapping_mul(2_654_435_761) ^ 0x9e37_79b9;
            x ^= x >> 15;
            x = x.wrapping_mul(0x85eb_ca6b);
            x ^= x >> 13;
            f64::from(x) / f64::from(u32::MAX) - 0.5
        };
        // Sums of uniform numbers are nearly normal; the variance of three is a quarter.
        let normal = |k: u32| (uniform(k) + uniform(k + 1) + uniform(k + 2)) * 20.0;
        (normal(0), normal(3))
    }
}
