//! Why connections end, and what the client is told.

use crate::{
    DisconnectReason, HubError,
    proto::{framing::FramingError, message::Malformed},
};

/// Whether a client that the server closes may come back by itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub enum Reconnect {
    /// It reconnects if it has a policy for that, and is authenticated anew.
    Allow,
    /// It stays away.
    Forbid,
}

/// Why a connection ends, with what the close message needs.
#[derive(Debug)]
pub(crate) enum CloseReason {
    Client,
    TransportLost,
    ClientTimeout,
    Framing(FramingError),
    Malformed(Malformed),
    NotUtf8,
    /// After coming back the client has skipped messages.
    Gap,
    SlowConsumer,
    NotGreeted(HubError),
    Expired,
    Aborted(Reconnect),
    Shutdown,
}

/// What the close message says.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Farewell {
    pub(crate) error: Option<String>,
    pub(crate) allow_reconnect: bool,
}

impl CloseReason {
    pub(crate) fn public(&self) -> DisconnectReason {
        match self {
            Self::Client => DisconnectReason::Client,
            Self::TransportLost => DisconnectReason::TransportLost,
            Self::ClientTimeout => DisconnectReason::ClientTimeout,
            Self::Framing(_) | Self::Malformed(_) | Self::NotUtf8 | Self::Gap => DisconnectReason::BadMessage,
            Self::SlowConsumer => DisconnectReason::SlowConsumer,
            Self::NotGreeted(_) => DisconnectReason::NotGreeted,
            Self::Expired => DisconnectReason::Expired,
            Self::Aborted(_) => DisconnectReason::Aborted,
            Self::Shutdown => DisconnectReason::Shutdown,
        }
    }

    /// What to tell the client; nothing when it has left.
    pub(crate) fn farewell(&self, detailed: bool) -> Option<Farewell> {
        let closed = |detail: &str| Some(format!("Connection closed with an error. {detail}"));
        let (error, allow_reconnect) = match self {
            Self::Client | Self::TransportLost => return None,
            Self::Shutdown | Self::Expired => (None, true),
            Self::Aborted(reconnect) => (None, *reconnect == Reconnect::Allow),
            Self::NotGreeted(error) => (Some(error.close_text(detailed)), false),
            Self::ClientTimeout => (closed("The client has been silent for too long."), true),
            Self::SlowConsumer => (closed("The client does not keep up with its messages."), true),
            Self::Framing(error) => (closed(&error.to_string()), true),
            Self::NotUtf8 => (closed("The message is not valid UTF-8."), true),
            Self::Gap => (closed("The sequence skips messages."), true),
            Self::Malformed(error) => (closed(&error.to_string()), true),
        };
        Some(Farewell { error, allow_reconnect })
    }
}
