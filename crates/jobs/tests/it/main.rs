//! Events and jobs on a real PostgreSQL, and on real buses.
#![expect(clippy::unwrap_used, clippy::panic, reason = "helpers of tests stop the test")]

mod bus;
mod dead_letters;
mod events;
mod jobs;
mod support;
