//! Small days over a bad network, against a server that is killed: what the phones did is what is there.

use live_kit::Server;
use sim::{Size, World};

/// Days; `DMS_SIM_SEEDS` says otherwise.
const SEEDS: u64 = 20;

#[tokio::test]
async fn twenty_days_over_a_bad_network_leave_what_the_phones_did() {
    let seeds = std::env::var("DMS_SIM_SEEDS").ok().and_then(|n| n.parse().ok()).unwrap_or(SEEDS);
    let mut world = World::of(Server::start(env!("CARGO_BIN_EXE_dms")).await).await.unwrap();
    for seed in 1..=seeds {
        let size = Size { phones: 3, visits: 4, walks: 4, bytes: seed % 5 == 0, wrong_clocks: 6, kills: 1 };
        let report = world.day(seed, size).await.unwrap_or_else(|e| panic!("{e:?}"));
        println!("seed {seed}: {report:?}");
    }
    world.verify().unwrap_or_else(|e| panic!("{e:?}"));
}
