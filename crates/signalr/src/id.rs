//! Names of connections.

use std::{fmt, sync::Arc};

use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD};
use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// Separates an id from the name of its process; needs no escaping in a query.
const HOME: char = '.';

/// 128 random bits, in characters that need no escaping in a query.
pub(crate) fn random_id() -> String {
    // `rand::random` draws from a cryptographically secure generator.
    BASE64_URL_SAFE_NO_PAD.encode(rand::random::<[u8; 16]>())
}

/// The public name of a connection. Knowing it does not allow to take part in the connection.
#[derive(Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct ConnectionId(Arc<str>);

impl ConnectionId {
    /// A new id. Other processes find the connection by the name of its home.
    pub(crate) fn random(home: Option<&str>) -> Self {
        match home {
            None => Self(random_id().into()),
            Some(home) => Self(format!("{}{HOME}{home}", random_id()).into()),
        }
    }

    /// An id that another process, or a client, has named.
    pub fn from_text(text: &str) -> Self {
        Self(text.into())
    }

    /// The process that holds the connection, as far as the id tells.
    pub(crate) fn home(&self) -> Option<&str> {
        self.0.split_once(HOME).map(|(_, home)| home)
    }

    /// The id as clients see it.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl Serialize for ConnectionId {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.0)
    }
}

impl<'de> Deserialize<'de> for ConnectionId {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer).map(|text| Self(text.into()))
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
        let (a, b) = (ConnectionId::random(None), ConnectionId::random(None));
        assert_ne!(a, b);
        assert_eq!(a.as_str().len(), 22);
        assert!(a.as_str().chars().all(|c| c.is_ascii_alphanumeric() || c == '-' || c == '_'));
    }

    #[test]
    fn an_id_may_tell_its_home() {
        assert_eq!(ConnectionId::random(None).home(), None);
        assert_eq!(ConnectionId::random(Some("pod-1")).home(), Some("pod-1"));
    }

    #[test]
    fn a_token_does_not_print() {
        let token = ConnectionToken::random();
        assert!(!format!("{token:?}").contains(token.reveal()));
    }
}
