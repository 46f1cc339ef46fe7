//! All SQL of this capability.

pub mod distributors;
pub mod photos;
pub mod units;

use std::str::FromStr;

use domain::UnknownWord;

/// Reads a word whose spelling the database checks.
fn word<T: FromStr<Err = UnknownWord>>(text: &str) -> Result<T, sqlx::Error> {
    text.parse().map_err(|e| sqlx::Error::Decode(Box::new(e)))
}
