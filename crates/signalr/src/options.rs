//! Timings and limits.

use std::time::Duration;

/// Timings and limits of a hub. The defaults are those clients expect; tests shorten them.
#[derive(Debug, Clone)]
pub struct HubOptions {
    /// How long a client may take for the handshake once its transport is open. Default 15 s.
    pub handshake_timeout: Duration,
    /// A ping is sent when nothing else was for this long. Default 15 s; clients give up after 30 s.
    pub keep_alive_interval: Duration,
    /// A client that pings is taken for dead when it has been silent for this long. Default 30 s.
    pub client_timeout: Duration,
    /// How long a negotiated connection waits for its transport. Default 15 s.
    pub negotiation_timeout: Duration,
    /// How long one write may take before the client is taken for dead. Default 10 s.
    pub send_timeout: Duration,
    /// How long a connection that the server ends may take to send its last messages, to let a running
    /// call finish, and to hear the client's farewell. Default 5 s.
    pub close_timeout: Duration,
    /// The longest message of a client, in bytes, separator included. Default 32 KiB.
    pub max_message_bytes: usize,
    /// The longest WebSocket message, in bytes; it may hold many hub messages. Default 1 MiB.
    pub max_frame_bytes: usize,
    /// How many messages may wait for one client before it is closed as too slow. Default 1024.
    pub max_queued_messages: usize,
    /// How many bytes may wait for one client before it is closed as too slow. A single longer message
    /// is sent nevertheless when nothing else waits. Default 256 KiB.
    pub max_queued_bytes: usize,
    /// Whether clients are told the text of unexpected errors. Default no: it may hold secrets.
    pub detailed_errors: bool,
}

impl Default for HubOptions {
    fn default() -> Self {
        Self {
            handshake_timeout: Duration::from_secs(15),
            keep_alive_interval: Duration::from_secs(15),
            client_timeout: Duration::from_secs(30),
            negotiation_timeout: Duration::from_secs(15),
            send_timeout: Duration::from_secs(10),
            close_timeout: Duration::from_secs(5),
            max_message_bytes: 32 * 1024,
            max_frame_bytes: 1024 * 1024,
            max_queued_messages: 1024,
            max_queued_bytes: 256 * 1024,
            detailed_errors: false,
        }
    }
}
