//! What sync refuses.

use axum::http::StatusCode;
use platform::ApiError;

/// The cursor is of no use here: forged, another user's, too old, from before a restore, or from when the caller saw
/// something else.
pub(crate) fn start_anew() -> ApiError {
    ApiError::new(
        StatusCode::GONE,
        "sync.start_anew",
        "Dữ liệu trên máy không còn nối tiếp được với hệ thống. Hãy tải lại toàn bộ: gửi yêu cầu không kèm cursor.",
        "The data on the device can't be carried on from. Download everything: ask without a cursor.",
    )
}
