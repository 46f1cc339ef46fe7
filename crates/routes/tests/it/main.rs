//! Routes through their endpoints, on a real database.
#![expect(clippy::unwrap_used, clippy::expect_used, reason = "a helper that fails is a test that fails")]

mod manage;
mod support;
mod today;
