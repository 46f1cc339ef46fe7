//! Names of connections.

use std::{fmt, sync::Arc};

use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD};

/// 128 random bits, in characters that need no escaping in a query.
fn random_id() -> String {
    // `rand::random` draws from a cryptographically secure generator.
    BASE64_URL_SAFE_NO_PAD.encode(rand::random::<[u8; 16]>())
}

/// The public name of a connection. Knowing it does not allow to take part in the connection.
#[derive(Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct ConnectionId(Arc<str>);

impl ConnectionId {
    pub(crate) fn random() -> Self {
        Self(random_id().into())
    }

    /// The id as clients see it.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for ConnectionId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl fmt::Debug for ConnectionId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// What a client shows to take up a negotiated connection: a secret, therefore never printed.
#[derive(Clone, PartialEq, Eq, Hash)]
pub(crate) struct ConnectionToken(Arc<str>);

impl ConnectionToken {
    pub(crate) fn random() -> Self {
        Self(random_id().into())
    }

    /// Clients of negotiate version 0 know the id only.
    pub(crate) fn same_as(id: &ConnectionId) -> Self {
        Self(Arc::clone(&id.0))
    }

    pub(crate) fn from_client(text: &str) -> Self {
        Self(text.into())
    }

    /// For the negotiate reply only.
    pub(crate) fn reveal(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for ConnectionToken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("ConnectionToken")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_are_22_url_safe_characters_and_differ() {
        let (a, b) = (ConnectionId::random(), ConnectionId::random());
        assert_ne!(a, b);
        assert_eq!(a.as_str().len(), 22);
        assert!(a.as_str().chars().all(|c| c.is_ascii_alphanumeric() || c == '-' || c == '_'));
    }

    #[test]
    fn a_token_does_not_print() {
        let token = ConnectionToken::random();
        assert!(!format!("{token:?}").contains(token.reveal()));
    }
}
