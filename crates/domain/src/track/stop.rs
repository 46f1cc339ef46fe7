use chrono::{DateTime, TimeDelta, Utc};

use super::Fix;
use crate::Coordinates;

/// Who stays within this of where they stand hasn't left.
const RADIUS_METRES: f64 = 80.0;
/// Shorter is waiting at a light.
const SHORTEST: TimeDelta = TimeDelta::minutes(5);
/// After a longer silence it isn't known whether somebody stayed.
const SILENCE: TimeDelta = TimeDelta::minutes(60);

/// A place where somebody stayed.
#[derive(Debug, Clone, PartialEq)]
pub struct Stop {
    /// The middle of the positions there.
    pub place: Coordinates,
    /// The first position there.
    pub from: DateTime<Utc>,
    /// The last one.
    pub to: DateTime<Utc>,
}

/// The stops of at least 5 minutes along positions in order.
pub fn stops(fixes: &[Fix]) -> Vec<Stop> {
    let usable: Vec<&Fix> = fixes.iter().filter(|fix| fix.is_usable()).collect();
    let mut found = Vec::new();
    let mut cluster: Option<Cluster> = None;
    for (i, fix) in usable.iter().enumerate() {
        cluster = Some(match cluster {
            None => Cluster::at(fix),
            Some(mut here) if here.holds(fix) => {
                here.add(fix);
                here
            }
            // One position away between two here is a mistake of the phone.
            Some(here) if usable.get(i + 1).is_some_and(|next| here.holds(next)) => here,
            Some(here) => {
                found.extend(here.stop());
                Cluster::at(fix)
            }
        });
    }
    found.extend(cluster.and_then(|here| here.stop()));
    found
}

struct Cluster {
    latitude: f64,
    longitude: f64,
    count: f64,
    middle: Coordinates,
    from: DateTime<Utc>,
    to: DateTime<Utc>,
}

impl Cluster {
    fn at(fix: &Fix) -> Self {
        Cluster {
            latitude: fix.place.latitude(),
            longitude: fix.place.longitude(),
            count: 1.0,
            middle: fix.place,
            from: fix.at,
            to: fix.at,
        }
    }

    fn holds(&self, fix: &Fix) -> bool {
        fix.at - self.to <= SILENCE
            && self.middle.distance_metres(fix.place) <= RADIUS_METRES + fix.accuracy_metres()
    }

    fn add(&mut self, fix: &Fix) {
        self.latitude += fix.place.latitude();
        self.longitude += fix.place.longitude();
        self.count += 1.0;
        self.to = fix.at;
        // The middle of places is a place, but where rounding says otherwise the old one is as good.
        self.middle =
            Coordinates::new(self.latitude / self.count, self.longitude / self.count).unwrap_or(self.middle);
    }

    fn stop(self) -> Option<Stop> {
        (self.to - self.from >= SHORTEST).then_some(Stop { place: self.middle, from: self.from, to: self.to })
    }
}

#[cfg(test)]
mod tests {
    use super::super::tests::{eight, fix, noise};
    use super::*;

    fn minute(n: i64) -> DateTime<Utc> {
        eight() + TimeDelta::minutes(n)
    }

    #[test]
    fn who_stays_and_goes_on_has_stopped() {
        let mut fixes: Vec<Fix> = (0..10).map(|n| fix(n * 60, n as f64 * 500.0, 0.0)).collect();
        // 12 minutes at an outlet, then on.
        fixes.extend((10..=22).map(|n| {
            let (north, east) = noise(n as u32);
            fix(n * 60, 5_000.0 + north, east)
        }));
        fixes.extend((23..30).map(|n| fix(n * 60, 5_000.0 + (n - 22) as f64 * 500.0, 0.0)));
        let found = stops(&fixes);
        assert_eq!(found.len(), 1);
        assert_eq!((found[0].from, found[0].to), (minute(10), minute(22)));
        assert!(found[0].place.distance_metres(fix(0, 5_000.0, 0.0).place) < 10.0);
    }

    #[test]
    fn two_outlets_in_one_street_are_two_stops() {
        let there = |from: i64, north: f64| (from..from + 8).map(move |n| fix(n * 60, north, 0.0));
        let fixes: Vec<Fix> = there(0, 0.0).chain(there(8, 300.0)).collect();
        assert_eq!(stops(&fixes).len(), 2);
    }

    #[test]
    fn a_position_gone_astray_does_not_cut_a_stop() {
        let fixes: Vec<Fix> = (0..12).map(|n| fix(n * 60, if n == 6 { 4_000.0 } else { 0.0 }, 0.0)).collect();
        let found = stops(&fixes);
        assert_eq!(found.len(), 1);
        assert_eq!(found[0].to, minute(11));
    }

    #[test]
    fn phones_send_seldom_when_they_stand() {
        let found = stops(&[fix(0, 0.0, 0.0), fix(1_800, 10.0, 0.0), fix(3_600, 0.0, 5.0)]);
        assert_eq!(found.len(), 1);
        let silent = stops(&[fix(0, 0.0, 0.0), fix(7_200, 0.0, 0.0)]);
        assert!(silent.is_empty());
    }

    #[test]
    fn who_passes_through_has_not_stopped() {
        let fixes: Vec<Fix> = (0..60).map(|n| fix(n * 10, n as f64 * 60.0, 0.0)).collect();
        assert!(stops(&fixes).is_empty());
        assert!(stops(&[]).is_empty());
    }
}
