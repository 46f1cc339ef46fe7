//! Money in whole đồng, percentages in basis points, and the one way to round and to share.

use serde::{Deserialize, Deserializer, Serialize, Serializer, de::Error as _};

/// A sum or product left the range of 64 bits. With real documents it means that a quantity or a price is wrong.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the amount is too large to compute with; check quantities and prices")]
pub struct Overflow;

/// An amount in whole đồng; may be negative. Arithmetic is checked.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[cfg_attr(feature = "sqlx", derive(sqlx::Type), sqlx(transparent))]
pub struct Money(i64);

impl Money {
    /// No money.
    pub const ZERO: Self = Self(0);

    /// An amount in whole đồng.
    pub const fn new(dong: i64) -> Self {
        Self(dong)
    }

    /// The amount in whole đồng.
    pub const fn dong(self) -> i64 {
        self.0
    }

    /// Whether it is exactly nothing.
    pub const fn is_zero(self) -> bool {
        self.0 == 0
    }

    /// Whether it is less than nothing.
    pub const fn is_negative(self) -> bool {
        self.0 < 0
    }

    /// Whether it is more than nothing.
    pub const fn is_positive(self) -> bool {
        self.0 > 0
    }

    /// `self + other`.
    pub fn checked_add(self, other: Self) -> Result<Self, Overflow> {
        self.0.checked_add(other.0).map(Self).ok_or(Overflow)
    }

    /// `self - other`.
    pub fn checked_sub(self, other: Self) -> Result<Self, Overflow> {
        self.0.checked_sub(other.0).map(Self).ok_or(Overflow)
    }

    /// `self × times`: a unit price times a number of units.
    pub fn checked_mul(self, times: i64) -> Result<Self, Overflow> {
        self.0.checked_mul(times).map(Self).ok_or(Overflow)
    }

    /// `-self`.
    pub fn checked_neg(self) -> Result<Self, Overflow> {
        self.0.checked_neg().map(Self).ok_or(Overflow)
    }

    /// The sum of many amounts.
    pub fn sum(amounts: impl IntoIterator<Item = Self>) -> Result<Self, Overflow> {
        amounts.into_iter().try_fold(Self::ZERO, Self::checked_add)
    }

    /// This percentage of the amount, rounded half up to the đồng. Half of a đồng below zero is rounded away from
    /// zero, so that a return gives back exactly what the sale took.
    pub fn percent(self, percent: Percent) -> Result<Self, Overflow> {
        const SCALE: i128 = 10_000;
        let product = i128::from(self.0) * i128::from(percent.0);
        let half = if product < 0 { -SCALE / 2 } else { SCALE / 2 };
        i64::try_from((product + half) / SCALE).map(Self).map_err(|_| Overflow)
    }

    /// Shares the amount in proportion to the weights by largest remainder: the shares add up exactly, and no share
    /// is further than one đồng from its exact part. Equal remainders go to the earlier one. Weights below zero count
    /// as zero; when all are zero the amount is shared evenly. Without weights there are no shares.
    pub fn share(self, weights: &[Self]) -> Vec<Self> {
        if weights.is_empty() {
            return Vec::new();
        }
        let mut weights: Vec<i64> = weights.iter().map(|w| w.0.max(0)).collect();
        let mut sum: i128 = weights.iter().copied().map(i128::from).sum();
        if sum == 0 {
            weights.fill(1);
            sum = weights.iter().copied().map(i128::from).sum();
        }
        let whole = self.0.unsigned_abs();
        let mut shares: Vec<u64> = Vec::with_capacity(weights.len());
        let mut remainders: Vec<(u128, usize)> = Vec::with_capacity(weights.len());
        let mut left = whole;
        for (index, weight) in weights.iter().enumerate() {
            let (share, remainder) = part(whole, weight.unsigned_abs(), sum.unsigned_abs());
            shares.push(share);
            remainders.push((remainder, index));
            left -= share;
        }
        // Fewer đồng are left than there are weights.
        let left = usize::try_from(left).unwrap_or(0);
        if left > 0 && left < remainders.len() {
            let larger_then_earlier =
                |(remainder, index): &(u128, usize)| (std::cmp::Reverse(*remainder), *index);
            remainders.select_nth_unstable_by_key(left, larger_then_earlier);
        }
        for (_, index) in &remainders[..left] {
            shares[*index] += 1;
        }
        // A share is never larger than the amount itself, so it fits.
        let signed =
            |share: u64| if self.0 < 0 { 0_i64.checked_sub_unsigned(share) } else { share.try_into().ok() };
        shares.into_iter().map(|share| Self(signed(share).unwrap_or(self.0))).collect()
    }

    /// The amount in Vietnamese words as printed on documents: `Một triệu hai trăm nghìn đồng`.
    pub fn in_words(self) -> String {
        crate::words::amount(self.0)
    }
}

/// `whole × weight ÷ sum` and its remainder; everyday amounts need no wide division.
fn part(whole: u64, weight: u64, sum: u128) -> (u64, u128) {
    if let (Some(exact), Ok(sum)) = (whole.checked_mul(weight), u64::try_from(sum)) {
        return (exact / sum, u128::from(exact % sum));
    }
    let exact = u128::from(whole) * u128::from(weight);
    // No weight is more than the sum, so no share is more than the whole.
    (u64::try_from(exact / sum).unwrap_or(whole), exact % sum)
}

/// Vietnamese notation: `1.234.567 ₫`.
impl std::fmt::Display for Money {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let digits = self.0.unsigned_abs().to_string();
        let mut text = String::with_capacity(digits.len() * 4 / 3 + 6);
        if self.is_negative() {
            text.push('-');
        }
        for (index, digit) in digits.chars().enumerate() {
            if index > 0 && (digits.len() - index).is_multiple_of(3) {
                text.push('.');
            }
            text.push(digit);
        }
        text.push_str(" ₫");
        f.pad(&text)
    }
}

/// A percentage from 0 to 100 with two decimals, kept in basis points.
///
/// In JSON it is the number people write (`8`, `2.5`); in the database it is an `integer` of basis points.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema), schema(value_type = f64))]
pub struct Percent(i32);

/// A percentage outside 0–100, or with more than two decimals.
#[derive(Debug, Clone, Copy, PartialEq, thiserror::Error)]
#[error("a percentage is between 0 and 100 and has at most two decimals")]
pub struct InvalidPercent;

impl Percent {
    /// 0 %.
    pub const ZERO: Self = Self(0);
    /// 100 %.
    pub const HUNDRED: Self = Self(10_000);

    /// From basis points: 850 is 8.5 %.
    pub const fn from_basis_points(basis_points: i32) -> Result<Self, InvalidPercent> {
        if basis_points < 0 || basis_points > Self::HUNDRED.0 {
            return Err(InvalidPercent);
        }
        Ok(Self(basis_points))
    }

    /// From a percentage without decimals: 8 is 8 %.
    pub const fn whole(percent: i32) -> Result<Self, InvalidPercent> {
        match percent.checked_mul(100) {
            Some(basis_points) => Self::from_basis_points(basis_points),
            None => Err(InvalidPercent),
        }
    }

    /// In basis points: 8.5 % is 850.
    pub const fn basis_points(self) -> i32 {
        self.0
    }
}

impl TryFrom<i32> for Percent {
    type Error = InvalidPercent;

    /// From basis points.
    fn try_from(basis_points: i32) -> Result<Self, Self::Error> {
        Self::from_basis_points(basis_points)
    }
}

impl From<Percent> for i32 {
    fn from(percent: Percent) -> Self {
        percent.0
    }
}

checked_column!(Percent as i32);

/// Vietnamese notation: `8%`, `2,5%`.
impl std::fmt::Display for Percent {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let (whole, rest) = (self.0 / 100, self.0 % 100);
        match rest {
            0 => write!(f, "{whole}%"),
            _ if rest % 10 == 0 => write!(f, "{whole},{}%", rest / 10),
            _ => write!(f, "{whole},{rest:02}%"),
        }
    }
}

impl Serialize for Percent {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        if self.0 % 100 == 0 {
            serializer.serialize_i32(self.0 / 100)
        } else {
            serializer.serialize_f64(f64::from(self.0) / 100.0)
        }
    }
}

impl<'de> Deserialize<'de> for Percent {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let scaled = f64::deserialize(deserializer)? * 100.0;
        let rounded = scaled.round();
        // 2.3 is not exact in binary; a third decimal is far outside this tolerance.
        if !(0.0..=10_000.0).contains(&rounded) || (scaled - rounded).abs() > 1e-6 {
            return Err(D::Error::custom(InvalidPercent));
        }
        Ok(Self(rounded as i32))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn dong(amounts: &[i64]) -> Vec<Money> {
        amounts.iter().copied().map(Money::new).collect()
    }

    #[test]
    fn vat_of_the_companys_own_example_is_reproduced() {
        let vat = Money::new(388_896).percent(Percent::whole(8).unwrap());
        assert_eq!(vat, Ok(Money::new(31_112)));
    }

    #[test]
    fn half_a_dong_is_rounded_up_and_a_return_mirrors_the_sale() {
        let five = Percent::whole(5).unwrap();
        assert_eq!(Money::new(10).percent(five), Ok(Money::new(1)));
        assert_eq!(Money::new(9).percent(five), Ok(Money::ZERO));
        assert_eq!(Money::new(-10).percent(five), Ok(Money::new(-1)));
    }

    #[test]
    fn arithmetic_that_overflows_is_an_error() {
        let most = Money::new(i64::MAX);
        assert_eq!(most.checked_add(Money::new(1)), Err(Overflow));
        assert_eq!(Money::new(i64::MIN).checked_sub(Money::new(1)), Err(Overflow));
        assert_eq!(most.checked_mul(2), Err(Overflow));
        assert_eq!(Money::new(i64::MIN).checked_neg(), Err(Overflow));
        assert_eq!(Money::sum([most, most]), Err(Overflow));
        assert_eq!(most.percent(Percent::HUNDRED), Ok(most));
    }

    #[test]
    fn money_prints_as_vietnamese_readers_expect() {
        for (amount, text) in [
            (0, "0 ₫"),
            (999, "999 ₫"),
            (1_000, "1.000 ₫"),
            (1_234_567, "1.234.567 ₫"),
            (-1_234_567, "-1.234.567 ₫"),
            (i64::MIN, "-9.223.372.036.854.775.808 ₫"),
        ] {
            assert_eq!(Money::new(amount).to_string(), text);
        }
    }

    #[test]
    fn shares_go_to_the_largest_remainders_and_then_to_the_earlier() {
        assert_eq!(Money::new(100).share(&dong(&[1, 1, 1])), dong(&[34, 33, 33]));
        assert_eq!(Money::new(10).share(&dong(&[1, 2])), dong(&[3, 7]));
        assert_eq!(Money::new(-10).share(&dong(&[1, 2])), dong(&[-3, -7]));
        assert_eq!(Money::new(5).share(&dong(&[0, 0])), dong(&[3, 2]));
        assert_eq!(Money::new(5).share(&dong(&[-4, 1])), dong(&[0, 5]));
        assert!(Money::new(5).share(&[]).is_empty());
        let most = i64::MAX;
        assert_eq!(Money::new(most).share(&dong(&[most, most])), dong(&[most / 2 + 1, most / 2]));
        assert_eq!(Money::new(i64::MIN).share(&dong(&[1])), dong(&[i64::MIN]));
    }

    #[test]
    fn a_percentage_travels_as_people_write_it() {
        for (basis_points, json, text) in [(800, "8", "8%"), (250, "2.5", "2,5%"), (1205, "12.05", "12,05%")]
        {
            let percent = Percent::from_basis_points(basis_points).unwrap();
            assert_eq!(serde_json::to_string(&percent).unwrap(), json);
            assert_eq!(serde_json::from_str::<Percent>(json).unwrap(), percent);
            assert_eq!(percent.to_string(), text);
        }
        for json in ["-1", "100.5", "1.234", "\"8\"", "1e300"] {
            assert!(serde_json::from_str::<Percent>(json).is_err(), "{json}");
        }
        assert!(Percent::whole(101).is_err());
        assert!(Percent::whole(i32::MAX).is_err());
    }

    proptest! {
        #[test]
        fn shares_always_add_up_and_never_exceed_their_weight(
            weights in prop::collection::vec(0..=1_000_000_000_i64, 1..20), part in 0..=10_000_i32,
        ) {
            let weights = dong(&weights);
            let sum = Money::sum(weights.iter().copied()).unwrap();
            let amount = sum.percent(Percent::from_basis_points(part).unwrap()).unwrap();
            let shares = amount.share(&weights);
            prop_assert_eq!(Money::sum(shares.iter().copied()), Ok(amount));
            for (share, weight) in shares.iter().zip(&weights) {
                prop_assert!(*share >= Money::ZERO && share <= weight);
            }
        }

        #[test]
        fn every_percentage_survives_json(basis_points in 0..=10_000_i32) {
            let percent = Percent::from_basis_points(basis_points).unwrap();
            let json = serde_json::to_string(&percent).unwrap();
            prop_assert_eq!(serde_json::from_str::<Percent>(&json).unwrap(), percent);
        }
    }
}
