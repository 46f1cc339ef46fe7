//! The database itself: the private server, the tenants' walls, numbers under concurrency.

#![expect(clippy::expect_used, clippy::panic, reason = "helpers of tests stop the test")]

mod embedded;
mod numbers;
mod tenancy;
