//! Many clients for long, who come and go: what the server takes must stay the same.

use std::cell::Cell;
use std::rc::Rc;
use std::time::Duration;

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::task::LocalSet;
use tokio::time::{Instant, interval_at, sleep, sleep_until};

use crate::receive::{connect, memory, request};

/// The server takes a client for gone that says nothing for 30 s.
const PING_EVERY: Duration = Duration::from_secs(10);
/// `{"type":6}` in a masked frame, with a mask of zeros.
const PING: &[u8] = b"\x81\x8b\0\0\0\0{\"type\":6}\x1e";
/// What is taken after these minutes is what the end is compared with: allocators fill up first.
const WARM: u64 = 10;

#[derive(Default)]
struct Counts {
    here: Cell<u64>,
    came: Cell<u64>,
    lost: Cell<u64>,
    messages: Cell<u64>,
}

/// Each client stays for one to five minutes and comes back; there is a broadcast each second.
pub async fn run(port: u16, clients: u64, minutes: u64) -> anyhow::Result<()> {
    let counts = Rc::new(Counts::default());
    let local = LocalSet::new();
    let end = Instant::now() + Duration::from_secs(minutes * 60);
    for n in 0..clients {
        let counts = counts.clone();
        local.spawn_local(async move {
            let mut turn = n;
            while Instant::now() < end {
                turn = turn.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
                let stay = Duration::from_secs(60 + (turn >> 33) % 240);
                if visit(port, &counts, (Instant::now() + stay).min(end)).await.is_err() {
                    counts.lost.set(counts.lost.get() + 1);
                    sleep(Duration::from_secs(1)).await;
                }
            }
        });
        if n % 50 == 0 {
            local.run_until(sleep(Duration::from_millis(20))).await;
        }
    }
    local
        .run_until(async {
            request(port, "POST", &format!("/start/1/{}", minutes * 60)).await?;
            let mut warm = 0;
            for minute in 1..=minutes {
                let before = counts.messages.get();
                sleep(Duration::from_secs(60)).await;
                let (memory, processor) = memory(port).await?;
                if minute == WARM {
                    warm = memory;
                }
                println!(
                    "minute {minute}: {memory} KB, {} connected, {} came, {} lost, {} messages, {} s of CPU",
                    counts.here.get(),
                    counts.came.get(),
                    counts.lost.get(),
                    counts.messages.get() - before,
                    processor / 100,
                );
                if minute == minutes && warm > 0 {
                    println!("memory at the end against minute {WARM}: {:.3}", memory as f64 / warm as f64);
                }
            }
            anyhow::Ok(())
        })
        .await
}

/// Stays until then, says now and then that it is there, and leaves without a word.
async fn visit(port: u16, counts: &Counts, until: Instant) -> anyhow::Result<()> {
    let mut socket = connect(true, port).await?;
    counts.came.set(counts.came.get() + 1);
    counts.here.set(counts.here.get() + 1);
    let mut ping = interval_at(Instant::now() + PING_EVERY, PING_EVERY);
    let mut buffer = [0_u8; 1024];
    let outcome = loop {
        tokio::select! {
            () = sleep_until(until) => break Ok(()),
            _ = ping.tick() => {
                if let Err(error) = socket.write_all(PING).await {
                    break Err(error.into());
                }
            }
            read = socket.read(&mut buffer) => match read {
                Ok(0) => break Err(anyhow::anyhow!("the server has hung up")),
                Ok(read) => {
                    let ends = buffer[..read].windows(2).filter(|pair| *pair == b"]}").count();
                    counts.messages.set(counts.messages.get() + ends as u64);
                }
                Err(error) => break Err(error.into()),
            },
        }
    };
    counts.here.set(counts.here.get() - 1);
    outcome
}
