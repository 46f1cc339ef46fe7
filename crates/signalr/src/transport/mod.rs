//! How bytes travel between a client and its connection.

pub(crate) mod http;
pub(crate) mod polls;
mod websocket;

use axum::extract::ws::WebSocket;
use bytes::{Bytes, BytesMut};
use tokio::sync::mpsc;

use crate::proto::Protocol;

/// The kinds of transports.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Transport {
    /// A WebSocket.
    WebSockets,
    /// Server-sent events and posts.
    ServerSentEvents,
    /// Requests that are held, and posts.
    LongPolling,
}

impl Transport {
    /// The name clients use.
    pub fn name(self) -> &'static str {
        match self {
            Self::WebSockets => "WebSockets",
            Self::ServerSentEvents => "ServerSentEvents",
            Self::LongPolling => "LongPolling",
        }
    }

    pub(crate) fn is_binary(self) -> bool {
        self != Self::ServerSentEvents
    }

    /// Whether silence has to be broken; a poll is its own sign of life.
    pub(crate) fn needs_pings(self) -> bool {
        self != Self::LongPolling
    }
}

/// What ends reading.
#[derive(Debug)]
pub(crate) enum ReadError {
    /// The transport is closed or broken.
    Lost,
    /// The client has ended the connection in the way of its transport.
    Left,
    /// A frame exceeds the limit of the transport.
    TooLong,
    /// A text message is not UTF-8.
    NotUtf8,
}

/// Nothing can be written any more.
#[derive(Debug, thiserror::Error)]
#[error("the transport is lost")]
pub(crate) struct WriteError;

/// Both directions of an open transport.
#[derive(Debug)]
pub(crate) struct Link {
    pub(crate) kind: Transport,
    pub(crate) reader: Reader,
    pub(crate) writer: Writer,
    /// Where sockets arrive that take the place of a broken one; `None` when that is not agreed.
    pub(crate) again: Option<Again>,
}

/// New directions for a connection whose socket has broken.
#[derive(Debug)]
pub(crate) struct Again {
    pub(crate) readers: mpsc::Receiver<Reader>,
    pub(crate) writers: mpsc::Receiver<Writer>,
}

/// The other end of [`Again`].
#[derive(Debug, Clone)]
pub(crate) struct Reattach {
    readers: mpsc::Sender<Reader>,
    writers: mpsc::Sender<Writer>,
}

/// How many sockets may be on their way to one connection.
const REATTACHING: usize = 4;

/// A connection's two ends for new sockets.
pub(crate) fn reattaching() -> (Reattach, Again) {
    let (readers, new_readers) = mpsc::channel(REATTACHING);
    let (writers, new_writers) = mpsc::channel(REATTACHING);
    (Reattach { readers, writers }, Again { readers: new_readers, writers: new_writers })
}

impl Reattach {
    /// Hands a socket over; when the connection is gone by now, the socket closes.
    pub(crate) async fn attach(&self, socket: WebSocket) {
        let (writer, reader) = websocket::split(socket);
        if self.readers.send(Reader::WebSocket(reader)).await.is_ok() {
            // The connection may have ended in between, which closes the socket all the same.
            let _ = self.writers.send(Writer::WebSocket(writer)).await;
        }
    }
}

/// The way in.
#[derive(Debug)]
pub(crate) enum Reader {
    WebSocket(websocket::Reader),
    Http(http::Reader),
}

/// The way out.
#[derive(Debug)]
pub(crate) enum Writer {
    WebSocket(websocket::Writer),
    Http(http::Writer),
}

impl Link {
    pub(crate) fn web_socket(socket: WebSocket, again: Option<Again>) -> Self {
        let (writer, reader) = websocket::split(socket);
        Self {
            kind: Transport::WebSockets,
            reader: Reader::WebSocket(reader),
            writer: Writer::WebSocket(writer),
            again,
        }
    }
}

impl Reader {
    /// The next bytes. Loses nothing when dropped while waiting.
    pub(crate) async fn next(&mut self) -> Result<Bytes, ReadError> {
        match self {
            Self::WebSocket(reader) => reader.next().await,
            Self::Http(reader) => reader.next().await,
        }
    }

    /// Lets the client close its side in order.
    pub(crate) async fn drain(&mut self) {
        match self {
            Self::WebSocket(reader) => reader.drain().await,
            Self::Http(reader) => reader.release(),
        }
    }
}

impl Writer {
    /// Writes whole messages of one protocol and sends them off together.
    pub(crate) async fn write(
        &mut self,
        protocol: Protocol,
        messages: &mut Vec<Bytes>,
    ) -> Result<(), WriteError> {
        let message = joined(messages);
        match self {
            Self::WebSocket(writer) => writer.write(protocol, message).await,
            Self::Http(writer) => writer.write(message).await,
        }
    }

    /// Tells the client that nothing more will come.
    pub(crate) async fn close(&mut self, code: u16) -> Result<(), WriteError> {
        match self {
            Self::WebSocket(writer) => writer.close(code).await,
            Self::Http(writer) => {
                writer.close().await;
                Ok(())
            }
        }
    }
}

/// One system call and one event in the browser for many messages; both protocols allow it.
fn joined(messages: &mut Vec<Bytes>) -> Bytes {
    if messages.len() == 1
        && let Some(message) = messages.pop()
    {
        return message;
    }
    let mut all = BytesMut::with_capacity(messages.iter().map(Bytes::len).sum());
    for message in messages.drain(..) {
        all.extend_from_slice(&message);
    }
    all.freeze()
}
