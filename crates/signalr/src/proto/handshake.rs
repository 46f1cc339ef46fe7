//! The first record each way: JSON, whatever protocol follows.

use bytes::Bytes;
use serde::{Deserialize, Serialize};

use super::{Protocol, json::record};

/// The newest version of the protocols understood here; from version 2 on a connection can be taken up again.
const MAX_VERSION: u32 = 2;

#[derive(Deserialize)]
struct Request {
    protocol: String,
    version: u32,
}

#[derive(Serialize)]
struct Reply<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    error: Option<&'a str>,
}

/// Why a handshake fails; the text is what the client is told.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum HandshakeError {
    /// The record is not a handshake.
    #[error("An unexpected error occurred during connection handshake.")]
    Malformed,
    /// The client speaks something else.
    #[error("The protocol '{0}' is not supported.")]
    Protocol(String),
    /// The client is too new.
    #[error("The server does not support version {version} of the '{protocol}' protocol.")]
    Version {
        /// The protocol asked for.
        protocol: String,
        /// Its version.
        version: u32,
    },
    /// The transport carries text only.
    #[error(
        "Cannot use the 'messagepack' protocol on the current transport. \
         The current transport does not support 'Binary' transfer format."
    )]
    TextOnly,
    /// Nothing usable has come in time, or too much of it.
    #[error("Handshake was canceled.")]
    Canceled,
}

/// What the client asks for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Handshake {
    /// What follows.
    pub(crate) protocol: Protocol,
    /// Its version.
    pub(crate) version: u32,
}

/// Reads the client's record, without its separator. `binary` is what the transport can carry.
pub(crate) fn parse(record: &[u8], binary: bool) -> Result<Handshake, HandshakeError> {
    let Request { protocol: name, version } =
        serde_json::from_slice(record).map_err(|_| HandshakeError::Malformed)?;
    let Some(protocol) = [Protocol::Json, Protocol::MessagePack].into_iter().find(|p| p.name() == name)
    else {
        return Err(HandshakeError::Protocol(name));
    };
    if !(1..=MAX_VERSION).contains(&version) {
        return Err(HandshakeError::Version { protocol: name, version });
    }
    if protocol == Protocol::MessagePack && !binary {
        return Err(HandshakeError::TextOnly);
    }
    Ok(Handshake { protocol, version })
}

/// The server's record.
pub(crate) fn reply<T>(outcome: &Result<T, HandshakeError>) -> Result<Bytes, serde_json::Error> {
    let error = outcome.as_ref().err().map(ToString::to_string);
    record(&Reply { error: error.as_deref() })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn json_of_both_versions_is_accepted_and_unknown_keys_are_ignored() {
        for text in [
            r#"{"protocol":"json","version":1}"#,
            r#"{"version":2,"protocol":"json"}"#,
            r#"{"protocol":"json","version":1,"minorVersion":0}"#,
        ] {
            assert_eq!(parse(text.as_bytes(), false).unwrap().protocol, Protocol::Json, "{text}");
        }
    }

    #[test]
    fn messagepack_needs_a_transport_that_carries_it() {
        let request = br#"{"protocol":"messagepack","version":1}"#;
        let accepted = Handshake { protocol: Protocol::MessagePack, version: 1 };
        assert_eq!(parse(request, true), Ok(accepted));
        assert_eq!(parse(request, false), Err(HandshakeError::TextOnly));
    }

    #[test]
    fn other_protocols_and_versions_are_refused_with_the_documented_text() {
        let refused = |text: &str| parse(text.as_bytes(), true).unwrap_err().to_string();
        assert_eq!(refused(r#"{"protocol":"x","version":1}"#), "The protocol 'x' is not supported.");
        assert_eq!(
            refused(r#"{"protocol":"json","version":9}"#),
            "The server does not support version 9 of the 'json' protocol."
        );
        assert!(refused(r#"{"protocol":"json","version":0}"#).contains("version 0"));
    }

    #[test]
    fn a_record_without_its_keys_is_refused() {
        for text in ["", "{}", "[]", "null", r#"{"protocol":"json"}"#, r#"{"version":1}"#, r#"{"type":6}"#] {
            assert_eq!(parse(text.as_bytes(), true), Err(HandshakeError::Malformed), "{text}");
        }
    }

    #[test]
    fn the_reply_is_an_empty_object_or_an_error() {
        assert_eq!(reply(&Ok(())).unwrap(), "{}\u{1e}");
        let refused: Result<(), _> = Err(HandshakeError::Canceled);
        assert_eq!(reply(&refused).unwrap(), "{\"error\":\"Handshake was canceled.\"}\u{1e}");
    }

    proptest! {
        #[test]
        fn arbitrary_bytes_never_panic(data in prop::collection::vec(any::<u8>(), 0..200)) {
            let _ = parse(&data, true);
        }
    }
}
