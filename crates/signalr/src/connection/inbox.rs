//! Messages as they come in.

use std::time::Duration;

use bytes::Bytes;
use tokio::{
    sync::mpsc,
    time::{Instant, sleep_until},
};

use crate::{
    HubOptions,
    close::CloseReason,
    outbox::Outbox,
    proto::{
        Protocol,
        framing::{Framing, FramingError},
        message::ClientMessage,
    },
    transport::{ReadError, Reader},
};

/// How long an acknowledgement waits for more to acknowledge.
const ACK_DELAY: Duration = Duration::from_secs(1);

/// Reads messages, from one socket after the other if the client comes back.
pub(super) struct Inbox<'a> {
    reader: Reader,
    framing: Framing,
    options: &'a HubOptions,
    protocol: Protocol,
    comeback: Option<Comeback>,
}

/// What it takes to go on with another socket.
struct Comeback {
    readers: mpsc::Receiver<Reader>,
    /// When the client must be back, while it is away.
    away_until: Option<Instant>,
    /// The number of the newest message that was acted upon.
    received: u64,
    /// The number of the next message to come.
    next: u64,
    /// The newest number that was acknowledged, and when the next one is due.
    acknowledged: u64,
    ack_at: Option<Instant>,
}

impl<'a> Inbox<'a> {
    pub(super) fn new(reader: Reader, options: &'a HubOptions) -> Self {
        let framing = Framing::new(options.max_message_bytes);
        Self { reader, framing, options, protocol: Protocol::Json, comeback: None }
    }

    pub(super) fn options(&self) -> &'a HubOptions {
        self.options
    }

    /// What comes from here on is of this protocol, and may go on with sockets that come through `readers`.
    pub(super) fn speak(&mut self, protocol: Protocol, readers: Option<mpsc::Receiver<Reader>>) {
        self.protocol = protocol;
        self.framing.speak(protocol);
        self.comeback = readers.map(|readers| Comeback {
            readers,
            away_until: None,
            received: 0,
            next: 1,
            acknowledged: 0,
            ack_at: None,
        });
    }

    /// The next message without its separator or length, or why there is none. Loses nothing when dropped
    /// while waiting.
    pub(super) async fn next_bytes(&mut self) -> Result<Bytes, CloseReason> {
        loop {
            if let Some(message) = self.framing.next_message().map_err(CloseReason::Framing)? {
                return Ok(message);
            }
            let chunk = match &mut self.comeback {
                None => self.reader.next().await,
                Some(comeback) => match comeback.chunk_or_reader(&mut self.reader).await {
                    Ok(chunk) => chunk,
                    Err(reader) => {
                        self.reader = reader;
                        self.framing.start_anew();
                        continue;
                    }
                },
            };
            match chunk {
                Ok(chunk) => self.framing.push(chunk),
                Err(ReadError::Lost) => match &mut self.comeback {
                    Some(comeback) if comeback.away_until.is_none() => {
                        comeback.away_until = Some(Instant::now() + self.options.absence_timeout);
                    }
                    _ => return Err(CloseReason::TransportLost),
                },
                Err(ReadError::Left) => return Err(CloseReason::Client),
                Err(ReadError::NotUtf8) => return Err(CloseReason::NotUtf8),
                Err(ReadError::TooLong) => {
                    let limit = self.options.max_frame_bytes;
                    return Err(CloseReason::Framing(FramingError::TooLong { limit }));
                }
            }
        }
    }

    /// The next message that is to be acted upon.
    pub(super) async fn next(&mut self, outbox: &Outbox) -> Result<ClientMessage, CloseReason> {
        loop {
            let bytes = self.next_bytes().await?;
            let message = self.protocol.parse(&bytes).map_err(CloseReason::Malformed)?;
            let Some(comeback) = &mut self.comeback else {
                return Ok(match message {
                    ClientMessage::Ack(_) | ClientMessage::Sequence(_) => ClientMessage::Ignored,
                    message => message,
                });
            };
            match message {
                ClientMessage::Ack(number) => {
                    outbox.acknowledged(number);
                    return Ok(ClientMessage::Ignored);
                }
                ClientMessage::Sequence(number) => {
                    if number > comeback.received + 1 {
                        return Err(CloseReason::Gap);
                    }
                    comeback.next = number;
                }
                message if message.is_numbered() => {
                    if comeback.is_new() {
                        return Ok(message);
                    }
                }
                message => return Ok(message),
            }
        }
    }

    /// When an acknowledgement has to leave.
    pub(super) fn ack_at(&self) -> Option<Instant> {
        self.comeback.as_ref()?.ack_at
    }

    /// The acknowledgement that is due.
    pub(super) fn take_ack(&mut self) -> Option<Bytes> {
        let comeback = self.comeback.as_mut()?;
        comeback.ack_at = None;
        comeback.acknowledged = comeback.received;
        Some(self.protocol.ack(comeback.received))
    }

    /// Whether the client is away and may come back.
    pub(super) fn is_away(&self) -> bool {
        self.comeback.as_ref().is_some_and(|comeback| comeback.away_until.is_some())
    }

    pub(super) async fn drain(&mut self) {
        self.reader.drain().await;
    }
}

impl Comeback {
    /// What `reader` reads, or the reader that takes its place.
    async fn chunk_or_reader(&mut self, reader: &mut Reader) -> Result<Result<Bytes, ReadError>, Reader> {
        let away_until = self.away_until;
        let chunk = async {
            match away_until {
                None => reader.next().await,
                Some(until) => {
                    sleep_until(until).await;
                    Err(ReadError::Lost)
                }
            }
        };
        tokio::select! {
            biased;
            Some(mut newest) = self.readers.recv() => {
                while let Ok(newer) = self.readers.try_recv() {
                    newest = newer;
                }
                self.away_until = None;
                Err(newest)
            }
            chunk = chunk => Ok(chunk),
        }
    }

    /// Counts a message; `false` when it was acted upon before.
    fn is_new(&mut self) -> bool {
        let number = self.next;
        self.next += 1;
        if number <= self.received {
            return false;
        }
        self.received = number;
        if self.ack_at.is_none() {
            self.ack_at = Some(Instant::now() + ACK_DELAY);
        }
        true
    }
}
