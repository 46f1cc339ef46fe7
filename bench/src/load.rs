//! Clients that ask as fast as they are answered.

use std::sync::Arc;
use std::time::{Duration, Instant};

use anyhow::{Context as _, bail};
use live_kit::{Client, Server};
use rand::SeedableRng as _;
use rand::rngs::SmallRng;

use crate::fleet::Fleet;
use crate::measure::Sample;

/// One client's turn; each makes its own dice.
pub struct Turn<'a> {
    pub client: &'a mut Client,
    pub fleet: &'a Fleet,
    pub dice: &'a mut SmallRng,
}

/// Runs an operation with so many clients until the time is over or each has done it `most` times.
pub async fn run<F>(
    server: &Server,
    fleet: &Arc<Fleet>,
    size: (usize, u64, usize),
    operation: F,
) -> anyhow::Result<Sample>
where
    F: AsyncFn(Turn<'_>) -> anyhow::Result<()> + Clone + 'static,
{
    run_at(server.port(), server, fleet, size, operation).await
}

/// Like [`run`], with clients of another port than the server's.
pub async fn run_at<F>(
    port: u16,
    server: &Server,
    fleet: &Arc<Fleet>,
    (clients, seconds, most): (usize, u64, usize),
    operation: F,
) -> anyhow::Result<Sample>
where
    F: AsyncFn(Turn<'_>) -> anyhow::Result<()> + Clone + 'static,
{
    let before = server.cpu();
    let began = Instant::now();
    let end = began + Duration::from_secs(seconds);
    let local = tokio::task::LocalSet::new();
    let mut tasks = Vec::new();
    for seed in 0..clients {
        let (fleet, operation) = (fleet.clone(), operation.clone());
        tasks.push(local.spawn_local(async move {
            let mut client = Client::new(port);
            let mut dice = SmallRng::seed_from_u64(u64::try_from(seed).unwrap_or_default());
            let mut micros = Vec::with_capacity(4096);
            while Instant::now() < end && micros.len() < most {
                let t0 = Instant::now();
                operation(Turn { client: &mut client, fleet: &fleet, dice: &mut dice }).await?;
                micros.push(u64::try_from(t0.elapsed().as_micros())?);
            }
            anyhow::Ok(micros)
        }));
    }
    local.await;
    let mut micros = Vec::new();
    for task in tasks {
        micros.extend(task.await.context("a client")??);
    }
    let elapsed = began.elapsed().as_secs_f64();
    let cpu = server.cpu().since(before);
    if micros.is_empty() {
        bail!("nothing was done");
    }
    let done = u32::try_from(micros.len())?;
    let mut sample = Sample::new(f64::from(done) / elapsed, micros);
    sample.api_cpu = cpu.dms.as_secs_f64() * 1e6 / f64::from(done);
    sample.postgres_cpu = cpu.postgres.as_secs_f64() * 1e6 / f64::from(done);
    Ok(sample)
}
