//! The capability's endpoints on a real PostgreSQL.

#![expect(clippy::unwrap_used, reason = "helpers of tests stop the test")]

mod distributors;
mod photos;
mod units;
