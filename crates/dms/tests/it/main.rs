//! The real program, as it is run, under loads and faults.

#![expect(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "tests may fail")]

mod canary;
mod doctor;
mod faults;
mod operations;
mod sim;
mod traces;
