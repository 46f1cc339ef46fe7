//! Out of the outbox, in the order of writing.
//!
//! The relay is woken by a commit in its own process and looks by itself ten times a second, so that an event of another process
//! reaches a screen well within a second. `NOTIFY` is not used: it takes a lock of the whole database at each commit, which is
//! what the busiest transactions can least afford.

use std::sync::Arc;
use std::time::Duration;

use db::{Context, Db};
use platform::{Clock, Wake};
use tokio_util::sync::CancellationToken;
use tracing::Instrument as _;

use crate::store::events::{self as store, Put};
use crate::{Event, Listener};

const BATCH: i64 = 500;
const LOOK: Duration = Duration::from_millis(100);
/// After a commit the relay waits a little for more: one transaction for many events costs what one for one does.
const GATHER: Duration = Duration::from_millis(20);
const PAUSE_AFTER_FAILURE: Duration = Duration::from_secs(1);
/// Listeners who hold up a batch for longer have lost the rest of it.
const PATIENCE: Duration = Duration::from_secs(5);

/// For whom events are put down.
pub(crate) struct Route {
    pub consumer: &'static str,
    pub wants: Arc<dyn Fn(&str) -> bool + Send + Sync>,
    pub wake: Wake,
}

pub(crate) struct Relay {
    db: Db,
    clock: Arc<dyn Clock>,
    listeners: Vec<Arc<dyn Listener>>,
    routes: Vec<Route>,
}

impl Relay {
    pub(crate) fn new(
        db: Db,
        clock: Arc<dyn Clock>,
        listeners: Vec<Arc<dyn Listener>>,
        routes: Vec<Route>,
    ) -> Self {
        Relay { db, clock, listeners, routes }
    }

    /// Passes events on until told to stop.
    pub(crate) async fn run(self, wake: Wake, stop: CancellationToken) {
        let cx = Context::system("outbox");
        while !stop.is_cancelled() {
            let full = match self.pass_on(&cx).await {
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

    /// One batch; gives its size. While another process passes events on there is nothing here to do: two at a time would mix up
    /// their order.
    async fn pass_on(&self, cx: &Context) -> Result<usize, sqlx::Error> {
        let mut tx = self.db.begin_on_queue(cx).await?;
        let events = store::take_events(&mut tx, BATCH).await?;
        if events.is_empty() {
            return Ok(0);
        }
        if tokio::time::timeout(PATIENCE, self.tell(&events)).await.is_err() {
            tracing::warn!(events = events.len(), "listeners take too long; some events weren't heard live");
        }
        let mut put = Put::default();
        let mut woken = Vec::new();
        for route in &self.routes {
            let before = put.len();
            for event in events.iter().filter(|event| (route.wants)(&event.kind)) {
                put.add(route.consumer, event);
            }
            if put.len() > before {
                woken.push(&route.wake);
            }
        }
        store::put_down(&mut tx, &put, self.clock.now()).await?;
        // If a crash undoes all of it, the events are heard a second time, which listeners expect, and put down once.
        store::commit_lazily(&mut tx).await?;
        tx.commit().await?;
        for wake in woken {
            wake.now();
        }
        metrics::counter!("outbox_events_total").increment(events.len() as u64);
        Ok(events.len())
    }

    async fn tell(&self, events: &[Event]) {
        for event in events {
            for listener in &self.listeners {
                listener.handle(event).instrument(event.span("producer", "live")).await;
            }
        }
    }
}
