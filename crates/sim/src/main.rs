//! Days at random, as many as wanted: `sim --seeds 1000 --phones 8 --visits 25`.

use std::path::PathBuf;
use std::time::Instant;

use clap::Parser;
use live_kit::Server;
use sim::{Size, World};

/// Simulates phones over a bad network against the real server.
#[derive(Parser)]
struct Options {
    /// The dms program.
    #[arg(long, default_value = "target/release/dms")]
    dms: PathBuf,
    /// The first seed.
    #[arg(long, default_value_t = 1)]
    from: u64,
    /// How many seeds.
    #[arg(long, default_value_t = 20)]
    seeds: u64,
    /// Phones a day.
    #[arg(long, default_value_t = 5)]
    phones: usize,
    /// Visits a phone.
    #[arg(long, default_value_t = 25)]
    visits: usize,
    /// Batches of positions a phone.
    #[arg(long, default_value_t = 100)]
    walks: usize,
    /// Photos without their bytes: much faster.
    #[arg(long)]
    no_bytes: bool,
    /// One of so many phones has a wrong clock; 0 is none.
    #[arg(long, default_value_t = 5)]
    wrong_clocks: u32,
    /// Kills of the server a day.
    #[arg(long, default_value_t = 3)]
    kills: usize,
    /// Days on one server, before the next one begins anew.
    #[arg(long, default_value_t = 20)]
    days: u64,
}

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    let options = Options::parse();
    let size = Size {
        phones: options.phones,
        visits: options.visits,
        walks: options.walks,
        bytes: !options.no_bytes,
        wrong_clocks: options.wrong_clocks,
        kills: options.kills,
    };
    let mut seed = options.from;
    let end = options.from + options.seeds;
    while seed < end {
        let mut world = World::of(Server::start(&options.dms).await).await?;
        let first = seed;
        while seed < end && seed < first + options.days {
            let began = Instant::now();
            let report = world.day(seed, size).await?;
            println!("seed {seed}: {report:?} in {:.1} s", began.elapsed().as_secs_f64());
            seed += 1;
        }
        world.verify()?;
        println!("seeds {first}..{seed}: the books agree");
    }
    Ok(())
}
