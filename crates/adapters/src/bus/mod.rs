//! The event bus between the outbox and those who act on events: queues, one for each consumer, and a topic for whoever else
//! listens.
//!
//! Without a bus the database does its work. [`AmqpBus`] speaks AMQP 1.0: to Azure Service Bus, and to RabbitMQ. The bus only
//! carries: that each event takes effect once, retries and dead letters are the database's part, so that they are the same
//! everywhere.

mod amqp;
mod sas;
mod settings;

use std::future::Future;
use std::pin::Pin;
use std::time::Duration;

use bytes::Bytes;
use uuid::Uuid;

pub use amqp::AmqpBus;
pub use settings::{BusSettings, Dialect, Unusable};

/// Where messages go to and come from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Place<'a> {
    /// A queue.
    Queue(&'a str),
    /// A topic: everybody who subscribed gets a copy.
    Topic(&'a str),
}

/// A message to send.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Message {
    /// Known again by it.
    pub id: Uuid,
    /// What it is: the kind of the event.
    pub subject: String,
    /// What it is about: messages of one group keep their order where the bus can tell groups apart.
    pub group: Uuid,
    /// Its content, JSON.
    pub body: Bytes,
}

/// What the bus said to a message.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Outcome {
    /// It has it, and keeps it.
    Taken,
    /// It will never take it: too large, say.
    Refused(String),
}

/// A message that came.
#[derive(Debug)]
pub struct Received {
    /// Its place among what this receiver has in hand.
    pub(crate) number: u32,
    /// The sender's name for it.
    pub id: Option<String>,
    /// What it is.
    pub subject: Option<String>,
    /// Its content.
    pub body: Vec<u8>,
}

/// The bus failed; what was under way may or may not have happened. No secrets in it.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// It can't be reached, or hung up.
    #[error("the bus failed while {doing}: {why}")]
    Broken {
        /// What was being done.
        doing: &'static str,
        /// What it said.
        why: String,
    },
    /// It didn't answer in time.
    #[error("the bus gave no answer in time while {0}")]
    Silent(&'static str),
    /// A queue or topic is not there.
    #[error("{0} doesn't exist on the bus; make it, see docs/OPERATIONS.md")]
    NoSuchPlace(String),
}

/// What the methods give.
pub type Answer<'a, T> = Pin<Box<dyn Future<Output = Result<T, Error>> + Send + 'a>>;

/// Carries messages.
pub trait Bus: Send + Sync + 'static {
    /// Sends messages in this order, and gives what the bus said to each. After an error some may have been taken.
    fn send<'a>(&'a self, to: Place<'a>, messages: &'a [Message]) -> Answer<'a, Vec<Outcome>>;

    /// Opens a queue to receive from it.
    fn receive<'a>(&'a self, queue: &'a str) -> Answer<'a, Box<dyn Receiver>>;

    /// Whether these places exist.
    fn check<'a>(&'a self, places: &'a [Place<'a>]) -> Answer<'a, ()>;
}

/// One who receives from a queue. What it has in hand when it is dropped goes back to the queue.
pub trait Receiver: Send {
    /// The next messages, at most so many: as soon as there is one; none when none came within this time.
    fn next(&mut self, most: usize, within: Duration) -> Answer<'_, Vec<Received>>;

    /// They were dealt with and may be forgotten.
    fn complete<'a>(&'a mut self, messages: &'a [Received]) -> Answer<'a, ()>;

    /// Gives everything back and hangs up.
    fn close(self: Box<Self>) -> Pin<Box<dyn Future<Output = ()> + Send>>;
}
