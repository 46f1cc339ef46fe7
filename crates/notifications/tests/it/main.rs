//! What people are told, through the consumer, the sender and the endpoints, on a real database.
#![expect(clippy::unwrap_used, reason = "helpers of tests stop the test")]

mod devices;
mod inbox;
mod preferences;
mod sending;
mod support;
