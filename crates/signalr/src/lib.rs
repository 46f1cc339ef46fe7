//! A SignalR server for axum.
//!
//! Clients such as `@microsoft/signalr` connect to a [`Hub`], call its methods and receive events. An
//! application implements [`Hub`], wraps it in a [`HubServer`], mounts [`HubServer::router`] and sends through
//! any clone of the server:
//!
//! ```
//! # use signalr::{Connection, Credentials, Hub, HubError, HubOptions, HubServer, Methods, Rejection};
//! struct News;
//!
//! impl Hub for News {
//!     type User = ();
//!
//!     fn methods(methods: &mut Methods<Self>) {
//!         methods.call("Follow", follow);
//!     }
//!
//!     async fn authenticate(&self, _: Credentials<'_>) -> Result<(), Rejection> {
//!         Ok(())
//!     }
//! }
//!
//! async fn follow(connection: Connection<News>, topic: String) -> Result<(), HubError> {
//!     connection.add_to_group(&topic).await
//! }
//!
//! # async fn run() -> Result<(), Box<dyn std::error::Error>> {
//! let server = HubServer::new(News, HubOptions::default())?;
//! let app: axum::Router = axum::Router::new().merge(server.router("/hubs/news"));
//! server.send_group("sport", "HeadlineAdded", ("Two goals in a minute",)).await?;
//! # Ok(())
//! # }
//! ```
//!
//! It speaks the JSON and the MessagePack protocol over WebSockets, server-sent events and long polling.
//! Methods may take and give streams, clients may be asked for results, and a client whose WebSocket breaks
//! can take its connection up again without losing a message. Sending to groups and users never waits for a
//! client: each has a bounded queue, and one that does not keep up is closed.
//!
//! Connections are to one process ([`HubServer::new`]), to several that tell each other by Redis
//! (feature `redis`), or to Azure SignalR Service in its serverless mode (feature `azure`).
//!
//! Layers, from the inside out: `proto` knows the bytes and does no I/O; `transport` carries them;
//! `connection` runs one client; `registry` knows who is connected and in which groups; `table` and `http`
//! let clients in; `scale` reaches other processes.

#![forbid(unsafe_code)]

mod arguments;
#[cfg(feature = "azure")]
mod azure;
mod close;
mod connection;
mod error;
mod http;
mod hub;
mod id;
mod methods;
mod options;
mod outbox;
mod proto;
#[cfg(feature = "redis")]
mod redis;
mod registry;
mod results;
mod scale;
mod send;
mod server;
mod table;
mod transport;

pub use arguments::{Argument, Upload};
#[cfg(feature = "azure")]
pub use azure::{AzureSettings, AzureSettingsError};
pub use close::Reconnect;
pub use connection::Connection;
pub use error::{BackplaneError, HubError, InvokeError, Rejection, SendError};
pub use hub::{Credentials, DisconnectReason, Hub};
pub use id::ConnectionId;
pub use methods::{Call, Methods, StreamCall};
pub use options::{HubOptions, Propagation, Transports};
pub use proto::value::{DecodeError, EncodeError};
pub use send::{Arguments, Audience};
pub use server::{HubServer, HubSetupError};
pub use transport::Transport;
