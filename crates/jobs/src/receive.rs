//! From the bus: what comes for a consumer is put down in the database, once, and only then forgotten by the bus.
//!
//! One process at a time receives for a consumer, by a lease: two would mix up the order. The lease is renewed in the transaction
//! that puts messages down, so that a process that slept through its end puts nothing down.
//!
//! What the bus itself gave up, after so many deliveries or so many days, is in a queue of the bus' own where nobody looks. Whoever
//! receives looks there now and then, and makes it dead letters of ours.

use std::sync::Arc;
use std::time::{Duration, Instant};

use adapters::bus::{Bus, Received, Receiver};
use db::{Context, Db};
use platform::{Clock, Wake};
use sha2::{Digest as _, Sha256};
use tokio_util::sync::CancellationToken;
use uuid::Uuid;

use crate::store::events::{self as store, Put};
use crate::{Event, lease};

const BATCH: usize = 200;
/// How long to wait for messages before looking at the lease again.
const WITHIN: Duration = Duration::from_secs(1);
const RENEW_EVERY: Duration = Duration::from_secs(4);
/// How often to look for what the bus gave up; and when it begins to receive.
const LOOK_ASIDE_EVERY: Duration = Duration::from_secs(600);
/// Where Azure Service Bus keeps what it gave up, under the name of the queue. Other buses have no such place.
const GIVEN_UP: &str = "$DeadLetterQueue";
const PAUSES: [u64; 5] = [1, 2, 4, 8, 15];

pub(crate) struct Receive {
    db: Db,
    cx: Context,
    clock: Arc<dyn Clock>,
    consumer: &'static str,
    lease: String,
    me: Uuid,
    wake: Wake,
}

#[derive(Debug, thiserror::Error)]
enum ReceiveError {
    #[error("the database refused: {0}")]
    Database(#[from] sqlx::Error),
    #[error(transparent)]
    Bus(#[from] adapters::bus::Error),
}

impl Receive {
    pub(crate) fn new(db: Db, clock: Arc<dyn Clock>, consumer: &'static str, wake: Wake) -> Self {
        let cx = Context::system(consumer);
        Receive { db, cx, clock, consumer, lease: format!("receive:{consumer}"), me: Uuid::now_v7(), wake }
    }

    pub(crate) async fn run(self, bus: Arc<dyn Bus>, stop: CancellationToken) {
        let mut failures = 0;
        while !stop.is_cancelled() {
            let pause = match self.session(bus.as_ref(), &stop, &mut failures).await {
                Ok(()) => 1,
                Err(error) => {
                    let seconds = PAUSES.get(failures).or(PAUSES.last()).copied().unwrap_or(1);
                    failures += 1;
                    metrics::counter!("bus_failures_total", "direction" => "receive").increment(1);
                    tracing::warn!(%error, consumer = self.consumer, seconds, "nothing can be received; trying again");
                    seconds
                }
            };
            tokio::select! {
                () = tokio::time::sleep(Duration::from_secs(pause)) => {}
                () = stop.cancelled() => {}
            }
        }
        if let Ok(mut tx) = self.db.begin(&self.cx).await
            && lease::release(&mut tx, &self.lease, self.me).await.is_ok()
            && let Err(error) = tx.commit().await
        {
            tracing::debug!(%error, "a lease isn't given back; it ends by itself");
        }
    }

    /// Receives as long as the lease is ours and all goes well.
    async fn session(
        &self,
        bus: &dyn Bus,
        stop: &CancellationToken,
        failures: &mut usize,
    ) -> Result<(), ReceiveError> {
        if !self.hold().await? {
            return Ok(());
        }
        let mut receiver = bus.receive(self.consumer).await?;
        let outcome = self.receive(bus, receiver.as_mut(), stop, failures).await;
        receiver.close().await;
        outcome
    }

    async fn receive(
        &self,
        bus: &dyn Bus,
        receiver: &mut dyn Receiver,
        stop: &CancellationToken,
        failures: &mut usize,
    ) -> Result<(), ReceiveError> {
        let mut renewed = Instant::now();
        let mut looked_aside: Option<Instant> = None;
        while !stop.is_cancelled() {
            if looked_aside.is_none_or(|at| at.elapsed() >= LOOK_ASIDE_EVERY) {
                // What can't be looked at now is looked at later; what comes the usual way goes on.
                if let Err(error) = self.take_given_up(bus).await {
                    tracing::warn!(%error, consumer = self.consumer, "what the bus gave up can't be taken over");
                }
                looked_aside = Some(Instant::now());
            }
            let messages = receiver.next(BATCH, WITHIN).await?;
            if messages.is_empty() {
                if renewed.elapsed() >= RENEW_EVERY {
                    if !self.hold().await? {
                        return Ok(());
                    }
                    renewed = Instant::now();
                }
                continue;
            }
            if !self.put_down(&messages).await? {
                return Ok(());
            }
            renewed = Instant::now();
            self.wake.now();
            receiver.complete(&messages).await?;
            *failures = 0;
            metrics::counter!("bus_messages_total", "direction" => "received")
                .increment(messages.len() as u64);
        }
        Ok(())
    }

    /// Makes what the bus gave up dead letters, where the bus has a place for it.
    async fn take_given_up(&self, bus: &dyn Bus) -> Result<(), ReceiveError> {
        let mut receiver = match bus.receive(&format!("{}/{GIVEN_UP}", self.consumer)).await {
            Err(adapters::bus::Error::NoSuchPlace(_)) => return Ok(()),
            receiver => receiver?,
        };
        let outcome = self.bury_all(receiver.as_mut()).await;
        receiver.close().await;
        outcome
    }

    async fn bury_all(&self, receiver: &mut dyn Receiver) -> Result<(), ReceiveError> {
        loop {
            let messages = receiver.next(BATCH, WITHIN).await?;
            if messages.is_empty() || !self.bury(&messages).await? {
                return Ok(());
            }
            receiver.complete(&messages).await?;
            metrics::counter!("bus_given_up_total", "consumer" => self.consumer)
                .increment(messages.len() as u64);
        }
    }

    /// Puts down as dead letters what hadn't come by the usual way before; false when the lease is another's by now.
    async fn bury(&self, messages: &[Received]) -> Result<bool, sqlx::Error> {
        let now = self.clock.now();
        let mut tx = self.db.begin(&self.cx).await?;
        if !lease::hold(&mut tx, &self.lease, self.me).await? {
            return Ok(false);
        }
        for message in messages {
            match serde_json::from_slice::<Event>(&message.body) {
                Ok(event) => {
                    let new = store::note_received(&mut tx, self.consumer, &[event.id], now).await?;
                    if !new.is_empty() {
                        tracing::error!(consumer = self.consumer, event = %event.id, "the bus gave up an event; it is a dead letter now");
                        let why = "the bus gave it up: too many deliveries without an answer, or too old";
                        store::bury_event(&mut tx, self.consumer, &event, why, now).await?;
                    }
                }
                Err(error) => {
                    let (id, kind, payload) = unreadable(self.consumer, message);
                    let why = format!("the bus gave it up, and it is not an event: {error}");
                    store::bury_message(&mut tx, id, self.consumer, &kind, &payload, &why, now).await?;
                }
            }
        }
        tx.commit().await?;
        Ok(true)
    }

    async fn hold(&self) -> Result<bool, sqlx::Error> {
        let mut tx = self.db.begin(&self.cx).await?;
        let held = lease::hold(&mut tx, &self.lease, self.me).await?;
        tx.commit().await?;
        Ok(held)
    }

    /// Puts down what hadn't come before; false when the lease is another's by now.
    async fn put_down(&self, messages: &[Received]) -> Result<bool, sqlx::Error> {
        let now = self.clock.now();
        let mut tx = self.db.begin(&self.cx).await?;
        if !lease::hold(&mut tx, &self.lease, self.me).await? {
            return Ok(false);
        }
        let mut events: Vec<Event> = Vec::with_capacity(messages.len());
        for message in messages {
            match serde_json::from_slice::<Event>(&message.body) {
                Ok(event) => events.push(event),
                Err(error) => {
                    tracing::error!(consumer = self.consumer, %error, "a message is no event; it is a dead letter now");
                    let (id, kind, payload) = unreadable(self.consumer, message);
                    let why = format!("not an event: {error}");
                    store::bury_message(&mut tx, id, self.consumer, &kind, &payload, &why, now).await?;
                }
            }
        }
        let ids: Vec<Uuid> = events.iter().map(|event| event.id).collect();
        let mut new: std::collections::HashSet<Uuid> =
            store::note_received(&mut tx, self.consumer, &ids, now).await?.into_iter().collect();
        let mut put = Put::default();
        for event in events.iter().filter(|event| new.remove(&event.id)) {
            put.add(self.consumer, event);
        }
        let repeats = events.len() - put.len();
        store::put_down(&mut tx, &put, now).await?;
        tx.commit().await?;
        if repeats > 0 {
            metrics::counter!("bus_repeats_total", "consumer" => self.consumer).increment(repeats as u64);
        }
        Ok(true)
    }
}

/// As a dead letter that is the same each time the message comes.
fn unreadable(consumer: &str, message: &Received) -> (Uuid, String, serde_json::Value) {
    let mut hash = Sha256::new();
    hash.update(consumer.as_bytes());
    hash.update(message.id.as_deref().unwrap_or_default().as_bytes());
    hash.update(&message.body);
    let digest = hash.finalize();
    let mut id = [0; 16];
    id.copy_from_slice(&digest[..16]);
    let text: String =
        String::from_utf8_lossy(&message.body).replace('\0', "\u{fffd}").chars().take(20_000).collect();
    let kind = message.subject.clone().unwrap_or_else(|| "unreadable".to_owned());
    (Uuid::from_bytes(id), kind, serde_json::json!({ "messageId": message.id, "raw": text }))
}
