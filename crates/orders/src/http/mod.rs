pub mod create;
pub mod decide;
pub mod get;
pub mod invoices;
pub mod issue;
pub mod list;
pub mod quote;

use axum::http::HeaderMap;
use platform::ApiError;

/// The version of `If-Match`, if the client sent one.
fn if_match(headers: &HeaderMap) -> Result<Option<i64>, ApiError> {
    let Some(value) = headers.get("if-match") else { return Ok(None) };
    let version = value.to_str().ok().and_then(|v| v.trim_matches('"').parse().ok());
    version.map(Some).ok_or_else(|| {
        ApiError::bad_request(
            "if_match_malformed",
            "If-Match phải là số phiên bản.",
            "If-Match must be a version.",
        )
    })
}
