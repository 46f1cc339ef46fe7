//! The pricing engine from outside: schemes, edges, defects of others that must not be ours, and what always holds.

#![expect(clippy::unwrap_used, clippy::panic, reason = "helpers of tests stop the test")]

mod catalogue;
mod defects;
mod limits;
mod lint;
mod make;
mod oracle;
mod properties;
mod sample;
mod settle;
mod simulate;
