use axum::extract::State;
use axum::http::header::{CONTENT_LENGTH, CONTENT_TYPE, ETAG};
use axum::http::{HeaderMap, HeaderName, HeaderValue, StatusCode};
use axum::response::{IntoResponse as _, Response};
use platform::{ApiError, ApiResult, App, Caller, Path, Problem, Query};

use super::digest;
use super::upload::UploadQuery;
use crate::error::FileError;
use crate::send::{FOR_EVER, Outgoing, SizeQuery, value};
use crate::service;
use crate::store::{self, Upload};

const UPLOAD_OFFSET: HeaderName = HeaderName::from_static("upload-offset");
const UPLOAD_LENGTH: HeaderName = HeaderName::from_static("upload-length");
const UPLOAD_COMPLETE: HeaderName = HeaderName::from_static("upload-complete");
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
    let size = query.checked()?;
    let mut tx = app.db.lookup(caller.context()).await?;
    let file = store::find_stored(&mut tx, &name, None).await?.ok_or_else(ApiError::not_found)?;
    drop(tx);
    let outgoing = match (size, file.image_state.as_str()) {
        (Some(_), "broken") => return Err(FileError::Broken.into()),
        (Some(size), "ready") => Outgoing::thumbnail(&name, size, FOR_EVER),
        (Some(_), _) => Outgoing::whole(&name, file.content_type, FOR_A_MOMENT),
        (None, _) => Outgoing::whole(&name, file.content_type, FOR_EVER),
    };
    outgoing.send(&app, &headers).await
}
