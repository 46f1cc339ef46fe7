//! Events on their way out.

use axum::extract::ws::Utf8Bytes;
use serde::Serialize;

use crate::proto::json;

/// The arguments of an event: one value per parameter of the client's handler, as a tuple such as
/// `(order,)` or as a list.
pub trait Arguments: Serialize {}

impl<T: Serialize> Arguments for Vec<T> {}
impl<T: Serialize> Arguments for &[T] {}
impl<A: Serialize> Arguments for (A,) {}
impl<A: Serialize, B: Serialize> Arguments for (A, B) {}
impl<A: Serialize, B: Serialize, C: Serialize> Arguments for (A, B, C) {}
impl<A: Serialize, B: Serialize, C: Serialize, D: Serialize> Arguments for (A, B, C, D) {}

/// An event cannot be written as JSON, for instance because a map has keys that are not strings.
#[derive(Debug, thiserror::Error)]
#[error("the event '{target}' cannot be serialised")]
pub struct SendError {
    target: String,
    #[source]
    source: serde_json::Error,
}

/// Writes an event once for all its receivers.
pub(crate) fn event(target: &str, arguments: &impl Arguments) -> Result<Utf8Bytes, SendError> {
    match json::invocation(target, arguments) {
        Ok(text) => Ok(text.into()),
        Err(source) => Err(SendError { target: target.to_owned(), source }),
    }
}
