//! What an application writes: its hub.

use std::{fmt, time::Duration};

use axum::http::HeaderMap;

use crate::{Connection, HubError, Methods, Rejection};

/// A hub: who may connect, and what connected clients may call.
///
/// ```
/// use signalr::{Connection, Credentials, Hub, HubError, Methods, Rejection};
///
/// struct News;
///
/// impl Hub for News {
///     type User = String;
///
///     fn methods(methods: &mut Methods<Self>) {
///         methods.call("Follow", follow);
///     }
///
///     async fn authenticate(&self, credentials: Credentials<'_>) -> Result<String, Rejection> {
///         credentials.token.map(str::to_owned).ok_or_else(Rejection::unauthorized)
///     }
/// }
///
/// async fn follow(connection: Connection<News>, topic: String) -> Result<(), HubError> {
///     connection.add_to_group(&topic).await
/// }
/// ```
pub trait Hub: Send + Sync + Sized + 'static {
    /// Who a connection belongs to.
    type User: Send + Sync + 'static;

    /// Names the methods that clients may call.
    fn methods(methods: &mut Methods<Self>);

    /// Lets a client in or not. Called for the negotiation, and again for every request that opens a
    /// transport or carries messages.
    fn authenticate(
        &self,
        credentials: Credentials<'_>,
    ) -> impl Future<Output = Result<Self::User, Rejection>> + Send;

    /// The name under which the connections of a user are found; `None` for a user who is not addressed
    /// that way.
    fn user_key(&self, _user: &Self::User) -> Option<String> {
        None
    }

    /// For how long from now the user may stay connected, for instance until the token expires. The client
    /// is then closed and reconnects with a new token.
    fn valid_for(&self, _user: &Self::User) -> Option<Duration> {
        None
    }

    /// Greets a new connection, for instance by adding it to groups. It receives messages already, but none
    /// of its own are read yet. An error closes the connection for good.
    fn on_connected(
        &self,
        _connection: &Connection<Self>,
    ) -> impl Future<Output = Result<(), HubError>> + Send {
        std::future::ready(Ok(()))
    }

    /// Called exactly once for every connection that [`Hub::on_connected`] was called for, whatever became of
    /// that. The connection has left its groups.
    fn on_disconnected(
        &self,
        _connection: &Connection<Self>,
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
    /// Set when Azure SignalR Service calls on behalf of a client that it has let in with a token of this
    /// server: the user key of that token. The request is signed by the service.
    pub service_user: Option<&'a str>,
}

impl<'a> Credentials<'a> {
    pub(crate) fn new(token: Option<&'a str>, headers: &'a HeaderMap) -> Self {
        Self { token, headers, service_user: None }
    }
}

impl fmt::Debug for Credentials<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // Headers may hold the token too.
        f.debug_struct("Credentials").field("token", &self.token.map(|_| "…")).finish_non_exhaustive()
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
