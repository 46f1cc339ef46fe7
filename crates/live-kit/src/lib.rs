//! For fault tests and measurements: a real `dms` process on a folder of its own, and clients that talk to it.
//!
//! Nothing here knows what the system does; it starts, kills and restarts the process, keeps connections open, and reads
//! what the processes have cost.

mod client;
mod cpu;
mod server;

pub use client::{Answer, Client, Lost, Session};
pub use cpu::Cpu;
pub use server::Server;
