//! A SignalR server for axum.
//!
//! Clients such as `@microsoft/signalr` connect to a [`Hub`], call its methods and receive events. An
//! application implements [`Hub`], wraps it in a [`HubServer`], mounts [`HubServer::router`] and sends through
//! any clone of the server:
//!
//! ```
//! # use signalr::{ConnectionContext, Credentials, Hub, HubError, HubOptions, HubServer, Invocation, Rejection};
//! # struct News;
//! # impl Hub for News {
//! #     type User = ();
//! #     async fn authenticate(&self, _: Credentials<'_>) -> Result<(), Rejection> { Ok(()) }
//! #     async fn invoke(&self, _: &ConnectionContext<Self>, _: Invocation)
//! #         -> Result<Option<serde_json::Value>, HubError> { Err(HubError::UnknownMethod) }
//! # }
//! # fn main() -> Result<(), signalr::SendError> {
//! let server = HubServer::new(News, HubOptions::default());
//! let app: axum::Router = axum::Router::new().merge(server.router("/hubs/news"));
//! server.send_group("sport", "HeadlineAdded", ("Two goals in a minute",))?;
//! # Ok(())
//! # }
//! ```
//!
//! It speaks the JSON protocol over WebSockets and keeps its connections in the memory of one process. Sending
//! never waits for a client: each has a bounded queue, and one that does not keep up is closed.
//!
//! Layers, from the inside out: `proto` knows the bytes and does no I/O; `connection` runs one client;
//! `registry` knows who is connected and in which groups; `negotiation` and `endpoint` let clients in.

#![forbid(unsafe_code)]

mod close;
mod connection;
mod endpoint;
mod error;
mod hub;
mod id;
mod negotiation;
mod options;
mod outbox;
mod proto;
mod registry;
mod send;
mod server;
mod transport;

pub use close::Reconnect;
pub use error::{HubError, Rejection};
pub use hub::{ConnectionContext, Credentials, DisconnectReason, Hub, Invocation};
pub use id::ConnectionId;
pub use options::HubOptions;
pub use send::{Arguments, SendError};
pub use server::HubServer;
