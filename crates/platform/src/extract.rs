use axum::extract::{FromRequest, FromRequestParts, Request};
use axum::http::StatusCode;
use axum::http::header::CONTENT_TYPE;
use axum::http::request::Parts;
use serde::de::DeserializeOwned;
use sha2::{Digest as _, Sha256};
use uuid::Uuid;

use crate::{ApiError, Once, body, wrong_value};

/// The longest `Idempotency-Key`.
const MAX_KEY: usize = 200;

/// A JSON body, with what makes it repeatable: the client's `Idempotency-Key` and a digest of the body.
#[derive(Debug)]
pub struct Command<T> {
    /// The body.
    pub body: T,
    key: Option<String>,
    digest: Vec<u8>,
}

impl<T> Command<T> {
    /// The request as one that may come again; `id` is the id that the client made, if the body has one.
    pub fn once(&self, id: Option<Uuid>) -> Once {
        Once::of(self.key.clone(), id, self.digest.clone())
    }
}

impl<S: Send + Sync, T: DeserializeOwned> FromRequest<S> for Command<T> {
    type Rejection = ApiError;

    async fn from_request(request: Request, state: &S) -> Result<Self, ApiError> {
        body::fits(request.headers(), body::LIMIT)?;
        let key = idempotency_key(request.headers().get("idempotency-key"))?;
        let json = request
            .headers()
            .get(CONTENT_TYPE)
            .and_then(|v| v.to_str().ok())
            .is_some_and(|v| v.trim_start().starts_with("application/json"));
        // The path belongs to the request as much as the body: one key must not do two things.
        let mut digest = Sha256::new();
        digest.update(request.uri().path().as_bytes());
        let bytes = body::in_time(body::TIME_LIMIT, axum::body::Bytes::from_request(request, state))
            .await?
            .map_err(|e| body_refused(e.status()))?;
        if !json && !bytes.is_empty() {
            return Err(ApiError::new(
                StatusCode::UNSUPPORTED_MEDIA_TYPE,
                "unsupported_media_type",
                "Nội dung phải là JSON (Content-Type: application/json).",
                "The body must be JSON (Content-Type: application/json).",
            ));
        }
        digest.update(&bytes);
        let text: &[u8] = if bytes.is_empty() { b"{}" } else { &bytes };
        let mut json = serde_json::Deserializer::from_slice(text);
        let body: T = serde_path_to_error::deserialize(&mut json).map_err(malformed)?;
        json.end().map_err(|_| malformed_json())?;
        Ok(Command { body, key, digest: digest.finalize().to_vec() })
    }
}

fn idempotency_key(header: Option<&axum::http::HeaderValue>) -> Result<Option<String>, ApiError> {
    let Some(value) = header else { return Ok(None) };
    match value.to_str() {
        Ok(key) if (1..=MAX_KEY).contains(&key.len()) => Ok(Some(key.to_owned())),
        _ => Err(ApiError::bad_request(
            "idempotency.key_malformed",
            "Idempotency-Key phải có từ 1 đến 200 ký tự ASCII.",
            "The Idempotency-Key must have 1 to 200 ASCII characters.",
        )),
    }
}

fn body_refused(status: StatusCode) -> ApiError {
    if status == StatusCode::PAYLOAD_TOO_LARGE {
        body::too_large()
    } else {
        ApiError::bad_request(
            "body_unreadable",
            "Không đọc được nội dung gửi lên.",
            "The body can't be read.",
        )
    }
}

fn malformed_json() -> ApiError {
    ApiError::bad_request("malformed", "Nội dung không phải JSON hợp lệ.", "The body is not valid JSON.")
}

/// Wrong JSON, or a wrong value: names the field.
fn malformed(error: serde_path_to_error::Error<serde_json::Error>) -> ApiError {
    let path = error.path().to_string();
    let inner = error.into_inner();
    if inner.is_data() {
        wrong_value(if path == "." { "" } else { &path }, &inner.to_string())
    } else {
        malformed_json()
    }
}

/// Path parameters; what can't be one (a broken UUID) is something that doesn't exist.
#[derive(Debug)]
pub struct Path<T>(pub T);

impl<S: Send + Sync, T: DeserializeOwned + Send> FromRequestParts<S> for Path<T> {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, ApiError> {
        match axum::extract::Path::<T>::from_request_parts(parts, state).await {
            Ok(axum::extract::Path(value)) => Ok(Path(value)),
            Err(_) => Err(ApiError::not_found()),
        }
    }
}

/// Query parameters; a wrong one is named.
#[derive(Debug)]
pub struct Query<T>(pub T);

impl<S: Send + Sync, T: DeserializeOwned> FromRequestParts<S> for Query<T> {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, ApiError> {
        match axum::extract::Query::<T>::from_request_parts(parts, state).await {
            Ok(axum::extract::Query(value)) => Ok(Query(value)),
            Err(e) => {
                let reason = e.body_text();
                let reason = reason.trim_start_matches("Failed to deserialize query string: ").to_owned();
                let (field, reason) = reason.split_once(": ").unwrap_or(("", &reason));
                Err(wrong_value(field, reason))
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use axum::body::{Body, Bytes};
    use futures_util::{StreamExt as _, stream};
    use serde_json::Value;

    use super::*;

    async fn refusal(request: Request) -> (StatusCode, String) {
        let error = Command::<Value>::from_request(request, &()).await.unwrap_err();
        (error.status(), error.code().to_owned())
    }

    fn post() -> axum::http::request::Builder {
        Request::post("/").header(CONTENT_TYPE, "application/json")
    }

    #[tokio::test(start_paused = true)]
    async fn a_body_that_trickles_is_given_up() {
        let byte_a_second = stream::repeat(()).then(|()| async {
            tokio::time::sleep(Duration::from_secs(1)).await;
            Ok::<_, std::io::Error>(Bytes::from_static(b" "))
        });
        let request = post().body(Body::from_stream(byte_a_second)).unwrap();
        assert_eq!(refusal(request).await, (StatusCode::REQUEST_TIMEOUT, "body_too_slow".to_owned()));
    }

    #[tokio::test]
    async fn a_body_that_says_it_is_too_large_is_not_waited_for() {
        let silent = Body::from_stream(stream::pending::<Result<Bytes, std::io::Error>>());
        let request = post().header("content-length", body::LIMIT + 1).body(silent).unwrap();
        assert_eq!(refusal(request).await, (StatusCode::PAYLOAD_TOO_LARGE, "too_large".to_owned()));
    }
}
