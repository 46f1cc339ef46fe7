//! To a consumer what waits for it.
//!
//! One process at a time hands out what waits for a consumer, in order: many events at once, in one transaction. When the consumer
//! refuses them it gets them one by one, each behind a savepoint: what is in order is done, and exactly what fails waits. When a
//! batch didn't end by itself, or the process has just started, one at a time and with care: that a try is made is noted before it
//! is made, so that also an event on which the process dies each time is given up in the end.

use std::collections::HashSet;
use std::panic::AssertUnwindSafe;
use std::sync::Arc;
use std::time::{Duration, Instant};

use chrono::TimeDelta;
use db::{Context, Db, PgConnection, Tx};
use futures_util::FutureExt as _;
use platform::{Clock, Wake};
use sqlx::Connection as _;
use tokio_util::sync::CancellationToken;
use tracing::{Instrument as _, Span};
use uuid::Uuid;

use crate::store::events as store;
use crate::{Consumer, Event, Failure};

const BATCH: i64 = 500;
/// How often to look for what is due again, and for what another process put down.
const LOOK: Duration = Duration::from_millis(500);
const PAUSE_AFTER_FAILURE: Duration = Duration::from_secs(1);
/// So long may the consumer take, for one event or for a batch.
const PATIENCE: Duration = Duration::from_secs(20);
/// Pauses after failures, in seconds; after as many failures and one the event is a dead letter.
const PAUSES: [i64; 7] = [1, 5, 30, 120, 600, 1_800, 3_600];

pub(crate) struct Deliver {
    db: Db,
    cx: Context,
    clock: Arc<dyn Clock>,
    consumer: Arc<dyn Consumer>,
    /// So many events are handled with care: a batch of them may have killed the process before.
    care: usize,
}

#[derive(Debug, PartialEq, Eq)]
enum Pass {
    /// Something was done; there may be more.
    Worked,
    /// Nothing is due, or it is another's turn.
    Nothing,
}

impl Deliver {
    pub(crate) fn new(db: Db, clock: Arc<dyn Clock>, consumer: Arc<dyn Consumer>) -> Self {
        let care = usize::try_from(BATCH).unwrap_or_default();
        Deliver { db, cx: Context::system(consumer.name()), clock, consumer, care }
    }

    pub(crate) async fn run(mut self, wake: Wake, stop: CancellationToken) {
        while !stop.is_cancelled() {
            let pause = match self.pass().await {
                Ok(Pass::Worked) => continue,
                Ok(Pass::Nothing) => LOOK,
                Err(error) => {
                    let consumer = self.consumer.name();
                    tracing::warn!(%error, consumer, "what waits can't be handed out; trying again");
                    // It may be an event on which the database dies.
                    self.care = usize::try_from(BATCH).unwrap_or_default();
                    PAUSE_AFTER_FAILURE
                }
            };
            tokio::select! {
                () = wake.waited() => {}
                () = tokio::time::sleep(pause) => {}
                () = stop.cancelled() => {}
            }
        }
    }

    async fn pass(&mut self) -> Result<Pass, sqlx::Error> {
        let name = self.consumer.name();
        let mut tx = self.db.begin_on_queue(&self.cx).await?;
        if !store::try_turn(&mut tx, name).await? {
            return Ok(Pass::Nothing);
        }
        let now = self.clock.now();
        let limit = if self.care > 0 { 1 } else { BATCH };
        let due = store::list_due(&mut tx, name, now, limit).await?;
        let Some(first) = due.first() else {
            // What kills the process would have done so by now.
            self.care = 0;
            return Ok(Pass::Nothing);
        };
        if self.care > 0 || first.attempts > 0 {
            self.care = self.care.saturating_sub(1);
            if first.attempts >= MAX_ATTEMPTS {
                // Those who tried gave no sign any more.
                let error = first.error.clone().unwrap_or_else(|| "the process died on it".to_owned());
                store::bury(&mut tx, name, first.event.seq, &error, now).await?;
                tx.commit().await?;
                self.count("dead", 1);
                return Ok(Pass::Worked);
            }
            let seq = first.event.seq;
            store::mark_try(&mut tx, name, seq).await?;
            // The process may die, but then the database lives.
            store::commit_lazily(&mut tx).await?;
            tx.commit().await?;
            self.with_care(seq).await?;
            return Ok(Pass::Worked);
        }
        // In care the first is the only one; what has failed before is taken by itself, when it is the first.
        let events: Vec<Event> = due
            .into_iter()
            .take_while(|waiting| waiting.attempts == 0)
            .map(|waiting| waiting.event)
            .collect();
        // What they are handled with together stands in the trace of the first; all have a span of it.
        let spans: Vec<Span> = events.iter().map(|event| event.span("consumer", name)).collect();
        let first = spans.first().cloned().unwrap_or_else(Span::none);
        let mut batch = tx.begin().await?;
        let outcome = in_time(self.consumer.handle_all(&mut batch, &events)).instrument(first).await;
        spans.iter().for_each(|span| note(span, &outcome));
        drop(spans);
        match outcome {
            Ok(()) => {
                batch.commit().await?;
                self.done(tx, &events).await?;
            }
            Err(Stopped::Failed(failure)) => {
                batch.rollback().await?;
                let error = failure.text();
                tracing::debug!(consumer = name, error, "a batch failed; one by one now");
                if !self.one_by_one(tx, &events).await? {
                    self.care = events.len();
                }
            }
            Err(Stopped::Astray(why)) => {
                drop(batch);
                drop(tx);
                tracing::debug!(consumer = name, why, "a batch didn't end; one at a time now");
                self.care = events.len();
            }
        }
        Ok(Pass::Worked)
    }

    /// Each by itself, all in the transaction whose turn it is. False when one of them didn't end: nothing is done then, and care
    /// has to be taken.
    async fn one_by_one(&self, mut tx: Tx, events: &[Event]) -> Result<bool, sqlx::Error> {
        let mut done: Vec<&Event> = Vec::with_capacity(events.len());
        let mut failed: Vec<(&Event, Failure)> = Vec::new();
        // What follows upon a failure, of the same thing, waits with it.
        let mut held: HashSet<Uuid> = HashSet::new();
        let began = Instant::now();
        for event in events.iter().take_while(|_| began.elapsed() < PATIENCE) {
            if held.contains(&event.aggregate_id) {
                continue;
            }
            let mut one = tx.begin().await?;
            match self.handle(&mut one, event).await {
                Ok(()) => {
                    one.commit().await?;
                    done.push(event);
                }
                Err(Stopped::Failed(failure)) => {
                    one.rollback().await?;
                    if !matches!(failure, Failure::Never(_)) {
                        held.insert(event.aggregate_id);
                    }
                    failed.push((event, failure));
                }
                Err(Stopped::Astray(_)) => return Ok(false),
            }
        }
        for (event, failure) in failed {
            store::mark_try(&mut tx, self.consumer.name(), event.seq).await?;
            self.put_off(&mut tx, event, 1, failure).await?;
        }
        self.done(tx, done.as_slice()).await?;
        Ok(true)
    }

    async fn with_care(&self, seq: i64) -> Result<(), sqlx::Error> {
        let name = self.consumer.name();
        let mut tx = self.db.begin_on_queue(&self.cx).await?;
        if !store::try_turn(&mut tx, name).await? {
            return Ok(());
        }
        let Some(waiting) = store::find_waiting(&mut tx, name, seq).await? else { return Ok(()) };
        let stopped = match self.handle(&mut tx, &waiting.event).await {
            Ok(()) => return self.done(tx, &[&waiting.event]).await,
            Err(stopped) => stopped,
        };
        tx.rollback().await?;
        let failure = match stopped {
            Stopped::Failed(failure) => failure,
            Stopped::Astray(why) => Failure::Retry(why),
        };
        let mut tx = self.db.begin(&self.cx).await?;
        self.put_off(&mut tx, &waiting.event, waiting.attempts, failure).await?;
        tx.commit().await
    }

    /// One event, in the trace it came from.
    async fn handle(&self, c: &mut PgConnection, event: &Event) -> Result<(), Stopped> {
        let span = event.span("consumer", self.consumer.name());
        let outcome = in_time(self.consumer.handle(c, event)).instrument(span.clone()).await;
        note(&span, &outcome);
        outcome
    }

    /// They were handled, in this transaction, which is at its end.
    async fn done<E: std::borrow::Borrow<Event>>(&self, mut tx: Tx, events: &[E]) -> Result<(), sqlx::Error> {
        let seqs: Vec<i64> = events.iter().map(|event| event.borrow().seq).collect();
        store::delete_waiting(&mut tx, self.consumer.name(), &seqs).await?;
        tx.commit().await?;
        self.count("done", events.len());
        let now = self.clock.now();
        for event in events {
            metrics::histogram!("event_age_seconds", "consumer" => self.consumer.name())
                .record((now - event.borrow().created_at).as_seconds_f64().max(0.0));
        }
        Ok(())
    }

    /// After a failure, the `attempt`th: it is tried again later, or given up.
    async fn put_off(
        &self,
        c: &mut PgConnection,
        event: &Event,
        attempt: i16,
        failure: Failure,
    ) -> Result<(), sqlx::Error> {
        let name = self.consumer.name();
        let (id, kind, error) = (event.id, &event.kind, failure.text());
        let now = self.clock.now();
        let pause = match failure {
            Failure::Never(_) => None,
            Failure::Database(_) | Failure::Retry(_) => pause_after(attempt),
        };
        match pause {
            Some(pause) => {
                tracing::warn!(consumer = name, event = %id, kind, attempt, error, "an event failed; it is tried again");
                store::postpone(c, name, event.seq, now + pause, &error).await?;
                self.count("failed", 1);
            }
            None => {
                tracing::error!(consumer = name, event = %id, kind, attempt, error, "an event is a dead letter now");
                store::bury(c, name, event.seq, &error, now).await?;
                self.count("dead", 1);
            }
        }
        Ok(())
    }

    fn count(&self, outcome: &'static str, events: usize) {
        metrics::counter!("events_handled_total", "consumer" => self.consumer.name(), "outcome" => outcome)
            .increment(events as u64);
    }
}

const MAX_ATTEMPTS: i16 = PAUSES.len() as i16 + 1;

fn pause_after(attempts: i16) -> Option<TimeDelta> {
    let pause = usize::try_from(attempts - 1).ok().and_then(|n| PAUSES.get(n));
    pause.map(|seconds| TimeDelta::seconds(*seconds))
}

fn note(span: &Span, outcome: &Result<(), Stopped>) {
    if outcome.is_err() {
        span.record("otel.status_code", "ERROR");
    }
}

/// Why work has no good end.
enum Stopped {
    /// The consumer says so; the transaction may go on.
    Failed(Failure),
    /// It took too long, or panicked: who knows where it was.
    Astray(String),
}

async fn in_time(work: impl Future<Output = Result<(), Failure>>) -> Result<(), Stopped> {
    match tokio::time::timeout(PATIENCE, AssertUnwindSafe(work).catch_unwind()).await {
        Ok(Ok(outcome)) => outcome.map_err(Stopped::Failed),
        Ok(Err(panic)) => {
            let said = panic.downcast_ref::<&str>().map(|s| (*s).to_owned());
            let said = said.or_else(|| panic.downcast_ref::<String>().cloned()).unwrap_or_default();
            Err(Stopped::Astray(format!("it panicked: {said}")))
        }
        Err(_) => Err(Stopped::Astray(format!("not done within {} s", PATIENCE.as_secs()))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_failing_event_is_tried_for_nearly_two_hours() {
        let pauses: Vec<i64> = (1..=MAX_ATTEMPTS).map_while(pause_after).map(|p| p.num_seconds()).collect();
        assert_eq!(pauses, PAUSES);
        assert_eq!(pause_after(MAX_ATTEMPTS), None);
    }
}
