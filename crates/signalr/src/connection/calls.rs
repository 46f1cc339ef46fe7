//! What a client says, acted upon: calls one after the other, streams beside them.

use std::{collections::HashMap, pin::pin, sync::Arc};

use futures_util::{FutureExt, StreamExt, future::BoxFuture, stream::FuturesUnordered};
use tokio::{
    sync::mpsc,
    time::{Instant, sleep, sleep_until},
};
use tokio_util::sync::CancellationToken;

use super::{
    Connection,
    inbox::Inbox,
    life::{caught, log_failure},
};
use crate::{
    Hub, HubError, HubOptions,
    arguments::{Given, UploadEvent},
    close::CloseReason,
    methods::{Answer, Kind, Reply, Running},
    proto::{
        message::{Call, ClientMessage, Outcome},
        value::{DecodeError, RawValue},
    },
    registry::Member,
    results::Places,
};

/// How many answers may wait to be sent besides those of calls and streams.
const SPARE_ANSWERS: usize = 16;

/// Acts upon what the client says until the connection is to end.
pub(super) async fn read_messages<H: Hub>(
    connection: &Connection<H>,
    member: &Arc<Member<H::User>>,
    inbox: &mut Inbox<'_>,
) -> CloseReason {
    let options = inbox.options();
    let mut desk = Desk::new(connection, member, options);
    let mut expiry = pin!(async {
        match connection.hub().valid_for(connection.user()) {
            Some(time) => sleep(time).await,
            None => std::future::pending().await,
        }
    });
    let mut silence = pin!(sleep(options.client_timeout));
    let mut heard_at = Instant::now();
    // Clients that never ping are not expected to speak.
    let mut pings = false;
    let reason = loop {
        desk.begin_next();
        let ack_at = inbox.ack_at();
        tokio::select! {
            biased;
            () = member.closing.cancelled() => {
                desk.finish_calls().await;
                break CloseReason::Shutdown;
            }
            () = &mut expiry => break CloseReason::Expired,
            Some(done) = desk.running.next() => {
                desk.clear(&done);
                heard_at = Instant::now();
            }
            () = desk.places.freed.notified(), if desk.next.is_some() => {}
            () = delivered(&mut desk.held), if desk.held.is_some() => {}
            () = sleep_until(ack_at.unwrap_or(heard_at)), if ack_at.is_some() => {
                if let Some(ack) = inbox.take_ack() {
                    member.outbox.push_ack(ack);
                }
            }
            message = inbox.next(&member.outbox), if desk.is_free() => {
                heard_at = Instant::now();
                match message {
                    Ok(ClientMessage::Ping) => pings = true,
                    Ok(ClientMessage::Close) => break CloseReason::Client,
                    Ok(message) => desk.take(message),
                    Err(reason) => break reason,
                }
                // One long frame of short messages must not hold up other connections.
                tokio::task::coop::consume_budget().await;
            }
            () = &mut silence, if pings && desk.places.are_empty() && !inbox.is_away() => {
                let until = heard_at + options.client_timeout;
                if until <= Instant::now() {
                    break CloseReason::ClientTimeout;
                }
                silence.as_mut().reset(until);
            }
        }
    };
    desk.abandon();
    reason
}

/// What one client has asked for and not yet got.
struct Desk<'a, H: Hub> {
    connection: &'a Connection<H>,
    member: &'a Arc<Member<H::User>>,
    options: &'a HubOptions,
    places: Arc<Places>,
    running: FuturesUnordered<BoxFuture<'static, Done>>,
    /// A call that has to wait for a place; nothing more is read meanwhile.
    next: Option<Call>,
    /// An event for a stream whose method is behind; nothing more is read meanwhile.
    held: Option<(mpsc::Sender<UploadEvent>, UploadEvent)>,
    uploads: HashMap<String, mpsc::Sender<UploadEvent>>,
    /// The streams that go to the client, by the call that has asked for them.
    streams: HashMap<String, CancellationToken>,
}

/// What a call that has ended leaves to clear up.
#[derive(Default)]
struct Done {
    stream: Option<String>,
    uploads: Vec<String>,
}

impl<'a, H: Hub> Desk<'a, H> {
    fn new(connection: &'a Connection<H>, member: &'a Arc<Member<H::User>>, options: &'a HubOptions) -> Self {
        Self {
            connection,
            member,
            options,
            places: Places::new(options.parallel_calls),
            running: FuturesUnordered::new(),
            next: None,
            held: None,
            uploads: HashMap::new(),
            streams: HashMap::new(),
        }
    }

    /// Whether there is room for whatever comes next.
    fn is_free(&self) -> bool {
        let most = self.options.parallel_calls + 2 * self.options.max_streams + SPARE_ANSWERS;
        self.next.is_none() && self.held.is_none() && self.running.len() < most
    }

    fn take(&mut self, message: ClientMessage) {
        match message {
            ClientMessage::Invocation(call) => self.invoke(call),
            ClientMessage::StreamInvocation(call) => self.stream(call),
            ClientMessage::StreamItem { id, item } => {
                if let Some(upload) = self.uploads.get(&id) {
                    self.held = deliver(upload.clone(), UploadEvent::Item(item));
                }
            }
            ClientMessage::Completion { id, outcome } => match self.uploads.remove(&id) {
                Some(upload) => {
                    let error = if let Outcome::Error(text) = outcome { Some(text) } else { None };
                    self.held = deliver(upload, UploadEvent::End(error));
                }
                None => self.member.pending.answer(&id, outcome),
            },
            ClientMessage::CancelInvocation { id } => {
                if let Some(stream) = self.streams.get(&id) {
                    stream.cancel();
                }
            }
            ClientMessage::Ping
            | ClientMessage::Close
            | ClientMessage::Ack(_)
            | ClientMessage::Sequence(_)
            | ClientMessage::Ignored => {}
        }
    }

    fn invoke(&mut self, call: Call) {
        let Some(method) = self.connection.server.methods().find(&call.target) else {
            return self.refuse(call.id, HubError::UnknownMethod, &call.target);
        };
        if method.kind == Kind::Stream {
            let text = format!(
                "The client attempted to invoke the streaming '{}' method with a non-streaming invocation.",
                call.target
            );
            return self.answer(call.id, Outcome::Error(text));
        }
        if method.uploads == 0 && call.stream_ids.is_empty() {
            self.next = Some(call);
            return self.begin_next();
        }
        let Some(given) = self.given(&call, method.uploads) else { return };
        let run = method.run(self.connection.clone(), given);
        let done = Done { stream: None, uploads: call.stream_ids };
        let answering =
            answer_once(self.connection.clone(), Arc::clone(self.member), call.id, call.target, run);
        self.running.push(answering.map(|()| done).boxed());
    }

    /// Begins the call that waits, if it has a place now.
    fn begin_next(&mut self) {
        if !self.places.is_free() {
            return;
        }
        let Some(call) = self.next.take() else { return };
        let Some(method) = self.connection.server.methods().find(&call.target) else { return };
        let given = Given::new(self.member.protocol, call.arguments, Vec::new());
        let run = method.run(self.connection.clone(), given);
        let answering =
            answer_once(self.connection.clone(), Arc::clone(self.member), call.id, call.target, run);
        // The place is taken now, not when the call is first polled.
        let place = Places::take(&self.places);
        self.running.push(place.hold(answering).map(|()| Done::default()).boxed());
    }

    fn stream(&mut self, call: Call) {
        let Some(id) = call.id.clone() else { return };
        let Some(method) = self.connection.server.methods().find(&call.target) else {
            return self.refuse(call.id, HubError::UnknownMethod, &call.target);
        };
        if method.kind == Kind::Once {
            let text = format!(
                "The client attempted to invoke the non-streaming '{}' method with a streaming invocation.",
                call.target
            );
            return self.answer(call.id, Outcome::Error(text));
        }
        if self.streams.contains_key(&id) {
            return self.answer(call.id, Outcome::Error(format!("Invocation ID '{id}' is already in use.")));
        }
        if self.streams.len() >= self.options.max_streams {
            return self.refuse(call.id, HubError::client("Too many streams are open."), &call.target);
        }
        let Some(given) = self.given(&call, method.uploads) else { return };
        let run = method.run(self.connection.clone(), given);
        let cancelled = CancellationToken::new();
        self.streams.insert(id.clone(), cancelled.clone());
        let done = Done { stream: Some(id.clone()), uploads: call.stream_ids };
        let connection = self.connection.clone();
        let streaming = answer_stream(connection, Arc::clone(self.member), id, call.target, run, cancelled);
        self.running.push(streaming.map(|()| done).boxed());
    }

    /// The arguments of a call with the ends of its streams; `None` when the call has been refused.
    fn given(&mut self, call: &Call, uploads: usize) -> Option<Given> {
        let ids = &call.stream_ids;
        let in_use = ids.iter().any(|id| self.uploads.contains_key(id));
        if ids.len() != uploads || in_use || self.uploads.len() + uploads > self.options.max_streams {
            let error = HubError::Arguments(DecodeError::Count { expected: uploads, got: ids.len() });
            self.refuse(call.id.clone(), error, &call.target);
            return None;
        }
        let mut receivers = Vec::with_capacity(uploads);
        for id in ids {
            let (sender, receiver) = mpsc::channel(self.options.stream_capacity.max(1));
            self.uploads.insert(id.clone(), sender);
            receivers.push(receiver);
        }
        Some(Given::new(self.member.protocol, call.arguments.clone(), receivers))
    }

    fn refuse(&mut self, id: Option<String>, error: HubError, target: &str) {
        log_failure(self.connection, target, &error);
        let text = error.completion_text(target, self.options.detailed_errors);
        self.answer(id, Outcome::Error(text));
    }

    fn answer(&mut self, id: Option<String>, outcome: Outcome) {
        let Some(id) = id else { return };
        let member = Arc::clone(self.member);
        self.running
            .push(async move { complete(&member, &id, &outcome).await }.map(|()| Done::default()).boxed());
    }

    fn clear(&mut self, done: &Done) {
        if let Some(id) = &done.stream {
            self.streams.remove(id);
        }
        for id in &done.uploads {
            self.uploads.remove(id);
        }
    }

    /// Lets the calls end that have a place, and with them their answers. Streams end here.
    async fn finish_calls(&mut self) {
        for stream in self.streams.values() {
            stream.cancel();
        }
        self.uploads.clear();
        self.held = None;
        while !self.places.are_empty() && self.running.next().await.is_some() {}
        while let Some(Some(_)) = self.running.next().now_or_never() {}
    }

    /// Tells methods that wait for a stream that no more will come; what else runs is dropped.
    fn abandon(mut self) {
        self.held = None;
        if !self.uploads.is_empty() {
            self.uploads.clear();
            while let Some(Some(_)) = self.running.next().now_or_never() {}
        }
    }
}

/// Hands an event over at once, or gives it back for later. One for a method that has ended is dropped.
fn deliver(
    upload: mpsc::Sender<UploadEvent>,
    event: UploadEvent,
) -> Option<(mpsc::Sender<UploadEvent>, UploadEvent)> {
    match upload.try_send(event) {
        Err(mpsc::error::TrySendError::Full(event)) => Some((upload, event)),
        Ok(()) | Err(mpsc::error::TrySendError::Closed(_)) => None,
    }
}

/// Hands the event over that is held, once there is room for it.
async fn delivered(held: &mut Option<(mpsc::Sender<UploadEvent>, UploadEvent)>) {
    let Some((upload, _)) = held else { return };
    let permit = upload.clone().reserve_owned().await;
    if let (Some((_, event)), Ok(permit)) = (held.take(), permit) {
        permit.send(event);
    }
}

async fn answer_once<H: Hub>(
    connection: Connection<H>,
    member: Arc<Member<H::User>>,
    id: Option<String>,
    target: String,
    run: Running,
) {
    let outcome = match caught(run).await {
        Ok(Reply(Answer::Value(value))) => Outcome::Result(value),
        Ok(Reply(Answer::Void | Answer::Stream(_))) => Outcome::Void,
        Err(error) => {
            log_failure(&connection, &target, &error);
            Outcome::Error(error.completion_text(&target, connection.server.options().detailed_errors))
        }
    };
    if let Some(id) = id {
        complete(&member, &id, &outcome).await;
    }
}

async fn answer_stream<H: Hub>(
    connection: Connection<H>,
    member: Arc<Member<H::User>>,
    id: String,
    target: String,
    run: Running,
    cancelled: CancellationToken,
) {
    let detailed = connection.server.options().detailed_errors;
    let streaming = async {
        let mut items = match caught(run).await {
            Ok(Reply(Answer::Stream(items))) => items,
            Ok(Reply(Answer::Void | Answer::Value(_))) => return Outcome::Void,
            Err(error) => {
                log_failure(&connection, &target, &error);
                return Outcome::Error(error.completion_text(&target, detailed));
            }
        };
        loop {
            match caught(items.next().map(Option::transpose)).await {
                Ok(Some(item)) => send_item(&member, &id, &item).await,
                Ok(None) => return Outcome::Void,
                Err(error) => {
                    log_failure(&connection, &target, &error);
                    return Outcome::Error(error.stream_text(detailed));
                }
            }
        }
    };
    let outcome = tokio::select! {
        biased;
        () = cancelled.cancelled() => Outcome::Void,
        outcome = streaming => outcome,
    };
    complete(&member, &id, &outcome).await;
}

async fn send_item<U>(member: &Member<U>, id: &str, item: &RawValue) {
    match member.protocol.stream_item(id, item) {
        // Once the connection ends nobody waits for the item; the stream is about to be dropped.
        Ok(message) => drop(member.outbox.push(message).await),
        Err(error) => tracing::error!(connection = %member.id, %error, "an item cannot be written"),
    }
}

async fn complete<U>(member: &Member<U>, id: &str, outcome: &Outcome) {
    match member.protocol.completion(id, outcome) {
        // Once the connection ends nobody waits for the answer.
        Ok(message) => drop(member.outbox.push(message).await),
        Err(error) => tracing::error!(connection = %member.id, %error, "an answer cannot be written"),
    }
}
