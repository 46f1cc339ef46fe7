//! All SQL of routes. Every function fails only when the database refuses.

mod assignments;
mod customers;
mod plan;
mod routes;

pub use assignments::*;
pub use customers::*;
pub(crate) use plan::*;
pub use routes::*;

use domain::route::{Cadence, Weekdays};

use crate::model;

/// What a column holds that the rules don't know: a fault of ours, never of the caller.
fn unreadable(what: &'static str, text: impl std::fmt::Display) -> sqlx::Error {
    sqlx::Error::Decode(format!("{what}: {text}").into())
}

fn weekdays(stored: &[i16]) -> Result<Weekdays, sqlx::Error> {
    let days: Result<Vec<u8>, _> = stored.iter().map(|day| u8::try_from(*day)).collect();
    Weekdays::new(days.map_err(|e| unreadable("weekdays", e))?).map_err(|e| unreadable("weekdays", e))
}

fn weekday_numbers(days: &Weekdays) -> Vec<i16> {
    days.iter().map(i16::from).collect()
}

fn cadence(text: &str) -> Result<Cadence, sqlx::Error> {
    model::cadence(text).ok_or_else(|| unreadable("frequency", text))
}
