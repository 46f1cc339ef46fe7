//! The hub protocols as bytes: no I/O, no clock, no state beyond a partly received message.

pub(crate) mod framing;
pub(crate) mod handshake;
pub(crate) mod json;
pub(crate) mod message;
pub(crate) mod msgpack;
mod msgpack_read;
pub(crate) mod value;

#[cfg(test)]
mod fuzz;
#[cfg(test)]
mod tests;

use bytes::Bytes;

use message::{ClientMessage, Malformed, Outcome};
use value::{Encode, EncodeError, RawValue};

/// Ends every record of the handshake and of the JSON hub protocol (ASCII "record separator").
pub(crate) const RECORD_SEPARATOR: u8 = 0x1e;

/// The language of a connection after its handshake.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) enum Protocol {
    /// Records of JSON; text.
    Json,
    /// Arrays of MessagePack with a length before each; binary.
    MessagePack,
}

impl Protocol {
    /// The name in the handshake.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Json => "json",
            Self::MessagePack => "messagepack",
        }
    }

    /// Reads one message, without its separator or length.
    pub(crate) fn parse(self, message: &Bytes) -> Result<ClientMessage, Malformed> {
        match self {
            Self::Json => json::parse(message),
            Self::MessagePack => msgpack::parse(message),
        }
    }

    /// A call of the client's handlers named `target`. With an id the client answers. `arguments` must be
    /// written as a list.
    pub(crate) fn invocation(
        self,
        id: Option<&str>,
        target: &str,
        arguments: &dyn Encode,
    ) -> Result<Bytes, EncodeError> {
        match self {
            Self::Json => json::invocation(id, target, arguments),
            Self::MessagePack => msgpack::invocation(id, target, arguments),
        }
    }

    /// The answer to the call `id`; `Outcome::Result` holds a value written in this protocol.
    pub(crate) fn completion(self, id: &str, outcome: &Outcome) -> Result<Bytes, EncodeError> {
        match self {
            Self::Json => json::completion(id, outcome),
            Self::MessagePack => msgpack::completion(id, outcome),
        }
    }

    /// An item of the stream that the call `id` has started, written in this protocol.
    pub(crate) fn stream_item(self, id: &str, item: &RawValue) -> Result<Bytes, EncodeError> {
        match self {
            Self::Json => json::stream_item(id, item),
            Self::MessagePack => msgpack::stream_item(id, item),
        }
    }

    /// The server's farewell.
    pub(crate) fn close(self, error: Option<&str>, allow_reconnect: bool) -> Result<Bytes, EncodeError> {
        match self {
            Self::Json => json::close(error, allow_reconnect),
            Self::MessagePack => msgpack::close(error, allow_reconnect),
        }
    }

    /// The keep-alive message.
    pub(crate) fn ping(self) -> Bytes {
        Bytes::from_static(match self {
            Self::Json => json::PING,
            Self::MessagePack => msgpack::PING,
        })
    }

    /// Everything up to this message has arrived.
    pub(crate) fn ack(self, number: u64) -> Bytes {
        self.numbered(8, number)
    }

    /// The next message has this number.
    pub(crate) fn sequence(self, number: u64) -> Bytes {
        self.numbered(9, number)
    }

    fn numbered(self, kind: u8, number: u64) -> Bytes {
        match self {
            Self::Json => format!("{{\"type\":{kind},\"sequenceId\":{number}}}\u{1e}").into(),
            Self::MessagePack => msgpack::numbered(kind, number),
        }
    }
}
