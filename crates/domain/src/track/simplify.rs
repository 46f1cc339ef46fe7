use crate::Coordinates;

/// The first tolerance, in metres: under what a phone is wrong by.
const FINEST: f64 = 3.0;

/// Which of the places to keep, so that at most about `most` are left and the line hardly changes: the first and the
/// last always, and those that stand out from it (Douglas–Peucker, with as little tolerance as does it).
pub fn simplify(places: &[Coordinates], most: usize) -> Vec<usize> {
    let most = most.max(2);
    let mut kept: Vec<usize> = (0..places.len()).collect();
    let mut tolerance = FINEST;
    while kept.len() > most {
        kept = outstanding(places, &kept, tolerance);
        tolerance *= 2.0;
    }
    kept
}

fn outstanding(places: &[Coordinates], among: &[usize], tolerance: f64) -> Vec<usize> {
    let Some(last) = among.len().checked_sub(1) else { return Vec::new() };
    let mut keep = vec![false; among.len()];
    keep[0] = true;
    keep[last] = true;
    let mut spans = vec![(0, last)];
    while let Some((first, last)) = spans.pop() {
        let (start, end) = (places[among[first]], places[among[last]]);
        let farthest = (first + 1..last)
            .map(|i| (i, offset(start, end, places[among[i]])))
            .max_by(|a, b| a.1.total_cmp(&b.1));
        if let Some((i, metres)) = farthest
            && metres > tolerance
        {
            keep[i] = true;
            spans.push((first, i));
            spans.push((i, last));
        }
    }
    among.iter().zip(keep).filter_map(|(i, keep)| keep.then_some(*i)).collect()
}

/// How far a place lies from the line between two others, in metres; the earth is flat over a day's way.
fn offset(start: Coordinates, end: Coordinates, place: Coordinates) -> f64 {
    const METRES_PER_DEGREE: f64 = 111_195.0;
    let scale = start.latitude().to_radians().cos();
    let flat = |c: Coordinates| {
        (
            (c.longitude() - start.longitude()) * scale * METRES_PER_DEGREE,
            (c.latitude() - start.latitude()) * METRES_PER_DEGREE,
        )
    };
    let ((ex, ey), (px, py)) = (flat(end), flat(place));
    let length = ex * ex + ey * ey;
    let along = if length == 0.0 { 0.0 } else { ((px * ex + py * ey) / length).clamp(0.0, 1.0) };
    (px - along * ex).hypot(py - along * ey)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::super::tests::fix;
    use super::*;

    #[test]
    fn a_straight_way_needs_its_ends_and_a_corner_stays() {
        let mut places: Vec<Coordinates> =
            (0..=500).map(|n| fix(0, f64::from(n) * 10.0, 0.0).place).collect();
        places.extend((1..=500).map(|n| fix(0, 5_000.0, f64::from(n) * 10.0).place));
        assert_eq!(simplify(&places, 100), [0, 500, 1_000]);
    }

    #[test]
    fn a_short_way_stays_as_it_is() {
        let places = [fix(0, 0.0, 0.0).place, fix(0, 1.0, 0.0).place, fix(0, 2.0, 0.0).place];
        assert_eq!(simplify(&places, 3), [0, 1, 2]);
        assert!(simplify(&[], 10).is_empty());
    }

    proptest! {
        #[test]
        fn few_are_left_in_order_with_both_ends(
            steps in proptest::collection::vec((-5_000.0..5_000.0_f64, -5_000.0..5_000.0_f64), 2..300),
            most in 2_usize..50,
        ) {
            let places: Vec<Coordinates> = steps.into_iter().map(|(n, e)| fix(0, n, e).place).collect();
            let kept = simplify(&places, most);
            prop_assert!(kept.len() <= most.max(2));
            prop_assert_eq!((kept[0], kept[kept.len() - 1]), (0, places.len() - 1));
            prop_assert!(kept.windows(2).all(|pair| pair[0] < pair[1]));
        }
    }
}
