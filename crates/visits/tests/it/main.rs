//! Visits and photos through their endpoints, on a real database.
#![expect(clippy::unwrap_used, clippy::expect_used, reason = "a helper that fails is a test that fails")]

mod check_in;
mod check_out;
mod late;
mod locations;
mod photos;
mod policies;
mod reading;
mod steps;
mod support;
mod verify;
