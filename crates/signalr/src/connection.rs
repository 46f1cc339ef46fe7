//! The life of one connection: handshake, greeting, messages, farewell.

use std::{
    panic::AssertUnwindSafe,
    pin::pin,
    sync::{Arc, OnceLock},
    time::Duration,
};

use axum::extract::ws::{Utf8Bytes, WebSocket, close_code};
use bytes::Bytes;
use futures_util::{FutureExt, future::FusedFuture};
use tokio::time::{sleep, timeout};
use tokio_util::sync::CancellationToken;

use crate::{
    ConnectionContext, Hub, HubError, HubOptions, HubServer, Invocation,
    close::CloseReason,
    negotiation::Claim,
    outbox::{Outbox, Refused},
    proto::{
        framing::{RecordReader, RecordTooLong},
        handshake::{self, HandshakeError},
        json,
        message::{ClientMessage, InvocationMessage, Outcome},
    },
    registry::{Member, Registry},
    transport::websocket::{self, ReadError, Reader, Writer},
};

/// Runs a connection from its first byte to its last.
pub(crate) async fn serve<H: Hub>(server: HubServer<H>, claim: Claim, user: H::User, socket: WebSocket) {
    let options = server.options();
    let (mut writer, reader) = websocket::split(socket);
    let mut inbox = Inbox { reader, records: RecordReader::new(options.max_message_bytes), options };
    let closing = server.closing().child_token();
    if !shake_hands(&mut inbox, &mut writer, &closing).await {
        return;
    }

    let member = Arc::new(Member {
        id: claim.id.clone(),
        user_key: server.hub().user_key(&user),
        user,
        outbox: Outbox::new(options.max_queued_messages, options.max_queued_bytes),
        closing,
        close_reason: OnceLock::new(),
    });
    let registration = Registration::new(server.registry(), &member);
    let cx = ConnectionContext { server: server.clone(), member: Arc::clone(&member) };
    tracing::debug!(connection = %member.id, "connected");

    let mut write = pin!(write_messages(writer, &member, options).fuse());
    let decided = tokio::select! {
        // The greeting comes first, for the good-bye will come too.
        biased;
        reason = read_messages(&cx, &mut inbox) => reason,
        () = &mut write => CloseReason::TransportLost,
        // A method that runs is given some time, but not all of it.
        () = overdue(&member, options.close_timeout) => CloseReason::Shutdown,
    };
    member.close(decided);
    let reason = member.close_reason();
    drop(registration);

    member.outbox.end(farewell(reason, options), matches!(reason, CloseReason::SlowConsumer));
    let part = async {
        if write.is_terminated() {
            return;
        }
        let parting = async {
            write.await;
            inbox.reader.drain().await;
        };
        if timeout(options.close_timeout, parting).await.is_err() {
            tracing::debug!(connection = %member.id, "the client has not closed its side in time");
        }
    };
    // Presence should not depend on how fast the client closes its side.
    let goodbye = caught(server.hub().on_disconnected(&cx, reason.public()).map(Ok));
    let ((), said) = tokio::join!(part, goodbye);
    if let Err(error) = said {
        tracing::error!(connection = %member.id, error = chain(&error), "on_disconnected failed");
    }
    tracing::debug!(connection = %member.id, ?reason, "disconnected");
}

/// Membership in the registry, ended on every way out.
struct Registration<'a, U> {
    registry: &'a Registry<U>,
    member: &'a Member<U>,
}

impl<'a, U> Registration<'a, U> {
    fn new(registry: &'a Registry<U>, member: &'a Arc<Member<U>>) -> Self {
        registry.insert(member);
        Self { registry, member }
    }
}

impl<U> Drop for Registration<'_, U> {
    fn drop(&mut self) {
        self.registry.remove(&self.member.id);
    }
}

/// Records as they come in.
struct Inbox<'a> {
    reader: Reader,
    records: RecordReader,
    options: &'a HubOptions,
}

impl Inbox<'_> {
    /// The next record, or why there is none. Loses nothing when dropped while waiting.
    async fn next(&mut self) -> Result<Bytes, CloseReason> {
        loop {
            if let Some(record) = self.records.next_record().map_err(CloseReason::TooLong)? {
                return Ok(record);
            }
            let chunk = self.reader.next().await.map_err(|error| match error {
                ReadError::Lost => CloseReason::TransportLost,
                ReadError::NotUtf8 => CloseReason::NotUtf8,
                ReadError::TooLong => {
                    CloseReason::TooLong(RecordTooLong { limit: self.options.max_frame_bytes })
                }
            })?;
            self.records.push(chunk);
        }
    }
}

/// Agrees on the protocol. When that fails the client is told, and the connection is over.
async fn shake_hands(inbox: &mut Inbox<'_>, writer: &mut Writer, closing: &CancellationToken) -> bool {
    let options = inbox.options;
    let outcome = tokio::select! {
        () = closing.cancelled() => Err(HandshakeError::Canceled),
        first = timeout(options.handshake_timeout, inbox.next()) => match first {
            Ok(Ok(record)) => handshake::parse(&record),
            Ok(Err(CloseReason::TransportLost)) => return false,
            Ok(Err(_)) | Err(_) => Err(HandshakeError::Canceled),
        },
    };
    let Ok(reply) = handshake::reply(&outcome) else { return false };
    let sent = timeout(options.send_timeout, writer.write([reply.into()])).await;
    if !matches!(sent, Ok(Ok(()))) {
        return false;
    }
    if let Err(error) = outcome {
        tracing::debug!(%error, "handshake refused");
        let parting = async {
            if writer.close(close_code::NORMAL).await.is_ok() {
                inbox.reader.drain().await;
            }
        };
        // The socket is dropped either way.
        let _ = timeout(options.close_timeout, parting).await;
        return false;
    }
    true
}

/// Greets the connection, then acts upon what the client says, one message after the other.
async fn read_messages<H: Hub>(cx: &ConnectionContext<H>, inbox: &mut Inbox<'_>) -> CloseReason {
    let hub = cx.server.hub();
    let options = inbox.options;
    if let Err(error) = caught(hub.on_connected(cx)).await {
        log_failure(cx, "on_connected", &error);
        return CloseReason::NotGreeted(error);
    }
    let mut expiry = pin!(sleep_if(hub.valid_for(cx.user())));
    // Clients that never ping are not expected to speak.
    let mut pings = false;
    loop {
        let record = tokio::select! {
            biased;
            () = cx.member.closing.cancelled() => return CloseReason::Shutdown,
            () = &mut expiry => return CloseReason::Expired,
            record = inbox.next() => match record {
                Ok(record) => record,
                Err(reason) => return reason,
            },
            () = sleep_if(pings.then_some(options.client_timeout)) => return CloseReason::ClientTimeout,
        };
        // One long frame of short messages must not hold up other connections.
        tokio::task::coop::consume_budget().await;
        match json::parse(&record) {
            Ok(ClientMessage::Invocation(message)) => invoke(cx, message).await,
            Ok(ClientMessage::StreamInvocation { invocation_id, target }) => {
                let text = format!(
                    "The client attempted to invoke the non-streaming '{target}' method with a streaming invocation."
                );
                answer(cx, &invocation_id, &Outcome::Error(text)).await;
            }
            Ok(ClientMessage::Ping) => pings = true,
            Ok(ClientMessage::Close) => return CloseReason::Client,
            Ok(ClientMessage::Ignored) => {}
            Err(error) => return CloseReason::Malformed(error),
        }
    }
}

async fn invoke<H: Hub>(cx: &ConnectionContext<H>, message: InvocationMessage) {
    let InvocationMessage { invocation_id, target, arguments, has_streams } = message;
    let result = if has_streams {
        Err(HubError::Arguments(serde::de::Error::custom("the method takes no streams")))
    } else {
        caught(cx.server.hub().invoke(cx, Invocation::new(target.clone(), arguments))).await
    };
    if let Err(error) = &result {
        log_failure(cx, &target, error);
    }
    let Some(invocation_id) = invocation_id else { return };
    let outcome = match result {
        Ok(None) => Outcome::Void,
        Ok(Some(value)) => Outcome::Result(value),
        Err(error) => Outcome::Error(error.completion_text(&target, cx.server.options().detailed_errors)),
    };
    answer(cx, &invocation_id, &outcome).await;
}

async fn answer<H: Hub>(cx: &ConnectionContext<H>, invocation_id: &str, outcome: &Outcome) {
    match json::completion(invocation_id, outcome) {
        // Once the connection ends nobody waits for the answer.
        Ok(text) => match cx.member.outbox.push(text.into()).await {
            Ok(()) | Err(Refused::Ended | Refused::Full) => {}
        },
        Err(error) => tracing::error!(connection = %cx.id(), %error, "an answer cannot be serialised"),
    }
}

/// Writes what waits, and pings when nothing does.
async fn write_messages<U>(mut writer: Writer, member: &Member<U>, options: &HubOptions) {
    let mut batch = Vec::new();
    loop {
        let more = tokio::select! {
            biased;
            more = member.outbox.next_batch(&mut batch) => more,
            () = sleep(options.keep_alive_interval) => {
                batch.push(Utf8Bytes::from_static(json::PING_RECORD));
                true
            }
        };
        if !more {
            break;
        }
        match timeout(options.send_timeout, writer.write(batch.drain(..))).await {
            Ok(Ok(())) => {}
            Ok(Err(error)) => {
                tracing::debug!(connection = %member.id, %error, "writing has failed");
                return;
            }
            Err(_) => {
                member.close(CloseReason::SlowConsumer);
                return;
            }
        }
    }
    let code = match member.close_reason() {
        CloseReason::NotUtf8 => close_code::INVALID,
        _ => close_code::NORMAL,
    };
    if let Err(error) = writer.close(code).await {
        tracing::debug!(connection = %member.id, %error, "closing has failed");
    }
}

/// Until a connection told to end has had its time.
async fn overdue<U>(member: &Member<U>, grace: Duration) {
    member.closing.cancelled().await;
    if !matches!(member.close_reason(), CloseReason::SlowConsumer) {
        sleep(grace).await;
    }
}

async fn sleep_if(duration: Option<Duration>) {
    match duration {
        Some(duration) => sleep(duration).await,
        None => std::future::pending().await,
    }
}

fn farewell(reason: &CloseReason, options: &HubOptions) -> Option<Utf8Bytes> {
    let farewell = reason.farewell(options.detailed_errors)?;
    let text = json::close(farewell.error.as_deref(), farewell.allow_reconnect);
    text.map(Utf8Bytes::from).inspect_err(|error| tracing::error!(%error, "no farewell")).ok()
}

/// A hub that panics fails one call, not the connection.
async fn caught<T>(call: impl Future<Output = Result<T, HubError>>) -> Result<T, HubError> {
    let outcome = AssertUnwindSafe(call).catch_unwind().await;
    outcome.unwrap_or_else(|_| Err(HubError::internal("the hub has panicked")))
}

fn log_failure<H: Hub>(cx: &ConnectionContext<H>, method: &str, error: &HubError) {
    let connection = cx.id();
    match error {
        HubError::Internal(_) => {
            tracing::error!(%connection, ?method, error = chain(error), "hub method failed");
        }
        _ => tracing::debug!(%connection, ?method, error = chain(error), "hub method refused"),
    }
}

/// An error with its causes.
fn chain(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut source = error.source();
    while let Some(cause) = source {
        text.push_str(": ");
        text.push_str(&cause.to_string());
        source = cause.source();
    }
    text
}
