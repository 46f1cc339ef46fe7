//! The life of one connection: handshake, greeting, messages, farewell.

use std::{panic::AssertUnwindSafe, pin::pin, sync::Arc, time::Duration};

use axum::extract::ws::close_code;
use bytes::Bytes;
use futures_util::{FutureExt, future::FusedFuture};
use tokio::time::{sleep, timeout};
use tokio_util::sync::CancellationToken;

use super::{Connection, calls, inbox::Inbox, writing::write_messages};
use crate::{
    Hub, HubError, HubOptions, HubServer,
    close::CloseReason,
    proto::{
        Protocol,
        handshake::{self, Handshake, HandshakeError},
    },
    registry::{Member, Registration},
    table::Claim,
    transport::{Link, Transport, Writer},
};

/// Everything a connection needs to begin.
pub(crate) struct HubTask<H: Hub> {
    pub(crate) server: HubServer<H>,
    pub(crate) claim: Claim,
    pub(crate) user: H::User,
    pub(crate) link: Link,
}

/// Runs a connection from its first byte to its last.
pub(crate) async fn serve<H: Hub>(task: HubTask<H>) {
    let HubTask { server, claim, user, link } = task;
    let Link { kind, reader, mut writer, again } = link;
    let options = server.options();
    let mut inbox = Inbox::new(reader, options);
    let closing = server.closing().child_token();
    let agreed = match hear_handshake(&mut inbox, kind.is_binary(), &closing).await {
        Some(Ok(agreed)) => agreed,
        Some(Err(error)) => return refuse(error, &mut inbox, &mut writer).await,
        None => return,
    };
    // Clients of version 1 do not know how to come back.
    let (readers, writers) = again
        .filter(|_| agreed.version >= 2)
        .map_or((None, None), |again| (Some(again.readers), Some(again.writers)));
    inbox.speak(agreed.protocol, readers);

    let user_key = server.hub().user_key(&user);
    let member =
        Arc::new(Member::new(claim.id.clone(), user, user_key, agreed.protocol, kind, options, closing));
    if writers.is_some() {
        member.outbox.keep(options.stateful_buffer_bytes);
    }
    // Before the reply: a client that knows it is connected misses nothing that is sent to all or to it.
    let registration = Registration::new(server.registry(), &member);
    if !reply(&Ok(agreed), &mut writer, options).await {
        return;
    }
    let connection = Connection::here(server.clone(), Arc::clone(&member));
    tracing::debug!(connection = %member.id, transport = kind.name(), "connected");

    let mut write = pin!(write_messages(writer, writers, &member, options).fuse());
    let decided = tokio::select! {
        // The greeting comes first, for the good-bye will come too.
        biased;
        reason = greet_and_read(&connection, &mut inbox) => reason,
        () = &mut write => CloseReason::TransportLost,
        // A method that runs is given some time, but not all of it.
        () = overdue(&member, options.close_timeout) => CloseReason::Shutdown,
    };
    member.close(decided);
    let reason = member.close_reason();
    member.pending.end();
    let groups = server.registry().groups_of(&member.id);
    drop(registration);
    server.left(&member, &groups);

    member
        .outbox
        .end(farewell(reason, agreed.protocol, options), matches!(reason, CloseReason::SlowConsumer));
    // Nobody is there to hear the farewell.
    let gone =
        inbox.is_away() || (kind == Transport::LongPolling && matches!(reason, CloseReason::TransportLost));
    let part = async {
        if write.is_terminated() || gone {
            return;
        }
        let parting = async {
            write.await;
            inbox.drain().await;
        };
        if timeout(options.close_timeout, parting).await.is_err() {
            tracing::debug!(connection = %member.id, "the client has not closed its side in time");
        }
    };
    // Presence should not depend on how fast the client closes its side.
    let goodbye = caught(server.hub().on_disconnected(&connection, reason.public()).map(Ok));
    let ((), said) = tokio::join!(part, goodbye);
    if let Err(error) = said {
        tracing::error!(connection = %member.id, error = chain(&error), "on_disconnected failed");
    }
    tracing::debug!(connection = %member.id, ?reason, "disconnected");
}

/// What the client proposes; nothing when it has gone.
async fn hear_handshake(
    inbox: &mut Inbox<'_>,
    binary: bool,
    closing: &CancellationToken,
) -> Option<Result<Handshake, HandshakeError>> {
    let options = inbox.options();
    tokio::select! {
        () = closing.cancelled() => Some(Err(HandshakeError::Canceled)),
        first = timeout(options.handshake_timeout, inbox.next_bytes()) => match first {
            Ok(Ok(record)) => Some(handshake::parse(&record, binary)),
            Ok(Err(CloseReason::TransportLost | CloseReason::Client)) => None,
            Ok(Err(_)) | Err(_) => Some(Err(HandshakeError::Canceled)),
        },
    }
}

/// Answers the handshake; `false` when the client could not be told.
async fn reply(
    outcome: &Result<Handshake, HandshakeError>,
    writer: &mut Writer,
    options: &HubOptions,
) -> bool {
    let Ok(reply) = handshake::reply(outcome) else { return false };
    // The reply has the frames of the protocol that follows.
    let protocol = outcome.as_ref().map_or(Protocol::Json, |agreed| agreed.protocol);
    let sent = timeout(options.send_timeout, writer.write(protocol, &mut vec![reply])).await;
    matches!(sent, Ok(Ok(())))
}

/// Tells the client why there is no connection.
async fn refuse(error: HandshakeError, inbox: &mut Inbox<'_>, writer: &mut Writer) {
    tracing::debug!(%error, "handshake refused");
    let options = inbox.options();
    if !reply(&Err(error), writer, options).await {
        return;
    }
    let parting = async {
        if writer.close(close_code::NORMAL).await.is_ok() {
            inbox.drain().await;
        }
    };
    // The transport is dropped either way.
    let _ = timeout(options.close_timeout, parting).await;
}

async fn greet_and_read<H: Hub>(connection: &Connection<H>, inbox: &mut Inbox<'_>) -> CloseReason {
    let member = match &connection.place {
        super::Place::Here(member) => member,
        super::Place::Service(_) => return CloseReason::TransportLost,
    };
    connection.server.entered(member).await;
    if let Err(error) = caught(connection.hub().on_connected(connection)).await {
        log_failure(connection, "on_connected", &error);
        return CloseReason::NotGreeted(error);
    }
    calls::read_messages(connection, member, inbox).await
}

/// Until a connection told to end has had its time.
async fn overdue<U>(member: &Member<U>, grace: Duration) {
    member.closing.cancelled().await;
    if !matches!(member.close_reason(), CloseReason::SlowConsumer) {
        sleep(grace).await;
    }
}

fn farewell(reason: &CloseReason, protocol: Protocol, options: &HubOptions) -> Option<Bytes> {
    let farewell = reason.farewell(options.detailed_errors)?;
    let message = protocol.close(farewell.error.as_deref(), farewell.allow_reconnect);
    message.inspect_err(|error| tracing::error!(%error, "no farewell")).ok()
}

/// A hub that panics fails one call, not the connection.
pub(crate) async fn caught<T>(call: impl Future<Output = Result<T, HubError>>) -> Result<T, HubError> {
    let outcome = AssertUnwindSafe(call).catch_unwind().await;
    outcome.unwrap_or_else(|_| Err(HubError::internal("the hub has panicked")))
}

pub(super) fn log_failure<H: Hub>(connection: &Connection<H>, method: &str, error: &HubError) {
    let connection = connection.id();
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
