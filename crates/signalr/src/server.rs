//! The handle through which the rest of the application reaches a hub's clients.

use std::{fmt, sync::Arc};

use tokio_util::{sync::CancellationToken, task::TaskTracker};

use crate::{
    ConnectionId, Hub, HubOptions,
    close::{CloseReason, Reconnect},
    negotiation::Negotiations,
    registry::{Member, Registry},
    send::{Arguments, SendError, event},
};

/// A hub and its connections. Clones share them.
pub struct HubServer<H: Hub> {
    inner: Arc<Inner<H>>,
}

struct Inner<H: Hub> {
    hub: H,
    options: HubOptions,
    registry: Registry<H::User>,
    negotiations: Arc<Negotiations>,
    closing: CancellationToken,
    tasks: TaskTracker,
}

impl<H: Hub> HubServer<H> {
    /// A hub without connections. Mount [`HubServer::router`] to get some.
    pub fn new(hub: H, options: HubOptions) -> Self {
        let negotiations = Arc::new(Negotiations::new(options.negotiation_timeout));
        Self {
            inner: Arc::new(Inner {
                hub,
                options,
                registry: Registry::default(),
                negotiations,
                closing: CancellationToken::new(),
                tasks: TaskTracker::new(),
            }),
        }
    }

    /// The application's hub.
    pub fn hub(&self) -> &H {
        &self.inner.hub
    }

    /// How many clients are connected.
    pub fn connections(&self) -> usize {
        self.inner.registry.len()
    }

    /// Sends an event to everyone. Like the other ways to send, it never waits: a client whose queue is full
    /// is closed.
    ///
    /// # Returns
    /// The number of connections that will be written to.
    ///
    /// # Errors
    /// The arguments cannot be written as JSON.
    pub fn send_all(&self, target: &str, arguments: impl Arguments) -> Result<usize, SendError> {
        self.send(&self.inner.registry.all(), target, &arguments)
    }

    /// Sends an event to the connections in a group. Returns and errors as [`HubServer::send_all`].
    pub fn send_group(
        &self,
        group: &str,
        target: &str,
        arguments: impl Arguments,
    ) -> Result<usize, SendError> {
        self.send(&self.inner.registry.of_group(group), target, &arguments)
    }

    /// Sends an event to the members of any of these groups, to each connection once.
    ///
    /// # Errors
    /// As [`HubServer::send_all`].
    pub fn send_groups(
        &self,
        groups: &[impl AsRef<str>],
        target: &str,
        arguments: impl Arguments,
    ) -> Result<usize, SendError> {
        self.send(&self.inner.registry.of_groups(groups), target, &arguments)
    }

    /// Sends an event to the connections of a user. Returns and errors as [`HubServer::send_all`].
    pub fn send_user(
        &self,
        user_key: &str,
        target: &str,
        arguments: impl Arguments,
    ) -> Result<usize, SendError> {
        self.send(&self.inner.registry.of_user(user_key), target, &arguments)
    }

    /// Sends an event to one connection, which may be gone. Returns and errors as [`HubServer::send_all`].
    pub fn send_connection(
        &self,
        id: &ConnectionId,
        target: &str,
        arguments: impl Arguments,
    ) -> Result<usize, SendError> {
        self.send(self.inner.registry.get(id).as_slice(), target, &arguments)
    }

    fn send(
        &self,
        members: &[Arc<Member<H::User>>],
        target: &str,
        arguments: &impl Arguments,
    ) -> Result<usize, SendError> {
        let message = event(target, arguments)?;
        Ok(members.iter().filter(|member| member.send(message.clone())).count())
    }

    /// Adds a connection to a group; `false` when the connection is gone.
    pub fn add_to_group(&self, id: &ConnectionId, group: &str) -> bool {
        self.inner.registry.add_to_group(id, group)
    }

    /// Takes a connection out of a group; `false` when it was not in it.
    pub fn remove_from_group(&self, id: &ConnectionId, group: &str) -> bool {
        self.inner.registry.remove_from_group(id, group)
    }

    /// After the rights of a user have changed: takes all connections of the user out of the groups for which
    /// `keep` returns `false`, and returns how many memberships have ended. A call that joins a group at the
    /// same time may still rely on the old rights; [`HubServer::disconnect_user`] leaves no such gap.
    pub fn retain_groups(&self, user_key: &str, keep: impl FnMut(&str) -> bool) -> usize {
        self.inner.registry.retain_groups(user_key, keep)
    }

    /// Closes the connections of a user and returns how many there were. One that may reconnect is
    /// authenticated anew.
    pub fn disconnect_user(&self, user_key: &str, reconnect: Reconnect) -> usize {
        let members = self.inner.registry.of_user(user_key);
        for member in &members {
            member.close(CloseReason::Aborted(reconnect));
        }
        members.len()
    }

    /// Closes one connection; `false` when it is gone.
    pub fn disconnect(&self, id: &ConnectionId, reconnect: Reconnect) -> bool {
        let member = self.inner.registry.get(id);
        if let Some(member) = &member {
            member.close(CloseReason::Aborted(reconnect));
        }
        member.is_some()
    }

    /// Lets nobody in any more, asks all clients to reconnect elsewhere, and waits until they have left or
    /// their time is up, and [`Hub::on_disconnected`] has returned for each of them.
    pub async fn shutdown(&self) {
        self.inner.closing.cancel();
        self.inner.tasks.close();
        self.inner.tasks.wait().await;
    }

    pub(crate) fn options(&self) -> &HubOptions {
        &self.inner.options
    }

    pub(crate) fn registry(&self) -> &Registry<H::User> {
        &self.inner.registry
    }

    pub(crate) fn negotiations(&self) -> &Arc<Negotiations> {
        &self.inner.negotiations
    }

    /// Cancelled when the server shuts down.
    pub(crate) fn closing(&self) -> &CancellationToken {
        &self.inner.closing
    }

    /// The tasks that [`HubServer::shutdown`] waits for.
    pub(crate) fn tasks(&self) -> &TaskTracker {
        &self.inner.tasks
    }
}

impl<H: Hub> Clone for HubServer<H> {
    fn clone(&self) -> Self {
        Self { inner: Arc::clone(&self.inner) }
    }
}

impl<H: Hub> fmt::Debug for HubServer<H> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("HubServer").field("connections", &self.connections()).finish_non_exhaustive()
    }
}
