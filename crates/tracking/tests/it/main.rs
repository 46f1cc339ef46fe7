//! Tracking through its endpoints, on a real database.
#![expect(clippy::unwrap_used, clippy::expect_used, reason = "a helper that fails is a test that fails")]

mod declarations;
mod live;
mod locations;
mod path;
mod positions;
mod support;
mod suspicions;
mod worker;
