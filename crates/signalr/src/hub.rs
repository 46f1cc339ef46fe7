//! What an application writes: its hub.

use std::{fmt, sync::Arc, time::Duration};

use axum::http::HeaderMap;
use serde::de::DeserializeOwned;
use serde_json::value::RawValue;

use crate::{
    ConnectionId, HubError, HubServer, Rejection,
    close::{CloseReason, Reconnect},
    registry::Member,
    send::{Arguments, SendError, event},
};

/// A hub: who may connect, and what connected clients may call.
///
/// ```
/// use signalr::{ConnectionContext, Credentials, Hub, HubError, Invocation, Rejection};
///
/// struct News;
///
/// impl Hub for News {
///     type User = String;
///
///     async fn authenticate(&self, credentials: Credentials<'_>) -> Result<String, Rejection> {
///         credentials.token.map(str::to_owned).ok_or_else(Rejection::unauthorized)
///     }
///
///     async fn invoke(
///         &self,
///         cx: &ConnectionContext<Self>,
///         call: Invocation,
///     ) -> Result<Option<serde_json::Value>, HubError> {
///         if call.is("Follow") {
///             let (topic,): (String,) = call.arguments()?;
///             cx.add_to_group(&topic);
///             return Ok(None);
///         }
///         Err(HubError::UnknownMethod)
///     }
/// }
/// ```
pub trait Hub: Send + Sync + Sized + 'static {
    /// Who a connection belongs to.
    type User: Send + Sync + 'static;

    /// Lets a client in or not. Called for the negotiation and again when the transport opens.
    fn authenticate(
        &self,
        credentials: Credentials<'_>,
    ) -> impl Future<Output = Result<Self::User, Rejection>> + Send;

    /// The name under which [`HubServer::send_user`] finds the connections of a user; `None` for a user who
    /// is not addressed that way.
    fn user_key(&self, _user: &Self::User) -> Option<String> {
        None
    }

    /// For how long from now the user may stay connected, for instance until the token expires. The client
    /// is then closed and reconnects with a new token.
    fn valid_for(&self, _user: &Self::User) -> Option<Duration> {
        None
    }

    /// Greets a new connection, for instance by adding it to groups. It receives messages already. An error
    /// closes the connection for good.
    fn on_connected(
        &self,
        _cx: &ConnectionContext<Self>,
    ) -> impl Future<Output = Result<(), HubError>> + Send {
        std::future::ready(Ok(()))
    }

    /// Runs a method; `None` is a method without a result. The calls of one connection run one after the
    /// other. The future is dropped when the connection breaks.
    fn invoke(
        &self,
        cx: &ConnectionContext<Self>,
        call: Invocation,
    ) -> impl Future<Output = Result<Option<serde_json::Value>, HubError>> + Send;

    /// Called exactly once for every connection that [`Hub::on_connected`] was called for, whatever became of
    /// that. The connection has left its groups.
    fn on_disconnected(
        &self,
        _cx: &ConnectionContext<Self>,
        _reason: DisconnectReason,
    ) -> impl Future<Output = ()> + Send {
        std::future::ready(())
    }
}

/// What a client shows to be let in.
#[derive(Clone, Copy)]
#[non_exhaustive]
pub struct Credentials<'a> {
    /// The bearer token of the `Authorization` header, else the `access_token` of the query.
    pub token: Option<&'a str>,
    /// All headers of the request.
    pub headers: &'a HeaderMap,
}

impl<'a> Credentials<'a> {
    pub(crate) fn new(token: Option<&'a str>, headers: &'a HeaderMap) -> Self {
        Self { token, headers }
    }
}

impl fmt::Debug for Credentials<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // Headers may hold the token too.
        f.debug_struct("Credentials").field("token", &self.token.map(|_| "…")).finish_non_exhaustive()
    }
}

/// A call of a hub method by a client.
#[derive(Debug)]
pub struct Invocation {
    target: String,
    arguments: Box<RawValue>,
}

impl Invocation {
    pub(crate) fn new(target: String, arguments: Box<RawValue>) -> Self {
        Self { target, arguments }
    }

    /// The method as the client has written it.
    pub fn target(&self) -> &str {
        &self.target
    }

    /// Whether `method` is called. Letter case does not matter, as in ASP.NET Core.
    pub fn is(&self, method: &str) -> bool {
        self.target.eq_ignore_ascii_case(method)
    }

    /// The arguments, usually as a tuple: `let (group,): (String,) = call.arguments()?`.
    ///
    /// # Errors
    /// [`HubError::Arguments`] when their number or types differ.
    pub fn arguments<T: DeserializeOwned>(&self) -> Result<T, HubError> {
        serde_json::from_str(self.arguments.get()).map_err(HubError::Arguments)
    }
}

/// Why a connection has ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum DisconnectReason {
    /// The client has said good-bye.
    Client,
    /// The transport has broken or closed without a good-bye.
    TransportLost,
    /// The client has been silent for too long.
    ClientTimeout,
    /// The client has sent something that is no message, or too long.
    BadMessage,
    /// The client has not read its messages fast enough.
    SlowConsumer,
    /// [`Hub::on_connected`] has failed.
    NotGreeted,
    /// The time of [`Hub::valid_for`] is over.
    Expired,
    /// The application has closed the connection.
    Aborted,
    /// The server is shutting down.
    Shutdown,
}

/// A connection as its hub sees it.
pub struct ConnectionContext<H: Hub> {
    pub(crate) server: HubServer<H>,
    pub(crate) member: Arc<Member<H::User>>,
}

impl<H: Hub> ConnectionContext<H> {
    /// The public name of the connection.
    pub fn id(&self) -> &ConnectionId {
        &self.member.id
    }

    /// Who is connected.
    pub fn user(&self) -> &H::User {
        &self.member.user
    }

    /// The server, to reach other connections.
    pub fn server(&self) -> &HubServer<H> {
        &self.server
    }

    /// Sends an event to this connection.
    ///
    /// # Errors
    /// The arguments cannot be written as JSON.
    pub fn send(&self, target: &str, arguments: impl Arguments) -> Result<(), SendError> {
        let message = event(target, &arguments)?;
        self.member.send(message);
        Ok(())
    }

    /// Adds this connection to a group.
    pub fn add_to_group(&self, group: &str) {
        self.server.add_to_group(self.id(), group);
    }

    /// Takes this connection out of a group.
    pub fn remove_from_group(&self, group: &str) {
        self.server.remove_from_group(self.id(), group);
    }

    /// Closes this connection once the running method has returned.
    pub fn abort(&self, reconnect: Reconnect) {
        self.member.close(CloseReason::Aborted(reconnect));
    }
}

impl<H: Hub> fmt::Debug for ConnectionContext<H> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ConnectionContext").field("id", self.id()).finish_non_exhaustive()
    }
}
