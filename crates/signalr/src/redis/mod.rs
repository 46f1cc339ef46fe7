//! Several processes that tell each other by Redis.
//!
//! Each process keeps its own connections and sends to them directly; others are told by publishing. A process
//! hears what is for all, for itself, and for the groups and users that are connected to it. Redis keeps nothing:
//! while it is away, a process serves its own connections, and what is for others waits for a while.
//!
//! The requests of one connection must all come to its process (sticky sessions), unless clients use WebSockets
//! without negotiation.

mod listening;
mod publishing;
mod receiving;
mod wire;

use std::{
    collections::HashMap,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use parking_lot::Mutex;
use tokio::{
    sync::{mpsc, oneshot},
    time::timeout,
};
use tokio_util::sync::CancellationToken;

use crate::{
    Arguments, Audience, BackplaneError, ConnectionId, Hub, HubOptions, HubServer, HubSetupError,
    InvokeError, Propagation, Reconnect, SendError,
    id::random_id,
    proto::{
        Protocol,
        value::{RawValue, encoded},
    },
    scale::Scale,
    send::{Event, unwritable},
};
use listening::Order;
use publishing::Publisher;
use wire::{Answer, Body, Envelope, Frames};

/// How long another process may take to answer.
const REPLY_LIMIT: Duration = Duration::from_secs(30);

/// How long joining a group waits until Redis has noted it; while Redis is away nothing would come anyway.
const LISTEN_LIMIT: Duration = Duration::from_secs(2);

/// The way to the other processes of a hub.
#[derive(Debug)]
pub(crate) struct Redis {
    pod: String,
    prefix: String,
    publisher: Publisher,
    orders: mpsc::UnboundedSender<Order>,
    /// Whether orders are carried out; they need not be given otherwise.
    listening: AtomicBool,
    replies: Replies,
    propagation: Option<Propagation>,
    stop: CancellationToken,
}

/// A call to the client of another process, its arguments written in both protocols.
#[derive(Debug)]
pub(crate) struct Question {
    target: String,
    arguments: Frames,
}

impl Question {
    pub(crate) fn new(target: &str, arguments: &impl Arguments) -> Result<Self, SendError> {
        let write = |protocol| encoded(arguments, protocol).map_err(|source| unwritable(target, source));
        let arguments = Frames {
            json: write(Protocol::Json)?.bytes().clone(),
            msgpack: write(Protocol::MessagePack)?.bytes().clone(),
        };
        Ok(Self { target: target.to_owned(), arguments })
    }
}

impl<H: Hub> HubServer<H> {
    /// A hub whose connections are spread over several processes. Those with the same name at the same Redis
    /// tell each other. It begins to serve at once, and reaches the others as soon as Redis is there. Needs a
    /// Tokio runtime.
    ///
    /// # Errors
    /// Two methods of the hub have the same name.
    pub fn with_redis(
        hub: H,
        options: HubOptions,
        client: ::redis::Client,
        name: impl Into<String>,
    ) -> Result<Self, HubSetupError> {
        let pod = random_id();
        let stop = CancellationToken::new();
        let publisher = Publisher::start(client.clone(), pod.clone(), stop.clone());
        let (orders, given) = mpsc::unbounded_channel();
        let redis = Redis {
            pod,
            prefix: name.into(),
            publisher,
            orders,
            listening: AtomicBool::new(false),
            replies: Replies::default(),
            propagation: options.propagation,
            stop: stop.clone(),
        };
        let server = Self::with(hub, options, Scale::Redis(redis))?;
        let listener = listening::Listener::new(client, Arc::downgrade(&server.inner));
        tokio::spawn(async move {
            tokio::select! {
                () = stop.cancelled() => {}
                () = listener.run(given) => {}
            }
        });
        Ok(server)
    }
}

impl Redis {
    /// The name of this process.
    pub(crate) fn pod(&self) -> &str {
        &self.pod
    }

    pub(crate) fn stop(&self) {
        self.stop.cancel();
    }

    fn all(&self) -> String {
        format!("{}:all", self.prefix)
    }

    fn group(&self, group: &str) -> String {
        format!("{}:group:{group}", self.prefix)
    }

    fn user(&self, user: &str) -> String {
        format!("{}:user:{user}", self.prefix)
    }

    fn process(&self, pod: &str) -> String {
        format!("{}:pod:{pod}", self.prefix)
    }

    /// An event for other processes; `None` when it is for connections of this one only.
    pub(crate) fn envelope(
        &self,
        audience: &Audience,
        except: &[ConnectionId],
        event: &Event<'_>,
    ) -> Result<Option<Body>, SendError> {
        if let Audience::Connections(ids) = audience
            && ids.iter().all(|id| id.home() == Some(&self.pod))
        {
            return Ok(None);
        }
        let frames =
            Frames { json: event.message(Protocol::Json)?, msgpack: event.message(Protocol::MessagePack)? };
        let trace = self.propagation.and_then(|propagation| (propagation.inject)());
        Ok(Some(Body::Event { audience: audience.clone(), except: except.to_vec(), frames, trace }))
    }

    /// Tells the others of an event.
    pub(crate) fn publish(
        &self,
        audience: &Audience,
        event: Option<Body>,
    ) -> std::future::Ready<Result<(), BackplaneError>> {
        let Some(event) = event else { return std::future::ready(Ok(())) };
        let channels = match audience {
            Audience::All => vec![self.all()],
            Audience::Groups(groups) => groups.iter().map(|group| self.group(group)).collect(),
            Audience::Users(users) => users.iter().map(|user| self.user(user)).collect(),
            Audience::Connections(ids) => {
                let mut pods: Vec<&str> = ids.iter().filter_map(ConnectionId::home).collect();
                pods.sort_unstable();
                pods.dedup();
                pods.retain(|pod| *pod != self.pod);
                pods.into_iter().map(|pod| self.process(pod)).collect()
            }
        };
        std::future::ready(self.publisher.publish(channels, event))
    }

    /// Hears what is for a group, if it does not yet. Returns when Redis has noted it, or after a while.
    pub(crate) async fn listen_to_group(&self, group: &str) {
        self.listen(Order::Group(group.into(), None)).await;
    }

    /// The same for a user.
    pub(crate) async fn listen_to_user(&self, user: &str) {
        self.listen(Order::User(user.into(), None)).await;
    }

    async fn listen(&self, order: Order) {
        let (done, noted) = oneshot::channel();
        self.order(order.reporting(done));
        if timeout(LISTEN_LIMIT, noted).await.is_err() {
            tracing::debug!("Redis does not note what is to be heard here");
        }
    }

    /// What has changed before listening begins is found then.
    fn order(&self, order: Order) {
        if self.listening.load(Ordering::SeqCst) {
            // Fails only when the hub shuts down.
            let _ = self.orders.send(order);
        }
    }

    /// Stops hearing a group that has no connection here any more.
    pub(crate) fn recheck_group(&self, group: &str) {
        self.order(Order::Group(group.into(), None));
    }

    /// The same for a user.
    pub(crate) fn recheck_user(&self, user: &str) {
        self.order(Order::User(user.into(), None));
    }

    /// Has another process put its connection into a group, or take it out.
    pub(crate) async fn change_group(
        &self,
        id: &ConnectionId,
        group: &str,
        join: bool,
    ) -> Result<bool, BackplaneError> {
        let Some(pod) = id.home().filter(|pod| *pod != self.pod) else { return Ok(false) };
        let request = |reply| Body::Group { id: id.clone(), group: group.to_owned(), join, reply };
        match self.request(pod, request, REPLY_LIMIT).await? {
            Answer::Done(changed) => Ok(changed),
            _ => Ok(false),
        }
    }

    /// Has another process close a connection.
    pub(crate) fn disconnect(
        &self,
        id: &ConnectionId,
        reconnect: Reconnect,
    ) -> std::future::Ready<Result<(), BackplaneError>> {
        std::future::ready(match id.home().filter(|pod| *pod != self.pod) {
            None => Ok(()),
            Some(pod) => {
                let body = Body::Disconnect { id: id.clone(), reconnect };
                self.publisher.publish(vec![self.process(pod)], body)
            }
        })
    }

    /// Has the other processes close the connections of a user.
    pub(crate) fn disconnect_user(
        &self,
        user: &str,
        reconnect: Reconnect,
    ) -> std::future::Ready<Result<(), BackplaneError>> {
        let body = Body::DisconnectUser { user: user.to_owned(), reconnect };
        std::future::ready(self.publisher.publish(vec![self.user(user)], body))
    }

    /// Asks a client of another process.
    pub(crate) async fn ask(
        &self,
        id: &ConnectionId,
        question: Question,
        limit: Duration,
    ) -> Result<RawValue, InvokeError> {
        let Some(pod) = id.home().filter(|pod| *pod != self.pod) else { return Err(InvokeError::Gone) };
        let Question { target, arguments } = question;
        let ask = |reply| Body::Ask { id: id.clone(), target, arguments, reply };
        let answer = match timeout(limit, self.request(pod, ask, limit)).await {
            Err(_) => return Err(InvokeError::Timeout),
            Ok(answer) => answer.map_err(SendError::from)?,
        };
        match answer {
            Answer::Json(bytes) => Ok(RawValue::new(Protocol::Json, bytes)),
            Answer::MessagePack(bytes) => Ok(RawValue::new(Protocol::MessagePack, bytes)),
            Answer::ClientError(text) => Err(InvokeError::Client(text)),
            Answer::Timeout => Err(InvokeError::Timeout),
            Answer::Done(_) | Answer::Gone => Err(InvokeError::Gone),
        }
    }

    async fn request(
        &self,
        pod: &str,
        body: impl FnOnce(u64) -> Body,
        limit: Duration,
    ) -> Result<Answer, BackplaneError> {
        let mut waiting = self.replies.expect();
        self.publisher.publish(vec![self.process(pod)], body(waiting.number))?;
        match timeout(limit, &mut waiting.answer).await {
            Ok(Ok(answer)) => Ok(answer),
            _ => Err(BackplaneError::text("another process has not answered in time")),
        }
    }
}

/// What other processes are to answer.
#[derive(Debug, Default)]
struct Replies(Mutex<(u64, HashMap<u64, oneshot::Sender<Answer>>)>);

/// One expected answer. Forgotten when this is dropped.
struct Waiting<'a> {
    replies: &'a Replies,
    number: u64,
    answer: oneshot::Receiver<Answer>,
}

impl Replies {
    fn expect(&self) -> Waiting<'_> {
        let (sender, answer) = oneshot::channel();
        let mut inner = self.0.lock();
        inner.0 += 1;
        let number = inner.0;
        inner.1.insert(number, sender);
        Waiting { replies: self, number, answer }
    }

    fn answer(&self, number: u64, answer: Answer) {
        if let Some(waiting) = self.0.lock().1.remove(&number) {
            // Whoever has asked may have given up just now.
            let _ = waiting.send(answer);
        }
    }
}

impl Drop for Waiting<'_> {
    fn drop(&mut self) {
        self.replies.0.lock().1.remove(&self.number);
    }
}
