//! Hub messages, whatever protocol carries them.

use serde_json::value::RawValue;

/// What a client may say.
#[derive(Debug)]
pub(crate) enum ClientMessage {
    /// A call of a hub method.
    Invocation(InvocationMessage),
    /// A call of a hub method that is to answer with a stream.
    StreamInvocation {
        /// Names the call; the answer repeats it.
        invocation_id: String,
        /// The method.
        target: String,
    },
    /// The client is alive.
    Ping,
    /// The client is leaving.
    Close,
    /// Nothing this server has to act upon. Unknown types are among them: the protocol asks to skip those.
    Ignored,
}

/// A call of a hub method.
#[derive(Debug)]
pub(crate) struct InvocationMessage {
    /// Names the call if the client waits for an answer.
    pub(crate) invocation_id: Option<String>,
    /// The method.
    pub(crate) target: String,
    /// A JSON array, bound to types only once the method is known.
    pub(crate) arguments: Box<RawValue>,
    /// Whether arguments follow as streams.
    pub(crate) has_streams: bool,
}

/// The message of a client cannot be understood; the connection ends.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Malformed {
    /// Not JSON, or not what the field asks for.
    #[error("The message is not valid JSON.")]
    Json(#[from] serde_json::Error),
    /// A field the type needs is absent.
    #[error("Missing required property '{0}'.")]
    Missing(&'static str),
    /// A field has a value of the wrong kind.
    #[error("Expected '{0}' to be of type {1}.")]
    WrongType(&'static str, &'static str),
}

/// The answer to a call.
#[derive(Debug)]
pub(crate) enum Outcome {
    /// The method has returned nothing.
    Void,
    /// The method has returned a value, possibly `null`.
    Result(serde_json::Value),
    /// The method has failed, or was not run; the text is for the client.
    Error(String),
}
