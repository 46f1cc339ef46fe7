//! Chance that falls the same way each time, and ids that come out the same.

use uuid::Uuid;

/// FNV-1a.
fn digest(text: &str) -> u64 {
    text.bytes()
        .fold(0xcbf2_9ce4_8422_2325, |hash, byte| (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3))
}

/// The id of the thing with this name: always the same, so that a second run finds what the first one made.
pub fn id(kind: &str, name: &str) -> Uuid {
    let mut dice = Dice::of(&format!("{kind}/{name}"));
    let bits = u128::from(dice.next()) << 64 | u128::from(dice.next());
    uuid::Builder::from_custom_bytes(bits.to_be_bytes()).into_uuid()
}

/// A stream of numbers (SplitMix64) that depends on its name only.
pub struct Dice(u64);

impl Dice {
    /// The stream with this name.
    pub fn of(name: &str) -> Self {
        Dice(digest(name))
    }

    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    /// One of `0..end`; 0 when there is none.
    pub fn below(&mut self, end: usize) -> usize {
        let end = end.max(1) as u64;
        usize::try_from(self.next() % end).unwrap_or(0)
    }

    /// From `low` to `high`, both included.
    pub fn between(&mut self, low: i64, high: i64) -> i64 {
        let span = u64::try_from(high - low).unwrap_or(0) + 1;
        low + i64::try_from(self.next() % span).unwrap_or(0)
    }

    /// True in so many of a hundred cases.
    pub fn percent(&mut self, percent: i64) -> bool {
        self.between(0, 99) < percent
    }

    /// One of them.
    pub fn pick<'a, T>(&mut self, of: &'a [T]) -> &'a T {
        &of[self.below(of.len())]
    }

    /// One of them, the first `n` of a weight of so much each.
    pub fn weighted<'a, T>(&mut self, of: &'a [(i64, T)]) -> &'a T {
        let total: i64 = of.iter().map(|(weight, _)| weight).sum();
        let mut left = self.between(0, total - 1);
        for (weight, item) in of {
            left -= weight;
            if left < 0 {
                return item;
            }
        }
        &of[0].1
    }

    /// Between `-spread` and `spread`, in steps of a millionth of it.
    pub fn around(&mut self, spread: f64) -> f64 {
        self.between(-1_000_000, 1_000_000) as f64 / 1_000_000.0 * spread
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_always_gives_the_same_id_and_the_same_numbers() {
        assert_eq!(id("user", "nvbh01"), id("user", "nvbh01"));
        assert_ne!(id("user", "nvbh01"), id("user", "nvbh02"));
        let throw = || {
            let mut dice = Dice::of("a");
            (0..5).map(|_| dice.between(1, 6)).collect::<Vec<_>>()
        };
        assert_eq!(throw(), throw());
    }

    #[test]
    fn numbers_stay_within_their_bounds_and_reach_them() {
        let mut dice = Dice::of("bounds");
        let thrown: std::collections::BTreeSet<i64> = (0..500).map(|_| dice.between(1, 6)).collect();
        assert_eq!(thrown.into_iter().collect::<Vec<_>>(), [1, 2, 3, 4, 5, 6]);
        assert_eq!(dice.below(1), 0);
        assert!((0..100).all(|_| dice.around(0.5).abs() <= 0.5));
        assert!(!dice.percent(0) && dice.percent(100));
    }
}
