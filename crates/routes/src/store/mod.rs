//! All SQL of routes. Every function fails only when the database refuses.

mod assignments;
mod customers;
mod findings;
mod holidays;
mod leaves;
mod plan;
mod policies;
mod routes;
mod substitutions;

pub use assignments::*;
pub use customers::*;
pub(crate) use findings::*;
pub(crate) use holidays::*;
pub(crate) use leaves::*;
pub(crate) use plan::*;
pub(crate) use policies::*;
pub use routes::*;
pub(crate) use substitutions::*;

use domain::route::Weekdays;

/// What a column holds that the rules don't know: a fault of ours, never of the caller.
fn unreadable(what: &'static str, text: impl std::fmt::Display) -> sqlx::Error {
    sqlx::Error::Decode(format!("{what}: {text}").into())
}

pub(crate) fn weekdays(stored: &[i16]) -> Result<Weekdays, sqlx::Error> {
    let days: Result<Vec<u8>, _> = stored.iter().map(|day| u8::try_from(*day)).collect();
    Weekdays::new(days.map_err(|e| unreadable("weekdays", e))?).map_err(|e| unreadable("weekdays", e))
}

pub(crate) fn weekday_numbers(days: &Weekdays) -> Vec<i16> {
    days.iter().map(i16::from).collect()
}

/// A text that is one of the words of the rules.
pub(crate) fn word<T: std::str::FromStr<Err: std::fmt::Display>>(text: &str) -> Result<T, sqlx::Error> {
    text.parse().map_err(|e| unreadable("word", e))
}
