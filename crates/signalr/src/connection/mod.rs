//! One connection: as its hub sees it, and its life from the first byte to the last.

mod calls;
mod inbox;
mod life;
mod writing;

use std::{fmt, sync::Arc};

use serde::de::DeserializeOwned;

use crate::{
    Arguments, ConnectionId, Hub, HubError, HubServer, InvokeError, Reconnect, SendError, close::CloseReason,
    registry::Member, send::unwritable,
};

#[cfg(feature = "azure")]
pub(crate) use life::caught;
pub(crate) use life::{HubTask, serve};

/// A connection as its hub sees it. Clones mean the same connection.
pub struct Connection<H: Hub> {
    server: HubServer<H>,
    place: Place<H::User>,
}

/// Where a connection ends.
enum Place<U> {
    /// In this process.
    Here(Arc<Member<U>>),
    /// At a service that calls on behalf of its clients.
    Service(Arc<Guest<U>>),
}

/// A connection at a service.
struct Guest<U> {
    id: ConnectionId,
    user: U,
}

impl<H: Hub> Connection<H> {
    pub(crate) fn here(server: HubServer<H>, member: Arc<Member<H::User>>) -> Self {
        Self { server, place: Place::Here(member) }
    }

    #[cfg(feature = "azure")]
    pub(crate) fn at_service(server: HubServer<H>, id: ConnectionId, user: H::User) -> Self {
        Self { server, place: Place::Service(Arc::new(Guest { id, user })) }
    }

    /// The public name of the connection.
    pub fn id(&self) -> &ConnectionId {
        match &self.place {
            Place::Here(member) => &member.id,
            Place::Service(guest) => &guest.id,
        }
    }

    /// Who is connected.
    pub fn user(&self) -> &H::User {
        match &self.place {
            Place::Here(member) => &member.user,
            Place::Service(guest) => &guest.user,
        }
    }

    /// How the client is connected; `None` when that is not known here.
    pub fn transport(&self) -> Option<crate::Transport> {
        match &self.place {
            Place::Here(member) => Some(member.transport),
            Place::Service(_) => None,
        }
    }

    /// The hub.
    pub fn hub(&self) -> &H {
        self.server.hub()
    }

    /// The server, to reach other connections.
    pub fn server(&self) -> &HubServer<H> {
        &self.server
    }

    /// Sends an event to this connection. It waits while the client is slow, and does nothing once the
    /// client is gone.
    ///
    /// # Errors
    /// The arguments cannot be written, or the service cannot be reached.
    pub async fn send(&self, target: &str, arguments: impl Arguments) -> Result<(), SendError> {
        match &self.place {
            Place::Here(member) => {
                let message = member.protocol.invocation(None, target, &arguments);
                let message = message.map_err(|source| unwritable(target, source))?;
                // A connection that ends needs no events.
                let _ = member.outbox.push(message).await;
                Ok(())
            }
            Place::Service(guest) => {
                self.server.send_connection(&guest.id, target, arguments).await.map(|_| ())
            }
        }
    }

    /// Calls the handler `target` of this client and waits for what it returns. See [`HubServer::ask`].
    ///
    /// # Errors
    /// As [`HubServer::ask`].
    pub async fn ask<R: DeserializeOwned>(
        &self,
        target: &str,
        arguments: impl Arguments,
    ) -> Result<R, InvokeError> {
        self.server.ask(self.id(), target, arguments).await
    }

    /// Adds this connection to a group.
    ///
    /// # Errors
    /// Other processes cannot be told.
    pub async fn add_to_group(&self, group: &str) -> Result<(), HubError> {
        self.server.add_to_group(self.id(), group).await.map(|_| ()).map_err(HubError::internal)
    }

    /// Takes this connection out of a group.
    ///
    /// # Errors
    /// Other processes cannot be told.
    pub async fn remove_from_group(&self, group: &str) -> Result<(), HubError> {
        self.server.remove_from_group(self.id(), group).await.map(|_| ()).map_err(HubError::internal)
    }

    /// Closes this connection once the running method has returned. At a service it is closed at once.
    pub async fn abort(&self, reconnect: Reconnect) {
        match &self.place {
            Place::Here(member) => member.close(CloseReason::Aborted(reconnect)),
            Place::Service(guest) => {
                if let Err(error) = self.server.disconnect(&guest.id, reconnect).await {
                    tracing::warn!(connection = %guest.id, %error, "a connection cannot be closed");
                }
            }
        }
    }
}

impl<H: Hub> Clone for Connection<H> {
    fn clone(&self) -> Self {
        let place = match &self.place {
            Place::Here(member) => Place::Here(Arc::clone(member)),
            Place::Service(guest) => Place::Service(Arc::clone(guest)),
        };
        Self { server: self.server.clone(), place }
    }
}

impl<H: Hub> fmt::Debug for Connection<H> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Connection").field("id", self.id()).finish_non_exhaustive()
    }
}
