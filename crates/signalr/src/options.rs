//! Timings and limits.

use std::time::Duration;

use tracing::Span;

/// Timings and limits of a hub. The defaults are those clients expect; tests shorten them.
#[derive(Debug, Clone)]
pub struct HubOptions {
    /// How long a client may take for the handshake once its transport is open. Default 15 s.
    pub handshake_timeout: Duration,
    /// A ping is sent when nothing else was for this long. Default 15 s; clients give up after 30 s.
    pub keep_alive_interval: Duration,
    /// A client that pings is taken for dead when it has been silent for this long. Default 30 s.
    pub client_timeout: Duration,
    /// How long a client that is asked may take to answer. Default 30 s.
    pub answer_timeout: Duration,
    /// How long a connection waits for its client: for the transport after the negotiation, for the next
    /// poll, for a socket that takes the place of a broken one. Default 15 s.
    pub absence_timeout: Duration,
    /// How long one write may take before the client is taken for dead. Default 10 s.
    pub send_timeout: Duration,
    /// How long a poll is held without anything to say. Default 90 s; clients give up after 100 s.
    pub poll_timeout: Duration,
    /// How long a connection that the server ends may take to send its last messages, to let a running
    /// call finish, and to hear the client's farewell. Default 5 s.
    pub close_timeout: Duration,
    /// Over how long the farewells are spread when the server shuts down, so that the clients do not all
    /// come back at once. Default none.
    pub shutdown_spread: Duration,
    /// The longest message of a client, in bytes, separator included. Default 32 KiB.
    pub max_message_bytes: usize,
    /// The longest WebSocket message or posted body, in bytes; it may hold many hub messages.
    /// Default 1 MiB.
    pub max_frame_bytes: usize,
    /// How many messages may wait for one client before it is closed as too slow. Default 1024.
    pub max_queued_messages: usize,
    /// How many bytes may wait for one client before it is closed as too slow. A single longer message
    /// is sent nevertheless when nothing else waits. Default 256 KiB.
    pub max_queued_bytes: usize,
    /// How many calls of one client run at the same time; the others wait in their order. Calls that take
    /// or give streams do not count. Default 1.
    pub parallel_calls: usize,
    /// How many streams one client may have open in each direction. Default 100.
    pub max_streams: usize,
    /// How many items of a client's stream are held before the client has to wait. Default 10.
    pub stream_capacity: usize,
    /// Whether clients may take a broken WebSocket up again without losing a message. Default yes; clients
    /// have to ask for it.
    pub stateful_reconnect: bool,
    /// How many bytes are kept for a client that may come back, before sending waits. Default 100 000.
    pub stateful_buffer_bytes: usize,
    /// The ways to connect. Default all of them.
    pub transports: Transports,
    /// The lowest version of the negotiation that is accepted. Default 0.
    pub min_negotiate_version: u32,
    /// The sites whose pages may open WebSockets, as in `https://dms.example.com`; browsers do not check
    /// that themselves. Default `None`: every site.
    pub allowed_origins: Option<Vec<String>>,
    /// Whether clients are told the text of unexpected errors. Default no: it may hold secrets.
    pub detailed_errors: bool,
    /// How the trace of an event goes on in the other processes of the hub. Default `None`: it doesn't.
    pub propagation: Option<Propagation>,
}

/// Carries a trace from the process that sends an event to those whose clients hear it.
#[derive(Debug, Clone, Copy)]
pub struct Propagation {
    /// Where the work in hand stands in its trace, as text; none when it has none.
    pub inject: fn() -> Option<String>,
    /// The span in which another process goes on from there.
    pub extract: fn(&str) -> Span,
}

/// Ways to connect, in the order in which clients try them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Transports {
    /// A WebSocket: both directions, both protocols.
    pub web_sockets: bool,
    /// Server-sent events and posts: text only.
    pub server_sent_events: bool,
    /// Requests that are held until there is something to say, and posts.
    pub long_polling: bool,
}

impl Transports {
    /// All of them.
    pub const ALL: Self = Self { web_sockets: true, server_sent_events: true, long_polling: true };
}

impl Default for HubOptions {
    fn default() -> Self {
        Self {
            handshake_timeout: Duration::from_secs(15),
            keep_alive_interval: Duration::from_secs(15),
            client_timeout: Duration::from_secs(30),
            answer_timeout: Duration::from_secs(30),
            absence_timeout: Duration::from_secs(15),
            send_timeout: Duration::from_secs(10),
            poll_timeout: Duration::from_secs(90),
            close_timeout: Duration::from_secs(5),
            shutdown_spread: Duration::ZERO,
            max_message_bytes: 32 * 1024,
            max_frame_bytes: 1024 * 1024,
            max_queued_messages: 1024,
            max_queued_bytes: 256 * 1024,
            parallel_calls: 1,
            max_streams: 100,
            stream_capacity: 10,
            stateful_reconnect: true,
            stateful_buffer_bytes: 100_000,
            transports: Transports::ALL,
            min_negotiate_version: 0,
            allowed_origins: None,
            detailed_errors: false,
            propagation: None,
        }
    }
}
