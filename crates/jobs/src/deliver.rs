//! To a consumer what waits for it.
//!
//! One process at a time hands out what waits for a consumer, in order. Many events at once are handled in one transaction. When
//! that fails, one at a time and with care: that a try is made is noted before it is made, so that also an event on which the
//! process dies each time is given up in the end.

use std::panic::AssertUnwindSafe;
use std::sync::Arc;
use std::time::Duration;

use chrono::TimeDelta;
use db::{Context, Db};
use futures_util::FutureExt as _;
use platform::{Clock, Wake};
use tokio_util::sync::CancellationToken;

use crate::store::events::{self as store, Waiting};
use crate::{Consumer, Failure};

const BATCH: i64 = 200;
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
        let mut tx = self.db.begin(&self.cx).await?;
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
                store::bury(&mut tx, name, first, &error, now).await?;
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
        let batch = due.iter().take_while(|waiting| waiting.attempts == 0).count();
        let due = &due[..batch];
        let all = async {
            for waiting in due {
                self.consumer.handle(&mut tx, &waiting.event).await?;
            }
            Ok(())
        };
        match in_time(all).await {
            Ok(()) => {
                let seqs: Vec<i64> = due.iter().map(|waiting| waiting.event.seq).collect();
                store::delete_waiting(&mut tx, name, &seqs).await?;
                tx.commit().await?;
                self.count("done", due.len());
                self.note_age(due);
            }
            Err(error) => {
                drop(tx);
                tracing::debug!(consumer = name, error = error.text(), "a batch failed; one at a time now");
                self.care = batch;
            }
        }
        Ok(Pass::Worked)
    }

    async fn with_care(&self, seq: i64) -> Result<(), sqlx::Error> {
        let name = self.consumer.name();
        let mut tx = self.db.begin(&self.cx).await?;
        if !store::try_turn(&mut tx, name).await? {
            return Ok(());
        }
        let Some(waiting) = store::find_waiting(&mut tx, name, seq).await? else { return Ok(()) };
        let outcome = in_time(self.consumer.handle(&mut tx, &waiting.event)).await;
        let failure = match outcome {
            Ok(()) => {
                store::delete_waiting(&mut tx, name, &[seq]).await?;
                tx.commit().await?;
                self.count("done", 1);
                self.note_age(std::slice::from_ref(&waiting));
                return Ok(());
            }
            Err(failure) => failure,
        };
        tx.rollback().await?;
        let (id, kind, attempt, error) =
            (waiting.event.id, &waiting.event.kind, waiting.attempts, failure.text());
        let now = self.clock.now();
        let mut tx = self.db.begin(&self.cx).await?;
        let pause = match failure {
            Failure::Never(_) => None,
            Failure::Database(_) | Failure::Retry(_) => pause_after(attempt),
        };
        match pause {
            Some(pause) => {
                tracing::warn!(consumer = name, event = %id, kind, attempt, error, "an event failed; it is tried again");
                store::postpone(&mut tx, name, seq, now + pause, &error).await?;
                self.count("failed", 1);
            }
            None => {
                tracing::error!(consumer = name, event = %id, kind, attempt, error, "an event is a dead letter now");
                store::bury(&mut tx, name, &waiting, &error, now).await?;
                self.count("dead", 1);
            }
        }
        tx.commit().await
    }

    fn count(&self, outcome: &'static str, events: usize) {
        metrics::counter!("events_handled_total", "consumer" => self.consumer.name(), "outcome" => outcome)
            .increment(events as u64);
    }

    fn note_age(&self, handled: &[Waiting]) {
        let now = self.clock.now();
        for waiting in handled {
            metrics::histogram!("event_age_seconds", "consumer" => self.consumer.name())
                .record((now - waiting.event.created_at).as_seconds_f64().max(0.0));
        }
    }
}

const MAX_ATTEMPTS: i16 = PAUSES.len() as i16 + 1;

fn pause_after(attempts: i16) -> Option<TimeDelta> {
    let pause = usize::try_from(attempts - 1).ok().and_then(|n| PAUSES.get(n));
    pause.map(|seconds| TimeDelta::seconds(*seconds))
}

/// What takes too long, or panics, has failed like anything else.
async fn in_time(work: impl Future<Output = Result<(), Failure>>) -> Result<(), Failure> {
    match tokio::time::timeout(PATIENCE, AssertUnwindSafe(work).catch_unwind()).await {
        Ok(Ok(outcome)) => outcome,
        Ok(Err(panic)) => {
            let said = panic.downcast_ref::<&str>().map(|s| (*s).to_owned());
            let said = said.or_else(|| panic.downcast_ref::<String>().cloned()).unwrap_or_default();
            Err(Failure::Retry(format!("it panicked: {said}")))
        }
        Err(_) => Err(Failure::Retry(format!("not done within {} s", PATIENCE.as_secs()))),
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
