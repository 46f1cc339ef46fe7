//! Contents on their way out.

use adapters::blob::{BlobId, Key};
use axum::http::header::{
    CACHE_CONTROL, CONTENT_DISPOSITION, CONTENT_TYPE, ETAG, IF_NONE_MATCH, X_CONTENT_TYPE_OPTIONS,
};
use axum::http::{HeaderMap, HeaderValue, StatusCode};
use axum::response::{IntoResponse as _, Response};
use platform::{ApiError, ApiResult, App};
use serde::Deserialize;
use utoipa::IntoParams;

use crate::image::{LARGE, SMALL};

/// A content never changes.
pub const FOR_EVER: &str = "private, max-age=31536000, immutable";
/// Ask each time whether it is still the same.
pub const ASK_AGAIN: &str = "private, no-cache";

/// In which size.
#[derive(Debug, Clone, Copy, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct SizeQuery {
    /// At most so many pixels a side, as a JPEG held upright: 320 or 1080. The file as it was sent when absent, and
    /// for the moments until the thumbnails of a new file are made.
    pub size: Option<u32>,
}

impl SizeQuery {
    /// The size that is asked for.
    ///
    /// # Errors
    /// 400 when there is no such size.
    pub fn checked(self) -> ApiResult<Option<u32>> {
        if self.size.is_some_and(|size| size != SMALL && size != LARGE) {
            return Err(ApiError::invalid_field("size", "Phải là 320 hoặc 1080", "Must be 320 or 1080"));
        }
        Ok(self.size)
    }
}

/// What is sent.
#[derive(Debug)]
pub struct Outgoing {
    key: Key,
    etag: String,
    content_type: String,
    cache: &'static str,
}

impl Outgoing {
    /// The content as it came.
    pub fn whole(content: &BlobId, content_type: String, cache: &'static str) -> Self {
        Outgoing { key: Key::content(content), etag: format!("\"{content}\""), content_type, cache }
    }

    /// A thumbnail of it.
    pub fn thumbnail(content: &BlobId, size: u32, cache: &'static str) -> Self {
        Outgoing {
            key: Key::thumbnail(content, size),
            etag: format!("\"{content}-{size}\""),
            content_type: "image/jpeg".to_owned(),
            cache,
        }
    }

    /// The answer: the bytes, or 304 when the client has them.
    ///
    /// # Errors
    /// When the store refuses.
    pub async fn send(self, app: &App, headers: &HeaderMap) -> ApiResult<Response> {
        let known = headers.get(IF_NONE_MATCH).and_then(|v| v.to_str().ok());
        let known = known.is_some_and(|v| v.contains(&self.etag));
        let common = [(ETAG, value(&self.etag)?), (CACHE_CONTROL, HeaderValue::from_static(self.cache))];
        if known {
            return Ok((StatusCode::NOT_MODIFIED, common).into_response());
        }
        let bytes = app.blobs.read(&self.key).await.map_err(ApiError::internal)?;
        let bytes = bytes.ok_or_else(|| ApiError::internal("a file whose bytes are missing"))?;
        let own = [
            (CONTENT_TYPE, value(&self.content_type)?),
            (X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff")),
            (CONTENT_DISPOSITION, HeaderValue::from_static("inline")),
        ];
        Ok((common, own, bytes).into_response())
    }
}

pub(crate) fn value(text: &str) -> ApiResult<HeaderValue> {
    HeaderValue::from_str(text).map_err(ApiError::internal)
}
