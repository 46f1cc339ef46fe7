//! The hubs that are measured. Each has `POST /start/{rate}/{seconds}` and `GET /memory`.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use axum::{Router, extract::Path, routing::get, routing::post};
use signalr::{Credentials, Hub, HubOptions, HubServer, Methods, Rejection};
use socketioxide::{SocketIo, extract::SocketRef};
use tokio::net::TcpListener;
use tokio::time::{MissedTickBehavior, interval};

/// With what is around it about 131 bytes.
const TEXT: &str = "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx";

struct Ours;

impl Hub for Ours {
    type User = ();

    fn methods(_: &mut Methods<Self>) {}

    async fn authenticate(&self, _: Credentials<'_>) -> Result<(), Rejection> {
        Ok(())
    }
}

pub async fn run(hub: &str, port: u16) -> anyhow::Result<()> {
    let router = match hub {
        "ours" => ours()?,
        "oxide" => oxide(),
        _ => anyhow::bail!("the hub is `ours` or `oxide`"),
    };
    let router = router.route("/memory", get(memory));
    axum::serve(TcpListener::bind(("127.0.0.1", port)).await?, router).await?;
    Ok(())
}

fn ours() -> anyhow::Result<Router> {
    let server = HubServer::new(Ours, HubOptions::default())?;
    let sender = server.clone();
    let start = post(move |Path((rate, seconds)): Path<(u64, u64)>| async move {
        tokio::spawn(async move {
            let mut ticks = ticks(rate);
            for _ in 0..rate * seconds {
                ticks.tick().await;
                if sender.send_all("Message", (now(), TEXT)).await.is_err() {
                    return;
                }
            }
        });
    });
    Ok(server.router("/hub").route("/start/{rate}/{seconds}", start))
}

fn oxide() -> Router {
    let (layer, io) = SocketIo::new_layer();
    io.ns("/", async |_: SocketRef| {});
    let start = post(move |Path((rate, seconds)): Path<(u64, u64)>| async move {
        tokio::spawn(async move {
            let mut ticks = ticks(rate);
            for _ in 0..rate * seconds {
                ticks.tick().await;
                // A client that does not keep up is part of what is measured: it misses the message.
                let _ = io.emit("Message", &(now(), TEXT)).await;
            }
        });
    });
    Router::new().route("/start/{rate}/{seconds}", start).layer(layer)
}

fn ticks(rate: u64) -> tokio::time::Interval {
    let mut ticks = interval(Duration::from_micros(1_000_000 / rate.max(1)));
    ticks.set_missed_tick_behavior(MissedTickBehavior::Burst);
    ticks
}

/// Microseconds.
pub fn now() -> u64 {
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    u64::try_from(now.as_micros()).unwrap_or_default()
}

/// Resident memory and time on the processor: kilobytes and hundredths of a second.
async fn memory() -> String {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let memory = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).unwrap_or_default();
    let stat = std::fs::read_to_string("/proc/self/stat").unwrap_or_default();
    let times: u64 = stat.split(' ').skip(13).take(2).filter_map(|time| time.parse::<u64>().ok()).sum();
    format!("{} {times}", memory.trim().trim_end_matches(" kB"))
}
