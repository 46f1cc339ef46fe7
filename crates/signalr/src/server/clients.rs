//! What the application does with the hub's clients: send, ask, group, disconnect.

use serde::de::DeserializeOwned;
use tokio::time::timeout;

use super::HubServer;
use crate::{
    Arguments, Audience, BackplaneError, ConnectionId, Hub, InvokeError, SendError,
    close::{CloseReason, Reconnect},
    proto::{
        message::Outcome,
        value::{Encode, RawValue},
    },
    registry::Member,
    results::Places,
    scale::Scale,
    send::{Event, unwritable},
};

impl<H: Hub> HubServer<H> {
    /// Sends an event. It never waits for a client: one whose queue is full is closed.
    ///
    /// # Returns
    /// The number of connections of this process that will be written to.
    ///
    /// # Errors
    /// The arguments cannot be written, or other processes cannot be reached; the clients of this process
    /// are served all the same.
    pub async fn send(
        &self,
        audience: &Audience,
        except: &[ConnectionId],
        target: &str,
        arguments: impl Arguments,
    ) -> Result<usize, SendError> {
        match &self.inner.scale {
            Scale::Alone => Ok(self.send_here(audience, except, &Event::new(target, &arguments))?),
            #[cfg(feature = "redis")]
            Scale::Redis(redis) => {
                let (reached, there) = {
                    let event = Event::new(target, &arguments);
                    let reached = self.send_here(audience, except, &event)?;
                    (reached, redis.envelope(audience, except, &event)?)
                };
                redis.publish(audience, there).await?;
                Ok(reached)
            }
            #[cfg(feature = "azure")]
            Scale::Azure(service) => {
                let body = crate::azure::rest::body(target, &arguments).map_err(|e| unwritable(target, e))?;
                service.send(audience, except, body).await?;
                Ok(0)
            }
        }
    }

    fn send_here(
        &self,
        audience: &Audience,
        except: &[ConnectionId],
        event: &Event<'_>,
    ) -> Result<usize, SendError> {
        let mut reached = 0;
        for member in self.inner.registry.find(audience, except) {
            reached += usize::from(member.send(event.message(member.protocol)?));
        }
        if reached == 0 {
            // Arguments that cannot be written are an error even when nobody listens.
            event.check()?;
        }
        Ok(reached)
    }

    /// Sends an event to everyone. See [`HubServer::send`].
    ///
    /// # Errors
    /// As [`HubServer::send`].
    pub async fn send_all(&self, target: &str, arguments: impl Arguments) -> Result<usize, SendError> {
        self.send(&Audience::All, &[], target, arguments).await
    }

    /// Sends an event to the members of a group. See [`HubServer::send`].
    ///
    /// # Errors
    /// As [`HubServer::send`].
    pub async fn send_group(
        &self,
        group: &str,
        target: &str,
        arguments: impl Arguments,
    ) -> Result<usize, SendError> {
        self.send(&Audience::group(group), &[], target, arguments).await
    }

    /// Sends an event to the connections of a user. See [`HubServer::send`].
    ///
    /// # Errors
    /// As [`HubServer::send`].
    pub async fn send_user(
        &self,
        user_key: &str,
        target: &str,
        arguments: impl Arguments,
    ) -> Result<usize, SendError> {
        self.send(&Audience::user(user_key), &[], target, arguments).await
    }

    /// Sends an event to one connection, which may be gone. See [`HubServer::send`].
    ///
    /// # Errors
    /// As [`HubServer::send`].
    pub async fn send_connection(
        &self,
        id: &ConnectionId,
        target: &str,
        arguments: impl Arguments,
    ) -> Result<usize, SendError> {
        self.send(&Audience::connection(id), &[], target, arguments).await
    }

    /// Calls the handler `target` of one client and waits for what it returns. A method of the hub that
    /// waits here lets the next call of its client begin, for the answer may come behind it; while a
    /// connection is greeted, it cannot be asked.
    ///
    /// # Errors
    /// The client is gone, does not answer within [`HubOptions::answer_timeout`], has no such handler, or
    /// the handler fails or returns another type.
    pub async fn ask<R: DeserializeOwned>(
        &self,
        id: &ConnectionId,
        target: &str,
        arguments: impl Arguments,
    ) -> Result<R, InvokeError> {
        let answer = match (self.inner.registry.get(id), &self.inner.scale) {
            (Some(member), _) => Places::leave(self.ask_member(&member, target, &arguments)).await?,
            #[cfg(feature = "redis")]
            (None, Scale::Redis(redis)) => {
                let question = crate::redis::Question::new(target, &arguments)?;
                let limit = self.inner.options.answer_timeout;
                Places::leave(redis.ask(id, question, limit)).await?
            }
            #[cfg(feature = "azure")]
            (None, Scale::Azure(_)) => return Err(InvokeError::Unsupported),
            (None, _) => return Err(InvokeError::Gone),
        };
        answer.read().map_err(InvokeError::Result)
    }

    /// What a client of this process answers.
    pub(crate) async fn ask_member(
        &self,
        member: &Member<H::User>,
        target: &str,
        arguments: &(dyn Encode + Sync),
    ) -> Result<RawValue, InvokeError> {
        let mut asked = member.pending.ask().ok_or(InvokeError::Gone)?;
        let question = member.protocol.invocation(Some(&asked.id), target, arguments);
        if !member.send(question.map_err(|source| unwritable(target, source))?) {
            return Err(InvokeError::Gone);
        }
        match timeout(self.inner.options.answer_timeout, asked.answer()).await {
            Err(_) => Err(InvokeError::Timeout),
            Ok(None) => Err(InvokeError::Gone),
            Ok(Some(Outcome::Error(text))) => Err(InvokeError::Client(text)),
            Ok(Some(Outcome::Result(value))) => Ok(value),
            Ok(Some(Outcome::Void)) => crate::proto::value::encoded(&(), member.protocol)
                .map_err(|source| unwritable(target, source).into()),
        }
    }

    /// Adds a connection to a group; `false` when the connection is gone. Once this returns, events for the
    /// group reach the connection from every process.
    ///
    /// # Errors
    /// The process of the connection cannot be reached.
    pub async fn add_to_group(&self, id: &ConnectionId, group: &str) -> Result<bool, BackplaneError> {
        let here = self.inner.registry.add_to_group(id, group);
        match &self.inner.scale {
            Scale::Alone => Ok(here),
            #[cfg(feature = "redis")]
            Scale::Redis(redis) if here => {
                redis.listen_to_group(group).await;
                Ok(true)
            }
            #[cfg(feature = "redis")]
            Scale::Redis(redis) => redis.change_group(id, group, true).await,
            #[cfg(feature = "azure")]
            Scale::Azure(service) => service.add_to_group(id, group).await,
        }
    }

    /// Takes a connection out of a group; `false` when it was not in it.
    ///
    /// # Errors
    /// The process of the connection cannot be reached.
    pub async fn remove_from_group(&self, id: &ConnectionId, group: &str) -> Result<bool, BackplaneError> {
        let was_in = self.inner.registry.remove_from_group(id, group);
        match &self.inner.scale {
            Scale::Alone => Ok(was_in),
            #[cfg(feature = "redis")]
            Scale::Redis(redis) => {
                if was_in || self.inner.registry.get(id).is_some() {
                    redis.recheck_group(group);
                    return Ok(was_in);
                }
                redis.change_group(id, group, false).await
            }
            #[cfg(feature = "azure")]
            Scale::Azure(service) => service.remove_from_group(id, group).await,
        }
    }

    /// Closes the connections of a user, for instance because their rights have changed: one that may
    /// reconnect is authenticated anew.
    ///
    /// # Errors
    /// Other processes cannot be reached; the connections of this process are closed.
    pub async fn disconnect_user(&self, user_key: &str, reconnect: Reconnect) -> Result<(), BackplaneError> {
        self.disconnect_user_here(user_key, reconnect);
        match &self.inner.scale {
            Scale::Alone => Ok(()),
            #[cfg(feature = "redis")]
            Scale::Redis(redis) => redis.disconnect_user(user_key, reconnect).await,
            #[cfg(feature = "azure")]
            Scale::Azure(service) => service.close_user(user_key).await,
        }
    }

    pub(crate) fn disconnect_user_here(&self, user_key: &str, reconnect: Reconnect) {
        for member in self.inner.registry.of_user(user_key) {
            member.close(CloseReason::Aborted(reconnect));
        }
    }

    /// Closes one connection, wherever it is.
    ///
    /// # Errors
    /// Its process cannot be reached.
    pub async fn disconnect(&self, id: &ConnectionId, reconnect: Reconnect) -> Result<(), BackplaneError> {
        if self.disconnect_here(id, reconnect) {
            return Ok(());
        }
        match &self.inner.scale {
            Scale::Alone => Ok(()),
            #[cfg(feature = "redis")]
            Scale::Redis(redis) => redis.disconnect(id, reconnect).await,
            #[cfg(feature = "azure")]
            Scale::Azure(service) => service.close_connection(id).await,
        }
    }

    pub(crate) fn disconnect_here(&self, id: &ConnectionId, reconnect: Reconnect) -> bool {
        let member = self.inner.registry.get(id);
        if let Some(member) = &member {
            member.close(CloseReason::Aborted(reconnect));
        }
        member.is_some()
    }
}
