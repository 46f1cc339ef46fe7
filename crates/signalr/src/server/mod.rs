//! The handle through which the rest of the application reaches a hub's clients.

mod clients;

use std::{fmt, sync::Arc};

use tokio_util::{sync::CancellationToken, task::TaskTracker};

use crate::{
    Audience, BackplaneError, ConnectionId, Hub, HubOptions, Methods,
    close::CloseReason,
    registry::{Member, Registry},
    scale::Scale,
    table::Table,
};

/// A hub and its connections. Clones share them.
pub struct HubServer<H: Hub> {
    pub(crate) inner: Arc<Inner<H>>,
}

pub(crate) struct Inner<H: Hub> {
    hub: H,
    methods: Methods<H>,
    options: HubOptions,
    registry: Registry<H::User>,
    table: Arc<Table>,
    pub(crate) scale: Scale,
    closing: CancellationToken,
    tasks: TaskTracker,
}

/// A hub cannot be served as it is.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum HubSetupError {
    /// Two methods have the same name but for letter case.
    #[error("two methods of the hub are named '{0}'")]
    RepeatedMethod(String),
    /// Streams need connections to this process.
    #[error("methods with streams cannot be served through Azure SignalR Service")]
    Streams,
    /// What connects the processes is not set up as it should be.
    #[error(transparent)]
    Backplane(#[from] BackplaneError),
}

impl<H: Hub> HubServer<H> {
    /// A hub whose connections are all to this process. Mount [`HubServer::router`] to get some.
    ///
    /// # Errors
    /// Two methods of the hub have the same name.
    pub fn new(hub: H, options: HubOptions) -> Result<Self, HubSetupError> {
        Self::with(hub, options, Scale::Alone)
    }

    pub(crate) fn with(hub: H, options: HubOptions, scale: Scale) -> Result<Self, HubSetupError> {
        let methods = Methods::of_hub();
        if let Some(name) = methods.repeated() {
            return Err(HubSetupError::RepeatedMethod(name.to_owned()));
        }
        if !scale.has_connections() && methods.has_streams() {
            return Err(HubSetupError::Streams);
        }
        let inner = Inner {
            hub,
            methods,
            registry: Registry::default(),
            table: Arc::new(Table::new(options.absence_timeout)),
            options,
            scale,
            closing: CancellationToken::new(),
            tasks: TaskTracker::new(),
        };
        Ok(Self { inner: Arc::new(inner) })
    }

    /// The application's hub.
    pub fn hub(&self) -> &H {
        &self.inner.hub
    }

    /// How many clients are connected to this process.
    pub fn connections(&self) -> usize {
        self.inner.registry.len()
    }

    /// What `look` says of each connection to this process.
    pub fn each_connection<T>(&self, mut look: impl FnMut(&ConnectionId, &H::User) -> T) -> Vec<T> {
        let members = self.inner.registry.find(&Audience::All, &[]);
        members.iter().map(|member| look(&member.id, &member.user)).collect()
    }

    /// Returns when the server begins to shut down.
    pub async fn shutting_down(&self) {
        self.inner.closing.cancelled().await;
    }

    /// How many connections are negotiated, in use or not; those without negotiation are not among them.
    pub fn negotiated(&self) -> usize {
        self.inner.table.len()
    }

    /// Lets nobody in any more, asks all clients to reconnect elsewhere, and waits until they have left or
    /// their time is up, and [`Hub::on_disconnected`](crate::Hub::on_disconnected) has returned for each of
    /// them.
    pub async fn shutdown(&self) {
        self.inner.table.close();
        self.ask_to_leave().await;
        self.inner.closing.cancel();
        self.inner.tasks.close();
        self.inner.tasks.wait().await;
        #[cfg(feature = "redis")]
        if let Scale::Redis(redis) = &self.inner.scale {
            redis.stop();
        }
    }

    /// Spreads the farewells, so that not all clients come to other processes at the same moment.
    async fn ask_to_leave(&self) {
        let members = self.inner.registry.find(&Audience::All, &[]);
        let spread = self.inner.options.shutdown_spread;
        let Ok(count) = u32::try_from(members.len()) else { return };
        if spread.is_zero() || count == 0 {
            return;
        }
        let mut ticks = tokio::time::interval(spread / count);
        for member in members {
            ticks.tick().await;
            member.close(CloseReason::Shutdown);
        }
    }

    pub(crate) fn new_id(&self) -> ConnectionId {
        ConnectionId::random(self.inner.scale.home())
    }

    pub(crate) fn methods(&self) -> &Methods<H> {
        &self.inner.methods
    }

    pub(crate) fn options(&self) -> &HubOptions {
        &self.inner.options
    }

    pub(crate) fn registry(&self) -> &Registry<H::User> {
        &self.inner.registry
    }

    pub(crate) fn table(&self) -> &Arc<Table> {
        &self.inner.table
    }

    /// Cancelled when the server shuts down.
    pub(crate) fn closing(&self) -> &CancellationToken {
        &self.inner.closing
    }

    /// The tasks that [`HubServer::shutdown`] waits for.
    pub(crate) fn tasks(&self) -> &TaskTracker {
        &self.inner.tasks
    }

    /// A connection is registered: what other processes send to its user has to come here.
    pub(crate) async fn entered(&self, member: &Member<H::User>) {
        match &self.inner.scale {
            #[cfg(feature = "redis")]
            Scale::Redis(redis) => {
                if let Some(user) = &member.user_key {
                    redis.listen_to_user(user).await;
                }
            }
            _ => tracing::trace!(connection = %member.id, "entered"),
        }
    }

    /// A connection is not registered any more.
    pub(crate) fn left(&self, member: &Member<H::User>, groups: &[Arc<str>]) {
        match &self.inner.scale {
            #[cfg(feature = "redis")]
            Scale::Redis(redis) => {
                groups.iter().for_each(|group| redis.recheck_group(group));
                if let Some(user) = &member.user_key {
                    redis.recheck_user(user);
                }
            }
            _ => tracing::trace!(connection = %member.id, groups = groups.len(), "left"),
        }
    }
}

#[cfg(feature = "redis")]
impl<H: Hub> Inner<H> {
    pub(crate) fn registry(&self) -> &Registry<H::User> {
        &self.registry
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
