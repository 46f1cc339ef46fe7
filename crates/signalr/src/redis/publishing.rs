//! What this process says.

use std::time::Duration;

use parking_lot::Mutex;
use redis::{Client, Pipeline, RedisError, aio::MultiplexedConnection};
use tokio::{
    sync::mpsc,
    time::{sleep, timeout},
};
use tokio_util::sync::CancellationToken;

use super::{Body, Envelope};
use crate::BackplaneError;

/// How many messages may wait, for instance while Redis is away.
const QUEUE: usize = 16 * 1024;

/// How many messages travel together.
const BATCH: usize = 256;

const CONNECT_LIMIT: Duration = Duration::from_secs(5);
const SEND_LIMIT: Duration = Duration::from_secs(5);
const PAUSE_AFTER_FAILURE: Duration = Duration::from_millis(200);

/// Publishes in the order of asking, and never makes anyone wait.
#[derive(Debug)]
pub(super) struct Publisher {
    pod: String,
    /// The number of the newest message, and where messages go: numbers grow along the queue.
    queue: Mutex<(u64, mpsc::Sender<Message>)>,
}

/// A message, ready to be published.
#[derive(Debug)]
struct Message {
    channels: Vec<String>,
    bytes: Vec<u8>,
}

impl Publisher {
    pub(super) fn start(client: Client, pod: String, stop: CancellationToken) -> Self {
        let (sender, messages) = mpsc::channel(QUEUE);
        tokio::spawn(async move {
            tokio::select! {
                () = stop.cancelled() => {}
                () = run(client, messages) => {}
            }
        });
        Self { pod, queue: Mutex::new((0, sender)) }
    }

    pub(super) fn publish(&self, channels: Vec<String>, body: Body) -> Result<(), BackplaneError> {
        let mut queue = self.queue.lock();
        let number = queue.0 + 1;
        let envelope = Envelope { from: self.pod.clone(), number, body };
        let bytes = envelope
            .write()
            .map_err(|error| BackplaneError::new("a message for other processes cannot be written", error))?;
        let queued = queue.1.try_send(Message { channels, bytes });
        queued.map_err(|error| BackplaneError::new("too much waits for Redis", error.to_string()))?;
        queue.0 = number;
        Ok(())
    }
}

async fn run(client: Client, mut messages: mpsc::Receiver<Message>) {
    let mut connection = None;
    let mut batch = Vec::with_capacity(BATCH);
    while messages.recv_many(&mut batch, BATCH).await > 0 {
        // Who has heard a message knows it by its number, so that it can be said again.
        while let Err(error) = send(&client, &mut connection, &batch).await {
            tracing::warn!(%error, waiting = messages.len() + batch.len(), "Redis takes no messages; trying again");
            connection = None;
            sleep(PAUSE_AFTER_FAILURE).await;
        }
        batch.clear();
    }
}

async fn send(
    client: &Client,
    connection: &mut Option<MultiplexedConnection>,
    batch: &[Message],
) -> Result<(), RedisError> {
    let mut pipeline = Pipeline::new();
    for message in batch {
        for channel in &message.channels {
            pipeline.cmd("PUBLISH").arg(channel).arg(&message.bytes).ignore();
        }
    }
    if pipeline.is_empty() {
        return Ok(());
    }
    let late = |_| RedisError::from((redis::ErrorKind::Io, "Redis does not answer"));
    let connection = match connection {
        Some(connection) => connection,
        None => {
            let opened = timeout(CONNECT_LIMIT, client.get_multiplexed_async_connection());
            connection.insert(opened.await.map_err(late)??)
        }
    };
    timeout(SEND_LIMIT, pipeline.query_async::<()>(connection)).await.map_err(late)?
}
