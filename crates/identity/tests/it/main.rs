//! The capability's endpoints on a real PostgreSQL, with real sessions.

#![expect(clippy::unwrap_used, clippy::panic, reason = "helpers of tests stop the test")]

mod audit;
mod auth;
mod sessions;
mod support;
mod users;
