//! What goes wrong at the edge between a hub and its clients.

use axum::{
    Json,
    http::{HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};
use serde_json::json;

use crate::proto::value::{DecodeError, EncodeError};

/// Why a hub method, or the greeting of a connection, has failed.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum HubError {
    /// The hub has no such method.
    #[error("unknown hub method")]
    UnknownMethod,
    /// The arguments do not fit the method.
    #[error("the arguments do not fit the method")]
    Arguments(#[source] DecodeError),
    /// The user may not do this.
    #[error("the user is not authorised")]
    Unauthorized,
    /// The text is for the client.
    #[error("{0}")]
    Client(String),
    /// The cause is logged; the client learns only that something has failed.
    #[error("unexpected error")]
    Internal(#[source] Box<dyn std::error::Error + Send + Sync>),
}

impl HubError {
    /// An error the client is told in full.
    pub fn client(text: impl Into<String>) -> Self {
        Self::Client(text.into())
    }

    /// An error that is logged and kept from the client.
    pub fn internal(source: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> Self {
        Self::Internal(source.into())
    }

    /// The text for the completion of a call of `target`; the wording is that of ASP.NET Core, which clients
    /// may depend on.
    pub(crate) fn completion_text(&self, target: &str, detailed: bool) -> String {
        match self {
            Self::UnknownMethod => format!("Unknown hub method '{target}'"),
            Self::Arguments(source) => {
                let detail = if detailed { format!(" {source}") } else { String::new() };
                format!("Failed to invoke '{target}' due to an error on the server.{detail}")
            }
            Self::Unauthorized => format!("Failed to invoke '{target}' because user is unauthorized"),
            Self::Client(_) | Self::Internal(_) => {
                let start = format!("An unexpected error occurred invoking '{target}' on the server.");
                format!("{start}{}", self.detail(detailed))
            }
        }
    }

    /// The text for the close message when greeting a connection has failed.
    pub(crate) fn close_text(&self, detailed: bool) -> String {
        format!("Connection closed with an error.{}", self.detail(detailed))
    }

    fn detail(&self, detailed: bool) -> String {
        match self {
            Self::Client(text) => format!(" HubException: {text}"),
            Self::Internal(source) if detailed => format!(" {source}"),
            _ => String::new(),
        }
    }
}

impl HubError {
    /// The text for the end of a stream of results that has failed.
    pub(crate) fn stream_text(&self, detailed: bool) -> String {
        format!("An error occurred on the server while streaming results.{}", self.detail(detailed))
    }
}

/// A message cannot be sent.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum SendError {
    /// The arguments cannot be written, for instance because a map has keys that are not strings.
    #[error("the event '{target}' cannot be serialised")]
    Encode {
        /// The event.
        target: String,
        /// The cause.
        #[source]
        source: EncodeError,
    },
    /// The connections of other processes, or of the service, cannot be reached. Those of this process have
    /// been served.
    #[error("other processes cannot be reached")]
    Backplane(#[from] BackplaneError),
}

/// What connects the processes of a hub has failed.
#[derive(Debug, thiserror::Error)]
#[error("{context}")]
pub struct BackplaneError {
    context: String,
    #[source]
    source: Option<Box<dyn std::error::Error + Send + Sync>>,
}

impl BackplaneError {
    pub(crate) fn new(
        context: impl Into<String>,
        source: impl Into<Box<dyn std::error::Error + Send + Sync>>,
    ) -> Self {
        Self { context: context.into(), source: Some(source.into()) }
    }

    pub(crate) fn text(context: impl Into<String>) -> Self {
        Self { context: context.into(), source: None }
    }
}

/// A client has not answered a call.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum InvokeError {
    /// The connection is gone, or went before the answer.
    #[error("the client is gone")]
    Gone,
    /// There was no answer in time.
    #[error("the client has not answered in time")]
    Timeout,
    /// The client's handler has failed; the text is the client's.
    #[error("the client has answered with an error: {0}")]
    Client(String),
    /// The answer is not of the expected type.
    #[error("the answer of the client has another type")]
    Result(#[source] DecodeError),
    /// The call could not be sent.
    #[error(transparent)]
    Send(#[from] SendError),
    /// The hub's clients cannot be asked in this mode.
    #[error("clients cannot be asked through the service")]
    Unsupported,
}

impl From<InvokeError> for HubError {
    fn from(error: InvokeError) -> Self {
        Self::internal(error)
    }
}

impl From<SendError> for HubError {
    fn from(error: SendError) -> Self {
        Self::internal(error)
    }
}

/// The HTTP answer to a client that is not let in.
#[derive(Debug)]
pub struct Rejection(Box<Response>);

impl Rejection {
    /// 401: there is no token, or it is not valid (any more).
    pub fn unauthorized() -> Self {
        let mut response = problem(StatusCode::UNAUTHORIZED, "A valid access token is needed.");
        response.headers_mut().insert(header::WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"));
        Self(Box::new(response))
    }

    /// 403: the user is known but may not use this hub.
    pub fn forbidden() -> Self {
        Self(Box::new(problem(StatusCode::FORBIDDEN, "The user may not use this hub.")))
    }

    /// 503: whether the user may come in cannot be found out now.
    pub fn unavailable() -> Self {
        Self(Box::new(problem(StatusCode::SERVICE_UNAVAILABLE, "The hub is not available now. Try again.")))
    }

    /// Any other answer.
    pub fn response(response: impl IntoResponse) -> Self {
        Self(Box::new(response.into_response()))
    }
}

impl IntoResponse for Rejection {
    fn into_response(self) -> Response {
        *self.0
    }
}

/// A problem document (RFC 9457).
pub(crate) fn problem(status: StatusCode, detail: &str) -> Response {
    let body = json!({
        "type": "about:blank",
        "title": status.canonical_reason(),
        "status": status.as_u16(),
        "detail": detail,
    });
    let kind = [(header::CONTENT_TYPE, HeaderValue::from_static("application/problem+json"))];
    (status, kind, Json(body)).into_response()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn clients_read_the_documented_texts() {
        let binding = HubError::Arguments(DecodeError::Count { expected: 1, got: 0 });
        assert_eq!(HubError::UnknownMethod.completion_text("nope", false), "Unknown hub method 'nope'");
        assert_eq!(
            binding.completion_text("M", false),
            "Failed to invoke 'M' due to an error on the server."
        );
        assert_eq!(
            HubError::Unauthorized.completion_text("M", false),
            "Failed to invoke 'M' because user is unauthorized"
        );
        assert_eq!(
            HubError::client("no stock").completion_text("M", false),
            "An unexpected error occurred invoking 'M' on the server. HubException: no stock"
        );
    }

    #[test]
    fn the_text_of_an_internal_error_stays_inside_unless_details_are_asked_for() {
        let error = HubError::internal("secret");
        assert!(!error.completion_text("M", false).contains("secret"));
        assert!(!error.close_text(false).contains("secret"));
        assert!(error.completion_text("M", true).contains("secret"));
    }
}
