//! What the body of a request is held to: its size before it is read, its time while it is.

use std::time::Duration;

use axum::http::header::CONTENT_LENGTH;
use axum::http::{HeaderMap, StatusCode};

use crate::{ApiError, ApiResult};

/// The largest body of a request that isn't an upload, in bytes.
pub const LIMIT: usize = 1024 * 1024;
/// So long a body of that size may take.
pub const TIME_LIMIT: Duration = Duration::from_secs(20);
/// So long an upload may take: less than the request as a whole.
pub const UPLOAD_TIME_LIMIT: Duration = Duration::from_secs(50);

/// Refuses a body that says it is larger than `limit` bytes, before any of it is read.
///
/// # Errors
/// 413.
pub fn fits(headers: &HeaderMap, limit: usize) -> ApiResult<()> {
    // One that isn't a number hasn't come past the server.
    let told = headers.get(CONTENT_LENGTH).and_then(|v| v.to_str().ok()).and_then(|v| v.parse::<u64>().ok());
    if told.is_some_and(|length| usize::try_from(length).map_or(true, |length| length > limit)) {
        Err(too_large())
    } else {
        Ok(())
    }
}

/// The outcome of reading a body, given up after `limit`.
///
/// # Errors
/// 408.
pub async fn in_time<T>(limit: Duration, reading: impl Future<Output = T>) -> ApiResult<T> {
    tokio::time::timeout(limit, reading).await.map_err(|_| {
        ApiError::new(
            StatusCode::REQUEST_TIMEOUT,
            "body_too_slow",
            "Nội dung gửi lên quá chậm. Hãy kiểm tra đường truyền rồi thử lại.",
            "The body came too slowly. Check the connection and try again.",
        )
    })
}

pub(crate) fn too_large() -> ApiError {
    ApiError::new(
        StatusCode::PAYLOAD_TOO_LARGE,
        "too_large",
        "Nội dung gửi lên quá lớn.",
        "The body is too large.",
    )
}
