//! Routes through their endpoints, on a real database.
#![expect(clippy::unwrap_used, clippy::expect_used, reason = "a helper that fails is a test that fails")]

mod calendar;
mod holidays;
mod leave;
mod manage;
mod plan;
mod scope;
mod substitutes;
mod support;
mod today;
mod verify;
