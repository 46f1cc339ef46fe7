//! Quantities: always counted in retail pieces, typed in cases or pieces.

use crate::{Money, Overflow};
use serde::{Deserialize, Serialize};

/// A number of retail pieces; negative where goods leave.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[cfg_attr(feature = "sqlx", derive(sqlx::Type), sqlx(transparent))]
pub struct Quantity(i64);

impl Quantity {
    /// Nothing.
    pub const ZERO: Self = Self(0);

    /// So many retail pieces.
    pub const fn new(pieces: i64) -> Self {
        Self(pieces)
    }

    /// The number of retail pieces.
    pub const fn pieces(self) -> i64 {
        self.0
    }

    /// Whether it is exactly nothing.
    pub const fn is_zero(self) -> bool {
        self.0 == 0
    }

    /// Whether it is more than nothing.
    pub const fn is_positive(self) -> bool {
        self.0 > 0
    }

    /// Whether it is less than nothing.
    pub const fn is_negative(self) -> bool {
        self.0 < 0
    }

    /// `self + other`.
    pub fn checked_add(self, other: Self) -> Result<Self, Overflow> {
        self.0.checked_add(other.0).map(Self).ok_or(Overflow)
    }

    /// `self - other`.
    pub fn checked_sub(self, other: Self) -> Result<Self, Overflow> {
        self.0.checked_sub(other.0).map(Self).ok_or(Overflow)
    }

    /// `-self`.
    pub fn checked_neg(self) -> Result<Self, Overflow> {
        self.0.checked_neg().map(Self).ok_or(Overflow)
    }

    /// The sum of many quantities.
    pub fn sum(quantities: impl IntoIterator<Item = Self>) -> Result<Self, Overflow> {
        quantities.into_iter().try_fold(Self::ZERO, Self::checked_add)
    }
}

impl std::fmt::Display for Quantity {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.0.fmt(f)
    }
}

text_enum! {
    /// The unit a quantity was typed in.
    pub enum Unit as "unit" {
        /// The case (ĐVT chẵn).
        Whole = "whole",
        /// The piece (ĐVT lẻ).
        Retail = "retail",
    }
}

/// Retail pieces per case (hệ số quy đổi), at least 1. A `bigint` in the database.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "i64", into = "i64")]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema), schema(value_type = i64))]
pub struct Conversion(i64);

/// A conversion factor below 1.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the conversion factor must be 1 or more, not {0}")]
pub struct InvalidConversion(pub i64);

impl Conversion {
    /// A product sold only by the piece.
    pub const ONE: Self = Self(1);

    /// So many pieces per case.
    pub const fn new(pieces_per_case: i64) -> Result<Self, InvalidConversion> {
        if pieces_per_case < 1 {
            return Err(InvalidConversion(pieces_per_case));
        }
        Ok(Self(pieces_per_case))
    }

    /// Pieces per case.
    pub const fn pieces_per_case(self) -> i64 {
        self.0
    }

    /// Pieces per such unit: 1 for a piece, the factor for a case.
    pub const fn pieces_per(self, unit: Unit) -> i64 {
        match unit {
            Unit::Whole => self.0,
            Unit::Retail => 1,
        }
    }

    /// Whole cases and the pieces left over. Both carry the sign of the quantity: −13 at 12 per case is −1 and −1.
    pub const fn split(self, quantity: Quantity) -> CasesAndPieces {
        CasesAndPieces { cases: quantity.0 / self.0, pieces: quantity.0 % self.0 }
    }
}

impl TryFrom<i64> for Conversion {
    type Error = InvalidConversion;

    fn try_from(pieces_per_case: i64) -> Result<Self, Self::Error> {
        Self::new(pieces_per_case)
    }
}

impl From<Conversion> for i64 {
    fn from(conversion: Conversion) -> Self {
        conversion.0
    }
}

checked_column!(Conversion as i64);

/// A quantity broken down into whole cases and single pieces.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct CasesAndPieces {
    /// Whole cases.
    pub cases: i64,
    /// Pieces left over, fewer than a case.
    pub pieces: i64,
}

/// A quantity as it was typed: a number of a unit.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct TypedQuantity {
    /// How many of the unit.
    pub quantity: i64,
    /// Cases or pieces.
    pub unit: Unit,
}

impl TypedQuantity {
    /// So many cases.
    pub const fn cases(quantity: i64) -> Self {
        Self { quantity, unit: Unit::Whole }
    }

    /// So many pieces.
    pub const fn retail(quantity: i64) -> Self {
        Self { quantity, unit: Unit::Retail }
    }

    /// The same quantity counted in retail pieces.
    pub fn to_pieces(self, conversion: Conversion) -> Result<Quantity, Overflow> {
        self.quantity.checked_mul(conversion.pieces_per(self.unit)).map(Quantity).ok_or(Overflow)
    }
}

/// What a case and a piece cost; a case is not always the price of its pieces.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct UnitPrices {
    /// Per case, before VAT.
    pub whole: Money,
    /// Per piece, before VAT.
    pub retail: Money,
}

impl UnitPrices {
    /// The price of this unit.
    pub const fn of(self, unit: Unit) -> Money {
        match unit {
            Unit::Whole => self.whole,
            Unit::Retail => self.retail,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn cases_become_pieces_by_the_factor() {
        let twelve = Conversion::new(12).unwrap();
        assert_eq!(TypedQuantity::cases(2).to_pieces(twelve), Ok(Quantity::new(24)));
        assert_eq!(TypedQuantity::retail(7).to_pieces(twelve), Ok(Quantity::new(7)));
        assert_eq!(TypedQuantity::cases(i64::MAX).to_pieces(twelve), Err(Overflow));
    }

    #[test]
    fn pieces_split_into_cases_and_rest_with_the_sign_of_both() {
        let twelve = Conversion::new(12).unwrap();
        assert_eq!(twelve.split(Quantity::new(27)), CasesAndPieces { cases: 2, pieces: 3 });
        assert_eq!(twelve.split(Quantity::new(-13)), CasesAndPieces { cases: -1, pieces: -1 });
    }

    #[test]
    fn a_factor_below_one_is_refused_everywhere() {
        assert_eq!(Conversion::new(0), Err(InvalidConversion(0)));
        assert!(serde_json::from_str::<Conversion>("0").is_err());
        assert_eq!(serde_json::from_str::<Conversion>("12").unwrap(), Conversion::new(12).unwrap());
    }

    #[test]
    fn units_are_spelled_as_in_the_api() {
        assert_eq!(
            serde_json::to_string(&TypedQuantity::cases(2)).unwrap(),
            r#"{"quantity":2,"unit":"whole"}"#
        );
        assert_eq!("retail".parse(), Ok(Unit::Retail));
        let unknown = "box".parse::<Unit>().unwrap_err();
        assert_eq!(unknown.to_string(), "\"box\" is not a known unit; known: whole, retail");
    }

    proptest! {
        #[test]
        fn splitting_loses_nothing(pieces in -1_000_000_i64..1_000_000, factor in 1_i64..500) {
            let factor = Conversion::new(factor).unwrap();
            let CasesAndPieces { cases, pieces: rest } = factor.split(Quantity::new(pieces));
            prop_assert_eq!(cases * factor.pieces_per_case() + rest, pieces);
            prop_assert!(rest.abs() < factor.pieces_per_case());
        }
    }
}
