//! What server-sent events and long polling share: clients speak by posts.

use std::{sync::Arc, time::Duration};

use bytes::{BufMut, Bytes, BytesMut};
use tokio::sync::mpsc;

use super::{Link, ReadError, Transport, WriteError, polls::Polls};

/// Accepts the bodies that a client posts; holds a post while the connection is busy.
pub(crate) type Posts = mpsc::Sender<Bytes>;

/// The way in.
#[derive(Debug)]
pub(crate) struct Reader {
    posts: mpsc::Receiver<Bytes>,
    presence: Presence,
}

/// How a client shows that it is still there.
#[derive(Debug)]
enum Presence {
    /// By not closing its response. `None` once that is let go.
    Events(Option<mpsc::Sender<Bytes>>),
    /// By polling at least this often.
    Polls(Arc<Polls>, Duration),
}

/// The way out.
#[derive(Debug)]
pub(crate) enum Writer {
    /// The body of a response that does not end. `None` once it has.
    Events(Option<mpsc::Sender<Bytes>>),
    /// The answers to polls.
    Polls(Arc<Polls>),
}

/// Server-sent events: the link, where posts go, and the body of the response.
pub(crate) fn events() -> (Link, Posts, mpsc::Receiver<Bytes>) {
    let (posts, bodies) = mpsc::channel(1);
    let (sender, response) = mpsc::channel(1);
    let reader = Reader { posts: bodies, presence: Presence::Events(Some(sender.clone())) };
    (link(Transport::ServerSentEvents, reader, Writer::Events(Some(sender))), posts, response)
}

/// Long polling: the link, where posts go, and where polls meet it.
pub(crate) fn polling(absence: Duration) -> (Link, Posts, Arc<Polls>) {
    let (posts, bodies) = mpsc::channel(1);
    let polls = Polls::new();
    let reader = Reader { posts: bodies, presence: Presence::Polls(Arc::clone(&polls), absence) };
    (link(Transport::LongPolling, reader, Writer::Polls(Arc::clone(&polls))), posts, polls)
}

fn link(kind: Transport, reader: Reader, writer: Writer) -> Link {
    Link { kind, reader: super::Reader::Http(reader), writer: super::Writer::Http(writer), again: None }
}

impl Reader {
    pub(super) async fn next(&mut self) -> Result<Bytes, ReadError> {
        tokio::select! {
            // What was posted before the end counts.
            biased;
            body = self.posts.recv() => body.ok_or(ReadError::Lost),
            end = self.presence.ended() => Err(end),
        }
    }

    /// Takes no more posts.
    pub(super) fn release(&mut self) {
        self.posts.close();
        self.presence = Presence::Events(None);
    }
}

impl Presence {
    async fn ended(&self) -> ReadError {
        match self {
            Self::Events(Some(response)) => response.closed().await,
            Self::Events(None) => {}
            Self::Polls(polls, absence) => {
                tokio::select! {
                    () = polls.left() => return ReadError::Left,
                    () = polls.abandoned(*absence) => {}
                }
            }
        }
        ReadError::Lost
    }
}

impl Writer {
    pub(super) async fn write(&mut self, bytes: Bytes) -> Result<(), WriteError> {
        match self {
            Self::Events(Some(response)) => response.send(event(&bytes)).await.map_err(|_| WriteError),
            Self::Events(None) => Err(WriteError),
            Self::Polls(polls) => {
                polls.put(bytes).await;
                Ok(())
            }
        }
    }

    pub(super) async fn close(&mut self) {
        match self {
            Self::Events(response) => *response = None,
            Self::Polls(polls) => polls.end().await,
        }
    }
}

/// One event; a line break in its data needs a line of its own.
fn event(data: &[u8]) -> Bytes {
    let mut event = BytesMut::with_capacity(data.len() + 16);
    for line in data.split(|&byte| byte == b'\n') {
        event.put_slice(b"data: ");
        event.put_slice(line.strip_suffix(b"\r").unwrap_or(line));
        event.put_slice(b"\r\n");
    }
    event.put_slice(b"\r\n");
    event.freeze()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_line_of_an_event_is_marked() {
        assert_eq!(event(b"a\x1e"), "data: a\u{1e}\r\n\r\n");
        assert_eq!(event(b"a\nb\r\nc"), "data: a\r\ndata: b\r\ndata: c\r\n\r\n");
    }
}
