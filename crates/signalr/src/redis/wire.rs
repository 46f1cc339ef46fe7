//! What processes say to each other.

use bytes::Bytes;
use serde::{Deserialize, Serialize};

use crate::{Audience, ConnectionId, Reconnect, proto::Protocol};

/// One message.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct Envelope {
    /// The process that says it.
    pub(super) from: String,
    /// Counts what that process says; a message for several groups is published for each of them, and acted
    /// upon once.
    pub(super) number: u64,
    pub(super) body: Body,
}

#[derive(Debug, Serialize, Deserialize)]
pub(crate) enum Body {
    /// For the connections of whoever hears it.
    Event {
        audience: Audience,
        except: Vec<ConnectionId>,
        frames: Frames,
        /// Where it was sent stands in its trace.
        trace: Option<String>,
    },
    /// Put a connection into a group, or take it out, and reply.
    Group { id: ConnectionId, group: String, join: bool, reply: u64 },
    /// Close a connection.
    Disconnect { id: ConnectionId, reconnect: Reconnect },
    /// Close all connections of a user.
    DisconnectUser { user: String, reconnect: Reconnect },
    /// Ask a client, and reply.
    Ask { id: ConnectionId, target: String, arguments: Frames, reply: u64 },
    /// The reply.
    Reply { to: u64, answer: Answer },
}

/// The same in both protocols, so that it is written only once.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct Frames {
    #[serde(with = "binary")]
    pub(super) json: Bytes,
    #[serde(with = "binary")]
    pub(super) msgpack: Bytes,
}

impl Frames {
    pub(super) fn of(&self, protocol: Protocol) -> &Bytes {
        match protocol {
            Protocol::Json => &self.json,
            Protocol::MessagePack => &self.msgpack,
        }
    }
}

#[derive(Debug, Serialize, Deserialize)]
pub(crate) enum Answer {
    /// Whether a membership has changed.
    Done(bool),
    /// The client's value.
    Json(#[serde(with = "binary")] Bytes),
    /// The client's value.
    MessagePack(#[serde(with = "binary")] Bytes),
    /// The client's error.
    ClientError(String),
    /// There is no such client, or no longer.
    Gone,
    /// The client has not answered.
    Timeout,
}

impl Envelope {
    pub(super) fn write(&self) -> Result<Vec<u8>, rmp_serde::encode::Error> {
        rmp_serde::to_vec(self)
    }

    pub(super) fn read(bytes: &[u8]) -> Result<Self, rmp_serde::decode::Error> {
        rmp_serde::from_slice(bytes)
    }
}

/// Bytes as bytes, not as a list of numbers.
mod binary {
    use std::fmt;

    use bytes::Bytes;
    use serde::{Deserializer, Serializer, de};

    pub(super) fn serialize<S: Serializer>(bytes: &Bytes, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_bytes(bytes)
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Bytes, D::Error> {
        struct Visitor;

        impl de::Visitor<'_> for Visitor {
            type Value = Bytes;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("bytes")
            }

            fn visit_bytes<E: de::Error>(self, bytes: &[u8]) -> Result<Bytes, E> {
                Ok(Bytes::copy_from_slice(bytes))
            }

            fn visit_byte_buf<E: de::Error>(self, bytes: Vec<u8>) -> Result<Bytes, E> {
                Ok(bytes.into())
            }
        }

        deserializer.deserialize_byte_buf(Visitor)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_one_process_writes_another_reads() {
        let frames = Frames { json: "[1]\u{1e}".into(), msgpack: vec![0x91, 0x01].into() };
        let body = Body::Event {
            audience: Audience::group("g"),
            except: vec![ConnectionId::from_text("c")],
            frames,
            trace: Some("00-1-2-01".to_owned()),
        };
        let envelope = Envelope { from: "pod".into(), number: 7, body };
        let read = Envelope::read(&envelope.write().unwrap()).unwrap();
        assert_eq!((read.from.as_str(), read.number), ("pod", 7));
        let Body::Event { audience, except, frames, trace } = read.body else { panic!("another body") };
        assert_eq!(trace.as_deref(), Some("00-1-2-01"));
        assert_eq!(audience, Audience::group("g"));
        assert_eq!(except, [ConnectionId::from_text("c")]);
        assert_eq!(frames.of(Protocol::MessagePack), &[0x91, 0x01][..]);
    }
}
