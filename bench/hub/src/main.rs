//! Deliveries per second, delays and memory of hubs: ours, socketioxide's, and socket.io's by `socketio.mjs`.
//!
//! `bench-hub serve ours|oxide PORT` serves; `bench-hub receive ours|socketio PORT CLIENTS RATE SECONDS` connects clients,
//! has the server broadcast, and counts what arrives. `run.sh` runs them in turn, each on a core of its own.
//! `bench-hub soak PORT CLIENTS MINUTES` has clients come and go at ours, and says each minute what the server takes.

mod receive;
mod serve;
mod soak;

use clap::{Parser, Subcommand};

#[derive(Parser)]
struct Arguments {
    #[command(subcommand)]
    what: What,
}

#[derive(Subcommand)]
enum What {
    /// Serves until it is ended.
    Serve {
        /// `ours` or `oxide`.
        hub: String,
        port: u16,
    },
    /// Connects clients and counts.
    Receive {
        /// `ours` or `socketio`.
        protocol: String,
        port: u16,
        clients: usize,
        /// Broadcasts per second.
        rate: u64,
        seconds: u64,
    },
    /// Has clients come and go, with a broadcast each second.
    Soak { port: u16, clients: u64, minutes: u64 },
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> anyhow::Result<()> {
    match Arguments::parse().what {
        What::Serve { hub, port } => serve::run(&hub, port).await,
        What::Receive { protocol, port, clients, rate, seconds } => {
            receive::run(protocol == "ours", port, clients, rate, seconds).await
        }
        What::Soak { port, clients, minutes } => soak::run(port, clients, minutes).await,
    }
}
