//! The WebSocket transport.

use axum::extract::ws::{CloseFrame, Message, Utf8Bytes, WebSocket};
use bytes::Bytes;
use futures_util::{
    SinkExt, StreamExt,
    stream::{SplitSink, SplitStream},
};
use tokio_tungstenite::tungstenite;

use super::{ReadError, WriteError};
use crate::proto::Protocol;

/// The way in.
#[derive(Debug)]
pub(crate) struct Reader(SplitStream<WebSocket>);

/// The way out.
#[derive(Debug)]
pub(crate) struct Writer(SplitSink<WebSocket, Message>);

/// Both ways of a socket.
pub(super) fn split(socket: WebSocket) -> (Writer, Reader) {
    let (sink, stream) = socket.split();
    (Writer(sink), Reader(stream))
}

impl Reader {
    pub(super) async fn next(&mut self) -> Result<Bytes, ReadError> {
        loop {
            match self.0.next().await {
                Some(Ok(message @ (Message::Text(_) | Message::Binary(_)))) => return Ok(message.into_data()),
                // The library answers pings itself.
                Some(Ok(Message::Ping(_) | Message::Pong(_))) => {}
                Some(Ok(Message::Close(_))) | None => return Err(ReadError::Lost),
                Some(Err(error)) => return Err(ReadError::from(error)),
            }
        }
    }

    /// Reads until the client has closed the socket too: closing it with unread bytes in it would reset the
    /// connection, and the last messages could be lost on their way.
    pub(super) async fn drain(&mut self) {
        while let Some(Ok(_)) = self.0.next().await {}
    }
}

impl From<axum::Error> for ReadError {
    fn from(error: axum::Error) -> Self {
        let error = error.into_inner();
        match error.downcast_ref() {
            Some(tungstenite::Error::Capacity(_)) => Self::TooLong,
            Some(tungstenite::Error::Utf8(_)) => Self::NotUtf8,
            _ => {
                tracing::debug!(error = %error, "the WebSocket is lost");
                Self::Lost
            }
        }
    }
}

impl Writer {
    pub(super) async fn write(&mut self, protocol: Protocol, bytes: Bytes) -> Result<(), WriteError> {
        let message = match protocol {
            // What another process has sent is checked here, too.
            Protocol::Json => Message::Text(Utf8Bytes::try_from(bytes).map_err(|error| {
                tracing::error!(%error, "a message that is not UTF-8 cannot be sent");
                WriteError
            })?),
            Protocol::MessagePack => Message::Binary(bytes),
        };
        self.send(message).await
    }

    pub(super) async fn close(&mut self, code: u16) -> Result<(), WriteError> {
        self.send(Message::Close(Some(CloseFrame { code, reason: Utf8Bytes::default() }))).await
    }

    async fn send(&mut self, message: Message) -> Result<(), WriteError> {
        self.0.send(message).await.map_err(|error| {
            tracing::debug!(%error, "writing to the WebSocket has failed");
            WriteError
        })
    }
}
