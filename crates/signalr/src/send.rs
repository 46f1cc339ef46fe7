//! Events on their way out.

use std::cell::OnceCell;

use bytes::Bytes;
use serde::{Deserialize, Serialize};

use crate::{
    ConnectionId, SendError,
    proto::{
        Protocol,
        value::{Encode, EncodeError},
    },
};

/// The arguments of an event: one value per parameter of the client's handler, as a tuple such as
/// `(order,)` or as a list.
pub trait Arguments: Serialize + Send + Sync {}

impl<T: Serialize + Send + Sync> Arguments for Vec<T> {}
impl<T: Serialize + Sync> Arguments for &[T] {}
impl<A: Serialize + Send + Sync> Arguments for (A,) {}
impl<A: Serialize + Send + Sync, B: Serialize + Send + Sync> Arguments for (A, B) {}
impl<A: Serialize + Send + Sync, B: Serialize + Send + Sync, C: Serialize + Send + Sync> Arguments
    for (A, B, C)
{
}
impl<
    A: Serialize + Send + Sync,
    B: Serialize + Send + Sync,
    C: Serialize + Send + Sync,
    D: Serialize + Send + Sync,
> Arguments for (A, B, C, D)
{
}

/// Whom an event is for. A connection that is meant in several ways gets it once.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum Audience {
    /// Everyone.
    All,
    /// The members of any of these groups.
    Groups(Vec<String>),
    /// All connections of these users, by their keys.
    Users(Vec<String>),
    /// These connections.
    Connections(Vec<ConnectionId>),
}

impl Audience {
    /// The members of a group.
    pub fn group(group: impl Into<String>) -> Self {
        Self::Groups(vec![group.into()])
    }

    /// All connections of a user.
    pub fn user(user_key: impl Into<String>) -> Self {
        Self::Users(vec![user_key.into()])
    }

    /// One connection.
    pub fn connection(id: &ConnectionId) -> Self {
        Self::Connections(vec![id.clone()])
    }
}

/// An event in the protocols that its receivers need, each written once.
pub(crate) struct Event<'a> {
    target: &'a str,
    arguments: &'a (dyn Encode + Sync),
    json: OnceCell<Bytes>,
    msgpack: OnceCell<Bytes>,
}

impl<'a> Event<'a> {
    pub(crate) fn new<A: Arguments>(target: &'a str, arguments: &'a A) -> Self {
        Self { target, arguments, json: OnceCell::new(), msgpack: OnceCell::new() }
    }

    /// Whether it can be written at all.
    pub(crate) fn check(&self) -> Result<(), SendError> {
        if self.json.get().is_none() && self.msgpack.get().is_none() {
            self.message(Protocol::Json)?;
        }
        Ok(())
    }

    pub(crate) fn message(&self, protocol: Protocol) -> Result<Bytes, SendError> {
        let cell = match protocol {
            Protocol::Json => &self.json,
            Protocol::MessagePack => &self.msgpack,
        };
        if let Some(message) = cell.get() {
            return Ok(message.clone());
        }
        let message = protocol.invocation(None, self.target, self.arguments);
        let message = message.map_err(|source| unwritable(self.target, source))?;
        Ok(cell.get_or_init(|| message).clone())
    }
}

pub(crate) fn unwritable(target: &str, source: EncodeError) -> SendError {
    SendError::Encode { target: target.to_owned(), source }
}
