//! Onto the bus: what the relay put down for it, in order, until the bus has it.

use std::sync::Arc;
use std::time::Duration;

use adapters::bus::{Bus, Message, Outcome, Place};
use db::{Context, Db};
use platform::{Clock, Wake};
use tokio_util::sync::CancellationToken;

use crate::store::events as store;
use crate::{Consumer, Event};

/// What waits for the bus waits under this name.
pub(crate) const NAME: &str = "bus";
/// The topic where events go for whoever subscribes.
pub const TOPIC: &str = "events";
/// Live only, many a minute of each person: too much for a bus.
const NOT_SENT: &[&str] = &["LocationUpdated"];

const BATCH: i64 = 200;
const LOOK: Duration = Duration::from_millis(500);
const PAUSES: [u64; 6] = [1, 2, 4, 8, 15, 30];

/// Whether events of this kind go onto the bus.
pub(crate) fn wants(kind: &str) -> bool {
    !NOT_SENT.contains(&kind)
}

pub(crate) struct Post {
    db: Db,
    bus: Arc<dyn Bus>,
    consumers: Vec<Arc<dyn Consumer>>,
}

#[derive(Debug, thiserror::Error)]
enum PostError {
    #[error("the database refused")]
    Database(#[from] sqlx::Error),
    #[error(transparent)]
    Bus(#[from] adapters::bus::Error),
    #[error("an event can't be written as JSON")]
    Json(#[from] serde_json::Error),
}

impl Post {
    pub(crate) fn new(db: Db, bus: Arc<dyn Bus>, consumers: Vec<Arc<dyn Consumer>>) -> Self {
        Post { db, bus, consumers }
    }

    /// Sends until told to stop. While the bus is away events wait, as long as it takes.
    pub(crate) async fn run(self, clock: Arc<dyn Clock>, wake: Wake, stop: CancellationToken) {
        let cx = Context::system(NAME);
        let mut failures = 0;
        while !stop.is_cancelled() {
            let pause = match self.pass(&cx, clock.as_ref()).await {
                Ok(sent) => {
                    failures = 0;
                    if sent > 0 {
                        continue;
                    }
                    LOOK
                }
                Err(error) => {
                    let seconds = PAUSES.get(failures).or(PAUSES.last()).copied().unwrap_or(1);
                    failures += 1;
                    metrics::counter!("bus_failures_total", "direction" => "send").increment(1);
                    let cause = std::error::Error::source(&error).map(ToString::to_string);
                    tracing::warn!(%error, cause, seconds, "events can't be sent; they wait");
                    Duration::from_secs(seconds)
                }
            };
            tokio::select! {
                // A bus that failed is not asked again because somebody wrote another event.
                () = wake.waited(), if failures == 0 => {}
                () = tokio::time::sleep(pause) => {}
                () = stop.cancelled() => {}
            }
        }
    }

    async fn pass(&self, cx: &Context, clock: &dyn Clock) -> Result<usize, PostError> {
        let mut tx = self.db.begin_on_queue(cx).await?;
        if !store::try_turn(&mut tx, NAME).await? {
            return Ok(0);
        }
        let events = store::list_to_send(&mut tx, NAME, BATCH).await?;
        if events.is_empty() {
            return Ok(0);
        }
        let messages = events.iter().map(message).collect::<Result<Vec<Message>, _>>()?;
        let mut refused = self.send(Place::Topic(TOPIC), &messages).await?;
        for consumer in &self.consumers {
            let wanted: Vec<Message> =
                messages.iter().filter(|m| consumer.wants(&m.subject)).cloned().collect();
            refused.extend(self.send(Place::Queue(consumer.name()), &wanted).await?);
        }
        for (id, why) in refused {
            if let Some(waiting) = events.iter().find(|event| event.id == id) {
                tracing::error!(event = %id, kind = waiting.kind, why, "the bus refuses an event; it is a dead letter now");
                store::mark_try(&mut tx, NAME, waiting.seq).await?;
                store::bury(&mut tx, NAME, waiting.seq, &format!("the bus refuses it: {why}"), clock.now())
                    .await?;
            }
        }
        let seqs: Vec<i64> = events.iter().map(|event| event.seq).collect();
        store::delete_waiting(&mut tx, NAME, &seqs).await?;
        // If a crash undoes it, they are sent again, and known where they arrive.
        store::commit_lazily(&mut tx).await?;
        tx.commit().await?;
        metrics::counter!("bus_messages_total", "direction" => "sent").increment(events.len() as u64);
        Ok(events.len())
    }

    async fn send(
        &self,
        to: Place<'_>,
        messages: &[Message],
    ) -> Result<Vec<(uuid::Uuid, String)>, adapters::bus::Error> {
        if messages.is_empty() {
            return Ok(Vec::new());
        }
        let outcomes = self.bus.send(to, messages).await?;
        let refused = messages.iter().zip(outcomes).filter_map(|(message, outcome)| match outcome {
            Outcome::Taken => None,
            Outcome::Refused(why) => Some((message.id, why)),
        });
        Ok(refused.collect())
    }
}

fn message(event: &Event) -> Result<Message, serde_json::Error> {
    Ok(Message {
        id: event.id,
        subject: event.kind.clone(),
        group: event.aggregate_id,
        body: serde_json::to_vec(event)?.into(),
    })
}
