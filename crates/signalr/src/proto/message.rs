//! Hub messages, whatever protocol carries them.

use super::value::RawValue;

/// What a client may say.
#[derive(Debug)]
pub(crate) enum ClientMessage {
    /// A call of a hub method that answers once or not at all.
    Invocation(Call),
    /// A call of a hub method that answers with a stream; it has an id.
    StreamInvocation(Call),
    /// An item of a stream the client sends.
    StreamItem {
        /// Names the stream.
        id: String,
        /// The item.
        item: RawValue,
    },
    /// The end of a stream the client sends, or its answer to a call of the server.
    Completion {
        /// Names the stream or the call.
        id: String,
        /// How it ended.
        outcome: Outcome,
    },
    /// The client is no longer interested in a stream.
    CancelInvocation {
        /// Names the call that has started the stream.
        id: String,
    },
    /// The client is alive.
    Ping,
    /// The client is leaving.
    Close,
    /// The client has received all messages up to this one.
    Ack(u64),
    /// The number of the message that comes next, after the client has come back.
    Sequence(u64),
    /// Nothing this server has to act upon. Unknown types are among them: the protocol asks to skip those.
    Ignored,
}

impl ClientMessage {
    /// Whether the message is numbered, so that it is neither lost nor repeated when the client comes back.
    pub(crate) fn is_numbered(&self) -> bool {
        matches!(
            self,
            Self::Invocation(_)
                | Self::StreamInvocation(_)
                | Self::StreamItem { .. }
                | Self::Completion { .. }
                | Self::CancelInvocation { .. }
        )
    }
}

/// A call of a hub method.
#[derive(Debug)]
pub(crate) struct Call {
    /// Names the call if the client waits for an answer.
    pub(crate) id: Option<String>,
    /// The method.
    pub(crate) target: String,
    /// The values, bound to types only once the method is known.
    pub(crate) arguments: Vec<RawValue>,
    /// Names the streams that follow as further arguments.
    pub(crate) stream_ids: Vec<String>,
}

/// How a call or stream has ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Outcome<T = RawValue> {
    /// Without a value.
    Void,
    /// With a value, possibly `null`.
    Result(T),
    /// It has failed; the text is for the other side.
    Error(String),
}

/// The message of a client cannot be understood; the connection ends.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Malformed {
    /// Not JSON, or not what the field asks for.
    #[error("The message is not valid JSON.")]
    Json(#[from] serde_json::Error),
    /// Not MessagePack, or not the array it should be.
    #[error("The message is not valid MessagePack: {0}.")]
    MessagePack(&'static str),
    /// A field the type needs is absent.
    #[error("Missing required property '{0}'.")]
    Missing(&'static str),
    /// A field has a value of the wrong kind.
    #[error("Expected '{0}' to be of type {1}.")]
    WrongType(&'static str, &'static str),
    /// Both a result and an error.
    #[error("The 'error' and 'result' properties are mutually exclusive.")]
    ResultAndError,
}
