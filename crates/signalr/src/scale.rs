//! Where the connections of a hub are.

/// How far a hub reaches.
#[derive(Debug)]
pub(crate) enum Scale {
    /// All connections are to this process.
    Alone,
    /// Several processes, each with its connections, tell each other by Redis.
    #[cfg(feature = "redis")]
    Redis(crate::redis::Redis),
    /// All connections are to Azure SignalR Service.
    #[cfg(feature = "azure")]
    Azure(crate::azure::Service),
}

impl Scale {
    /// The name of this process in the ids of its connections.
    pub(crate) fn home(&self) -> Option<&str> {
        match self {
            #[cfg(feature = "redis")]
            Self::Redis(redis) => Some(redis.pod()),
            _ => None,
        }
    }

    /// Whether clients connect to this process.
    pub(crate) fn has_connections(&self) -> bool {
        match self {
            #[cfg(feature = "azure")]
            Self::Azure(_) => false,
            _ => true,
        }
    }
}
