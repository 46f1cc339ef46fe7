//! The server against raw frames on a real socket.

#![expect(clippy::unwrap_used, clippy::panic, reason = "a harness that panics fails its test")]

mod access;
mod events;
mod handshake;
mod harness;
mod invocations;
mod lifetime;
mod negotiation;
