//! What other processes ask of this one.

use std::sync::Weak;

use bytes::Bytes;
use tracing::Span;

use super::{
    Redis,
    wire::{Answer, Body, Envelope},
};
use crate::{
    Hub, HubServer, InvokeError,
    proto::{Protocol, value::RawValue},
    scale::Scale,
    server::Inner,
};

/// Acts upon what another process says. Ends at once; what takes time goes on by itself.
pub(super) fn receive<H: Hub>(inner: &Weak<Inner<H>>, envelope: Envelope) {
    let Some(server) = inner.upgrade().map(|inner| HubServer { inner }) else { return };
    let Scale::Redis(redis) = &server.inner.scale else { return };
    let Envelope { from, body, .. } = envelope;
    match body {
        Body::Event { audience, except, frames, trace } => {
            let propagation = server.options().propagation;
            let span = trace.zip(propagation).map_or_else(Span::none, |(at, p)| (p.extract)(&at));
            let _within = span.enter();
            for member in server.registry().find(&audience, &except) {
                member.send(frames.of(member.protocol).clone());
            }
        }
        Body::Disconnect { id, reconnect } => {
            server.disconnect_here(&id, reconnect);
        }
        Body::DisconnectUser { user, reconnect } => server.disconnect_user_here(&user, reconnect),
        Body::Reply { to, answer } => redis.replies.answer(to, answer),
        Body::Group { id, group, join, reply } => {
            let server = server.clone();
            tokio::spawn(async move {
                let Scale::Redis(redis) = &server.inner.scale else { return };
                let changed = if join {
                    let joined = server.registry().add_to_group(&id, &group);
                    if joined {
                        redis.listen_to_group(&group).await;
                    }
                    joined
                } else {
                    let left = server.registry().remove_from_group(&id, &group);
                    redis.recheck_group(&group);
                    left
                };
                reply_to(redis, &from, reply, Answer::Done(changed));
            });
        }
        Body::Ask { id, target, arguments, reply } => {
            let server = server.clone();
            tokio::spawn(async move {
                let Scale::Redis(redis) = &server.inner.scale else { return };
                let answer = match server.registry().get(&id) {
                    None => Answer::Gone,
                    Some(member) => {
                        let arguments = RawValue::new(member.protocol, arguments.of(member.protocol).clone());
                        answer_of(server.ask_member(&member, &target, &arguments).await)
                    }
                };
                reply_to(redis, &from, reply, answer);
            });
        }
    }
}

fn reply_to(redis: &Redis, pod: &str, to: u64, answer: Answer) {
    let channels = vec![redis.process(pod)];
    if let Err(error) = redis.publisher.publish(channels, Body::Reply { to, answer }) {
        tracing::warn!(%error, "another process waits in vain for an answer");
    }
}

fn answer_of(answer: Result<RawValue, InvokeError>) -> Answer {
    match answer {
        Ok(value) => {
            let bytes: Bytes = value.bytes().clone();
            match value.protocol() {
                Protocol::Json => Answer::Json(bytes),
                Protocol::MessagePack => Answer::MessagePack(bytes),
            }
        }
        Err(InvokeError::Client(text)) => Answer::ClientError(text),
        Err(InvokeError::Timeout) => Answer::Timeout,
        Err(_) => Answer::Gone,
    }
}
