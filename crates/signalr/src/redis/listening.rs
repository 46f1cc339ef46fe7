//! What this process hears.

use std::{
    collections::{HashMap, HashSet},
    sync::{Arc, Weak, atomic::Ordering},
    time::Duration,
};

use futures_util::StreamExt;
use redis::{
    Client, RedisError,
    aio::{PubSubSink, PubSubStream},
};
use tokio::{
    sync::{mpsc, oneshot},
    time::{sleep, timeout},
};

use super::{receiving::receive, wire::Envelope};
use crate::{Hub, scale::Scale, server::Inner};

const CONNECT_LIMIT: Duration = Duration::from_secs(5);
const PAUSE_AFTER_FAILURE: Duration = Duration::from_millis(200);
/// How often a connection on which nothing comes is tried.
const PING_EVERY: Duration = Duration::from_secs(5);
/// How many processes are remembered, to know what they have said before.
const MAX_PROCESSES: usize = 10_000;

/// Something about a group or user has changed here: perhaps it has to be heard now, or no longer. What is the
/// case is looked up when the order is carried out, so that the order of orders does not matter.
#[derive(Debug)]
pub(super) enum Order {
    Group(Arc<str>, Option<oneshot::Sender<()>>),
    User(Arc<str>, Option<oneshot::Sender<()>>),
}

impl Order {
    /// `done` is told when it is carried out.
    pub(super) fn reporting(self, done: oneshot::Sender<()>) -> Self {
        match self {
            Self::Group(name, _) => Self::Group(name, Some(done)),
            Self::User(name, _) => Self::User(name, Some(done)),
        }
    }
}

pub(super) struct Listener<H: Hub> {
    client: Client,
    inner: Weak<Inner<H>>,
    /// The newest number that each process has said.
    heard: HashMap<String, u64>,
}

impl<H: Hub> Listener<H> {
    pub(super) fn new(client: Client, inner: Weak<Inner<H>>) -> Self {
        Self { client, inner, heard: HashMap::new() }
    }

    /// Until the hub is gone.
    pub(super) async fn run(mut self, mut orders: mpsc::UnboundedReceiver<Order>) {
        while self.inner.strong_count() > 0 {
            if let Err(error) = self.listen(&mut orders).await {
                tracing::warn!(%error, "Redis cannot be heard; trying again");
            }
            self.set_listening(false);
            while orders.try_recv().is_ok() {}
            sleep(PAUSE_AFTER_FAILURE).await;
        }
    }

    /// Until the connection breaks.
    async fn listen(&mut self, orders: &mut mpsc::UnboundedReceiver<Order>) -> Result<(), RedisError> {
        let late = |_| RedisError::from((redis::ErrorKind::Io, "Redis does not answer"));
        let opened = timeout(CONNECT_LIMIT, self.client.get_async_pubsub()).await.map_err(late)??;
        let (mut sink, mut stream): (PubSubSink, PubSubStream) = opened.split();
        // From here on changes are orders; those before are found in what has to be heard now.
        self.set_listening(true);
        let mut channels = self.channels();
        let all: Vec<&String> = channels.iter().collect();
        timeout(CONNECT_LIMIT, sink.subscribe(all)).await.map_err(late)??;
        tracing::info!(channels = channels.len(), "other processes are heard by Redis");
        loop {
            tokio::select! {
                message = stream.next() => match message {
                    None => return Ok(()),
                    Some(message) => self.hear(message.get_payload_bytes()),
                },
                order = orders.recv() => {
                    let Some(order) = order else { return Ok(()) };
                    timeout(CONNECT_LIMIT, self.carry_out(order, &mut channels, &mut sink)).await.map_err(late)??;
                }
                () = sleep(PING_EVERY) => {
                    timeout(CONNECT_LIMIT, sink.ping::<redis::Value>()).await.map_err(late)??;
                }
            }
        }
    }

    fn set_listening(&self, listening: bool) {
        if let Some(inner) = self.inner.upgrade()
            && let Scale::Redis(redis) = &inner.scale
        {
            redis.listening.store(listening, Ordering::SeqCst);
        }
    }

    /// What has to be heard now.
    fn channels(&self) -> HashSet<String> {
        let Some(inner) = self.inner.upgrade() else { return HashSet::new() };
        let Scale::Redis(redis) = &inner.scale else { return HashSet::new() };
        let (groups, users) = inner.registry().interests();
        let mut channels = HashSet::from([redis.all(), redis.process(&redis.pod)]);
        channels.extend(groups.iter().map(|group| redis.group(group)));
        channels.extend(users.iter().map(|user| redis.user(user)));
        channels
    }

    async fn carry_out(
        &self,
        order: Order,
        channels: &mut HashSet<String>,
        sink: &mut PubSubSink,
    ) -> Result<(), RedisError> {
        let (channel, wanted, done) = {
            let Some(inner) = self.inner.upgrade() else { return Ok(()) };
            let Scale::Redis(redis) = &inner.scale else { return Ok(()) };
            match order {
                Order::Group(group, done) => (redis.group(&group), inner.registry().has_group(&group), done),
                Order::User(user, done) => (redis.user(&user), inner.registry().has_user(&user), done),
            }
        };
        if wanted && !channels.contains(&channel) {
            sink.subscribe(&channel).await?;
            channels.insert(channel);
        } else if !wanted && channels.remove(&channel) {
            sink.unsubscribe(&channel).await?;
        }
        if let Some(done) = done {
            // Whoever has asked may not wait any more.
            let _ = done.send(());
        }
        Ok(())
    }

    fn hear(&mut self, payload: &[u8]) {
        let envelope = match Envelope::read(payload) {
            Ok(envelope) => envelope,
            Err(error) => return tracing::error!(%error, "what another process says cannot be understood"),
        };
        // This process has served its own connections already.
        if self.is_own(&envelope.from) {
            return;
        }
        if self.heard.len() > MAX_PROCESSES {
            self.heard.clear();
        }
        let newest = self.heard.entry(envelope.from.clone()).or_default();
        if envelope.number <= *newest {
            return;
        }
        *newest = envelope.number;
        receive(&self.inner, envelope);
    }

    fn is_own(&self, pod: &str) -> bool {
        self.inner
            .upgrade()
            .is_some_and(|inner| matches!(&inner.scale, Scale::Redis(redis) if redis.pod == pod))
    }
}
