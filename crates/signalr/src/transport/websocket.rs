//! The WebSocket transport.

use axum::extract::ws::{CloseFrame, Message, Utf8Bytes, WebSocket};
use bytes::Bytes;
use futures_util::{
    SinkExt, StreamExt,
    stream::{SplitSink, SplitStream},
};
use tokio_tungstenite::tungstenite;

/// What ends reading.
#[derive(Debug)]
pub(crate) enum ReadError {
    /// The socket is closed or broken.
    Lost,
    /// A message exceeds the limit of the socket.
    TooLong,
    /// A text message is not UTF-8.
    NotUtf8,
}

/// The way in.
#[derive(Debug)]
pub(crate) struct Reader(SplitStream<WebSocket>);

/// The way out.
#[derive(Debug)]
pub(crate) struct Writer(SplitSink<WebSocket, Message>);

/// Both ways of a socket.
pub(crate) fn split(socket: WebSocket) -> (Writer, Reader) {
    let (sink, stream) = socket.split();
    (Writer(sink), Reader(stream))
}

impl Reader {
    /// The next bytes. Loses nothing when dropped while waiting.
    pub(crate) async fn next(&mut self) -> Result<Bytes, ReadError> {
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
    pub(crate) async fn drain(&mut self) {
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
    /// Writes messages, one WebSocket message each, and sends them off together.
    pub(crate) async fn write(
        &mut self,
        messages: impl IntoIterator<Item = Utf8Bytes>,
    ) -> Result<(), axum::Error> {
        for message in messages {
            self.0.feed(Message::Text(message)).await?;
        }
        self.0.flush().await
    }

    /// Tells the client that nothing more will come.
    pub(crate) async fn close(&mut self, code: u16) -> Result<(), axum::Error> {
        self.0.send(Message::Close(Some(CloseFrame { code, reason: Utf8Bytes::default() }))).await
    }
}
