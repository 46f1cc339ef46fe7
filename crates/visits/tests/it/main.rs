//! Visits, photos and attendance through their endpoints, on a real database.
#![expect(clippy::unwrap_used, clippy::expect_used, reason = "a helper that fails is a test that fails")]

mod attendance;
mod check_in;
mod check_out;
mod photos;
mod reading;
mod support;
