use super::Fix;

/// Less than this isn't a way, whatever the phone says about its accuracy.
const STEP_METRES: f64 = 30.0;

/// The way along positions in order, in metres.
///
/// A step counts once it is longer than what both its ends may be wrong by, so that a phone that lies still adds
/// nothing; rough positions and leaps that nobody can make add nothing either.
pub fn length_metres(fixes: &[Fix]) -> f64 {
    let mut total = 0.0;
    let mut anchor: Option<Fix> = None;
    let mut doubtful: Option<Fix> = None;
    for fix in fixes.iter().filter(|fix| fix.is_usable()) {
        let Some(from) = anchor else {
            anchor = Some(*fix);
            continue;
        };
        if !from.reaches(fix) {
            // One such position is a mistake of the phone. Two that agree say that it is there, however it got there.
            match doubtful.filter(|other| other.reaches(fix)) {
                Some(other) => {
                    total += step(&other, fix);
                    anchor = Some(*fix);
                    doubtful = None;
                }
                None => doubtful = Some(*fix),
            }
            continue;
        }
        doubtful = None;
        let metres = step(&from, fix);
        if metres > 0.0 {
            total += metres;
            anchor = Some(*fix);
        }
    }
    total
}

fn step(from: &Fix, to: &Fix) -> f64 {
    let metres = from.metres_to(to);
    let noise = STEP_METRES + from.accuracy_metres() + to.accuracy_metres();
    if metres > noise { metres } else { 0.0 }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::super::tests::{fix, noise};
    use super::*;

    #[test]
    fn a_phone_that_lies_still_all_day_goes_nowhere() {
        let fixes: Vec<Fix> = (0..2_880)
            .map(|n| {
                let (north, east) = noise(n);
                fix(i64::from(n) * 10, north, east)
            })
            .collect();
        let metres = length_metres(&fixes);
        assert!(metres < 200.0, "{metres}");
    }

    #[test]
    fn ten_kilometres_on_the_road_are_ten() {
        // 10 m/s, a position every 10 seconds, each a little wrong.
        let fixes: Vec<Fix> = (0..=100)
            .map(|n| {
                let (north, east) = noise(n);
                fix(i64::from(n) * 10, f64::from(n) * 100.0 + north, east)
            })
            .collect();
        let metres = length_metres(&fixes);
        assert!((metres - 10_000.0).abs() < 300.0, "{metres}");
    }

    #[test]
    fn there_and_back_counts_both_ways() {
        let metres = length_metres(&[fix(0, 0.0, 0.0), fix(300, 2_000.0, 0.0), fix(600, 0.0, 0.0)]);
        assert!((metres - 4_000.0).abs() < 10.0, "{metres}");
    }

    #[test]
    fn a_position_that_leaps_away_and_back_adds_nothing() {
        let fixes = [fix(0, 0.0, 0.0), fix(10, 9_000.0, 0.0), fix(20, 0.0, 0.0), fix(300, 500.0, 0.0)];
        let metres = length_metres(&fixes);
        assert!((metres - 500.0).abs() < 5.0, "{metres}");
    }

    #[test]
    fn a_leap_that_stays_adds_nothing_but_what_follows_counts() {
        let fixes =
            [fix(0, 0.0, 0.0), fix(10, 90_000.0, 0.0), fix(310, 91_000.0, 0.0), fix(610, 92_000.0, 0.0)];
        let metres = length_metres(&fixes);
        assert!((metres - 2_000.0).abs() < 10.0, "{metres}");
    }

    #[test]
    fn rough_positions_are_passed_over() {
        let rough = Fix { accuracy: Some(800.0), ..fix(60, 700.0, 0.0) };
        assert_eq!(length_metres(&[fix(0, 0.0, 0.0), rough, fix(120, 0.0, 0.0)]), 0.0);
        assert_eq!(length_metres(&[]), 0.0);
    }

    proptest! {
        #[test]
        fn a_way_is_never_longer_than_its_positions_lie_apart(
            steps in proptest::collection::vec((1_i64..600, -3_000.0..3_000.0_f64, -3_000.0..3_000.0_f64), 0..60),
        ) {
            let mut at = 0;
            let fixes: Vec<Fix> = steps.into_iter().map(|(dt, north, east)| {
                at += dt;
                fix(at, north, east)
            }).collect();
            let apart: f64 = fixes.windows(2).map(|pair| pair[0].metres_to(&pair[1])).sum();
            prop_assert!(length_metres(&fixes) <= apart + 1e-6);
        }
    }
}
