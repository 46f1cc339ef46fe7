//! The server against raw frames on a real socket.

#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a harness that panics fails its test"
)]

mod access;
#[cfg(feature = "azure")]
mod azure;
mod events;
mod handshake;
mod harness;
mod hub;
mod invocations;
mod lifetime;
mod load;
mod long_polling;
mod msgpack;
mod negotiation;
mod official;
mod proxy;
#[cfg(feature = "redis")]
mod redis;
mod stateful;
mod streams;
