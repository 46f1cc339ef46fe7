//! What the system does in a second, beside the least SQL that does the same work.
//!
//! The real server runs on a folder of its own, with commits that last. Each operation is measured in rounds, by turns
//! with pgbench running a bare statement for the same work on the same PostgreSQL, so that a noisy machine slows
//! both; the ratio of the medians is the result. CPU time per operation stands beside it.

mod bare;
mod field;
mod field_day;
mod fleet;
mod limits;
mod load;
mod measure;
mod operations;
mod pgbench;
mod quote;
mod stock_report;
mod table;

use std::path::PathBuf;
use std::time::Duration;

use anyhow::Context as _;
use clap::Parser;
use live_kit::Server;

/// Measures the server against bare SQL; prints a table and writes it to bench/results.
#[derive(Parser)]
struct Options {
    /// The server program.
    #[arg(long, default_value = "target/release/dms")]
    program: PathBuf,
    /// Which made-up company to measure on: small or company.
    #[arg(long, default_value = "small")]
    scale: String,
    /// Measure on this data folder, made by an earlier run, instead of a new one that is deleted afterwards.
    #[arg(long)]
    data: Option<PathBuf>,
    /// Clients at once.
    #[arg(long, default_value_t = 8)]
    clients: usize,
    /// Rounds of each operation; the median counts.
    #[arg(long, default_value_t = 5)]
    rounds: usize,
    /// Seconds of each round.
    #[arg(long, default_value_t = 4)]
    seconds: u64,
    /// Only operations whose name contains this.
    #[arg(long, default_value = "")]
    only: String,
}

fn main() -> anyhow::Result<()> {
    let options = Options::parse();
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    runtime.block_on(run(options))
}

async fn run(options: Options) -> anyhow::Result<()> {
    let server = match &options.data {
        Some(data) => Server::start_in(&options.program, data, &options.scale).await,
        None => Server::start_scaled(&options.program, &options.scale).await,
    };
    let socket = server.socket().context("the database's socket")?;
    pgbench::prepare(&socket)?;
    let fleet = fleet::Fleet::gather(&server).await?;
    eprintln!(
        "{} distributors, {} customers, {} products",
        fleet.offices.len(),
        fleet.customers(),
        fleet.products.len()
    );
    settle(&server).await;
    let mut rows = operations::measure_all(&options, &server, &socket, &fleet).await?;
    let mut bounds = Vec::new();
    field::measure_all(&options, &server, &socket, &mut rows, &mut bounds).await?;
    if "stock in and out".contains(&options.only) {
        stock_report::measure(&options, &server, &socket, &mut bounds).await?;
    }
    if "quote".contains(&options.only) {
        quote::measure(&mut bounds)?;
    }
    table::print(&rows);
    limits::report(&bounds, "bench/results/limits.json")?;
    table::write(&rows, "bench/results/orders.json")
}

/// Waits until what a start sets going (jobs that are due, autovacuum) is done, ten minutes at most: it isn't what is measured.
async fn settle(server: &Server) {
    let (mut quiet, mut before) = (0, server.cpu());
    for second in 0..600 {
        tokio::time::sleep(Duration::from_secs(1)).await;
        let now = server.cpu();
        let used = now.since(before);
        before = now;
        quiet = if used.dms + used.postgres < Duration::from_millis(100) { quiet + 1 } else { 0 };
        if quiet == 5 {
            eprintln!("quiet after {second} s");
            return;
        }
    }
    eprintln!("not quiet after ten minutes: figures are too high");
}
