//! How bytes travel between a client and its connection.

pub(crate) mod websocket;
