//! The demo on a real PostgreSQL.

#![expect(clippy::unwrap_used, clippy::panic, reason = "helpers of tests stop the test")]

mod company;
mod mutations;
mod small;
mod support;
