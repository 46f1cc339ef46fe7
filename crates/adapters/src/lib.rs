//! Ports to the outside and what stands behind them: an embedded default for one machine, the real thing in a cloud.

pub mod blob;
pub mod bus;
pub mod push;
pub mod redis;
mod send;
pub mod sms;

pub use send::{Attempt, SendError};
