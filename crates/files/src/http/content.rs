use adapters::blob::Key;
use axum::extract::State;
use axum::http::header::{
    CACHE_CONTROL, CONTENT_DISPOSITION, CONTENT_LENGTH, CONTENT_TYPE, ETAG, IF_NONE_MATCH,
    X_CONTENT_TYPE_OPTIONS,
};
use axum::http::{HeaderMap, HeaderName, HeaderValue, StatusCode};
use axum::response::{IntoResponse as _, Response};
use platform::{ApiError, ApiResult, App, Caller, Path, Problem, Query};
use serde::Deserialize;
use utoipa::IntoParams;

use super::digest;
use super::upload::UploadQuery;
use crate::error::FileError;
use crate::image::{LARGE, SMALL};
use crate::service;
use crate::store::{self, Upload};

const UPLOAD_OFFSET: HeaderName = HeaderName::from_static("upload-offset");
const UPLOAD_LENGTH: HeaderName = HeaderName::from_static("upload-length");
const UPLOAD_COMPLETE: HeaderName = HeaderName::from_static("upload-complete");
/// A content never changes.
const FOR_EVER: &str = "private, max-age=31536000, immutable";
/// Until the thumbnail is made.
const FOR_A_MOMENT: &str = "private, max-age=5";

/// Tells whether a file is here, or how much of one's own upload: 200 with the file's `Content-Length`, or 204 with
/// `Upload-Offset` (bytes that are here) and `Upload-Length`.
#[utoipa::path(
    head,
    path = "/files/{sha256}",
    tag = "files",
    operation_id = "headFile",
    params(("sha256" = String, Path, description = "The SHA-256 of the bytes"), UploadQuery),
    responses(
        (status = 200, description = "All of it is here", headers(("Upload-Complete" = String, description = "`?1`"))),
        (status = 204, description = "Its first bytes are here", headers(
            ("Upload-Complete" = String, description = "`?0`"),
            ("Upload-Offset" = u64, description = "Bytes that are here; the next part begins there"),
            ("Upload-Length" = u64, description = "Bytes of the whole file"),
        )),
        (status = 401, description = "Not signed in"),
        (status = 404, description = "Nothing of it is here"),
    )
)]
pub async fn head_file(
    State(app): State<App>,
    caller: Caller,
    Path(name): Path<String>,
    Query(query): Query<UploadQuery>,
) -> ApiResult<Response> {
    let name = digest(&name)?;
    let mut tx = app.db.lookup(caller.context()).await?;
    if let Some(file) = store::find_stored(&mut tx, &name, query.distributor_id).await? {
        let headers = [
            (CONTENT_LENGTH, HeaderValue::from(file.size_bytes)),
            (CONTENT_TYPE, value(&file.content_type)?),
            (ETAG, value(&format!("\"{name}\""))?),
            (UPLOAD_COMPLETE, HeaderValue::from_static("?1")),
        ];
        return Ok((StatusCode::OK, headers).into_response());
    }
    let distributor = super::distributor(&caller, query.distributor_id).map_err(|_| ApiError::not_found())?;
    let upload = Upload { distributor, user: caller.user_id, content: &name };
    let parts = store::list_parts(&mut tx, upload).await?;
    let total = parts.first().ok_or_else(ApiError::not_found)?.total;
    let headers = [
        (UPLOAD_OFFSET, HeaderValue::from(service::received(&parts))),
        (UPLOAD_LENGTH, HeaderValue::from(total)),
        (UPLOAD_COMPLETE, HeaderValue::from_static("?0")),
    ];
    Ok((StatusCode::NO_CONTENT, headers).into_response())
}

fn value(text: &str) -> ApiResult<HeaderValue> {
    HeaderValue::from_str(text).map_err(ApiError::internal)
}

/// In which size.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct SizeQuery {
    /// At most so many pixels a side, as a JPEG held upright: 320 or 1080. The file as it was sent when absent, and
    /// for the moments until the thumbnails of a new file are made.
    size: Option<u32>,
}

/// A file's bytes, for those whose distributor has it.
#[utoipa::path(
    get,
    path = "/files/{sha256}",
    tag = "files",
    operation_id = "getFile",
    params(("sha256" = String, Path, description = "The SHA-256 of the bytes"), SizeQuery),
    responses(
        (status = 200, description = "The bytes", body = Vec<u8>, content_type = "image/*"),
        (status = 304, description = "The client has them"),
        (status = 400, description = "No such size", body = Problem),
        (status = 401, description = "Not signed in", body = Problem),
        (status = 404, description = "No such file", body = Problem),
        (status = 422, description = "The image is broken, so there is no smaller one", body = Problem),
    )
)]
pub async fn get_file(
    State(app): State<App>,
    caller: Caller,
    Path(name): Path<String>,
    Query(query): Query<SizeQuery>,
    headers: HeaderMap,
) -> ApiResult<Response> {
    let name = digest(&name)?;
    if query.size.is_some_and(|size| size != SMALL && size != LARGE) {
        return Err(ApiError::invalid_field("size", "Phải là 320 hoặc 1080", "Must be 320 or 1080"));
    }
    let mut tx = app.db.lookup(caller.context()).await?;
    let file = store::find_stored(&mut tx, &name, None).await?.ok_or_else(ApiError::not_found)?;
    drop(tx);
    let (key, etag, content_type, cache) = match (query.size, file.image_state.as_str()) {
        (Some(_), "broken") => return Err(FileError::Broken.into()),
        (Some(size), "ready") => {
            (Key::thumbnail(&name, size), format!("\"{name}-{size}\""), "image/jpeg".to_owned(), FOR_EVER)
        }
        (size, _) => {
            let cache = if size.is_some() { FOR_A_MOMENT } else { FOR_EVER };
            (Key::content(&name), format!("\"{name}\""), file.content_type, cache)
        }
    };
    let known = headers.get(IF_NONE_MATCH).and_then(|v| v.to_str().ok()).is_some_and(|v| v.contains(&etag));
    let common = [(ETAG, value(&etag)?), (CACHE_CONTROL, HeaderValue::from_static(cache))];
    if known {
        return Ok((StatusCode::NOT_MODIFIED, common).into_response());
    }
    let bytes = app.blobs.read(&key).await.map_err(ApiError::internal)?;
    let bytes = bytes.ok_or_else(|| ApiError::internal("a file whose bytes are missing"))?;
    let own = [
        (CONTENT_TYPE, value(&content_type)?),
        (X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff")),
        (CONTENT_DISPOSITION, HeaderValue::from_static("inline")),
    ];
    Ok((common, own, bytes).into_response())
}
