//! From the outbox to those who listen: at least once, in the order of writing.
//!
//! The relay is woken by a commit in its own process and looks by itself five times a second, so that an event of
//! another process reaches a screen well within a second. `NOTIFY` is not used: it takes a lock of the whole
//! database at each commit, which is what the busiest transactions can least afford.

use std::sync::Arc;
use std::time::Duration;

use chrono::{DateTime, Utc};
use db::{Context, Db};
use platform::{BoxFuture, Clock, Wake};
use tokio_util::sync::CancellationToken;
use uuid::Uuid;

use crate::store;

const BATCH: i64 = 500;
const LOOK: Duration = Duration::from_millis(200);
/// After a commit the relay waits a little for more: one transaction for many events costs what one for one does.
const GATHER: Duration = Duration::from_millis(20);
const PAUSE_AFTER_FAILURE: Duration = Duration::from_secs(1);

/// An event that has been committed.
#[derive(Debug, Clone)]
pub struct Event {
    /// Its place in the outbox.
    pub seq: i64,
    /// Its id, by which a consumer knows a repeat.
    pub id: Uuid,
    /// `OrderCreated` and so on.
    pub kind: String,
    /// What it is about.
    pub aggregate_id: Uuid,
    /// The hub groups that may see it.
    pub audience: Vec<String>,
    /// Its content.
    pub payload: serde_json::Value,
    /// When it was written.
    pub created_at: DateTime<Utc>,
}

/// Something that listens to events. It may get one twice, after a crash between hearing and marking.
pub trait Consumer: Send + Sync + 'static {
    /// Takes one event.
    fn handle<'a>(&'a self, event: &'a Event) -> BoxFuture<'a, ()>;
}

/// Passes events on until told to stop.
pub async fn run(
    db: Db,
    clock: Arc<dyn Clock>,
    wake: Wake,
    consumers: Vec<Arc<dyn Consumer>>,
    stop: CancellationToken,
) {
    let cx = Context::system("outbox");
    while !stop.is_cancelled() {
        let full = match pass_on(&db, &cx, clock.as_ref(), &consumers).await {
            Ok(count) => i64::try_from(count).unwrap_or(BATCH) >= BATCH,
            Err(error) => {
                tracing::warn!(error = %error, "the outbox can't be read; trying again");
                tokio::select! {
                    () = tokio::time::sleep(PAUSE_AFTER_FAILURE) => {}
                    () = stop.cancelled() => {}
                }
                false
            }
        };
        if !full {
            tokio::select! {
                () = wake.waited() => tokio::time::sleep(GATHER).await,
                () = tokio::time::sleep(LOOK) => {}
                () = stop.cancelled() => {}
            }
        }
    }
}

async fn pass_on(
    db: &Db,
    cx: &Context,
    clock: &dyn Clock,
    consumers: &[Arc<dyn Consumer>],
) -> Result<usize, sqlx::Error> {
    let mut tx = db.begin(cx).await?;
    let events = store::take_events(&mut tx, BATCH).await?;
    let lag = events.first().map_or(0.0, |oldest| (clock.now() - oldest.created_at).as_seconds_f64());
    metrics::gauge!("outbox_lag_seconds").set(lag.max(0.0));
    if events.is_empty() {
        return Ok(0);
    }
    for event in &events {
        for consumer in consumers {
            consumer.handle(event).await;
        }
    }
    // If a crash undoes the deletion, the events are heard a second time, which consumers expect.
    store::commit_lazily(&mut tx).await?;
    tx.commit().await?;
    metrics::counter!("outbox_events_total").increment(events.len() as u64);
    Ok(events.len())
}
