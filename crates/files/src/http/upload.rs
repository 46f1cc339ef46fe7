use axum::Json;
use axum::body::Bytes;
use axum::extract::rejection::BytesRejection;
use axum::extract::{FromRequest as _, Request, State};
use axum::http::header::CONTENT_RANGE;
use axum::http::{HeaderMap, StatusCode};
use domain::DistributorId;
use platform::{ApiError, ApiResult, App, Caller, Path, Problem, Query, body};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::{digest, distributor};
use crate::MAX_BYTES;
use crate::error::FileError;
use crate::model::Stored;
use crate::service::{self, Part, Progress};

/// Whose file it becomes.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(rename_all = "camelCase")]
#[into_params(parameter_in = Query, rename_all = "camelCase")]
pub struct UploadQuery {
    /// The distributor; one's own when absent. Who works for several names one.
    pub(super) distributor_id: Option<DistributorId>,
}

/// How much of a file is here.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct FileUpload {
    /// Its name.
    sha256: String,
    /// Whether all of it is here, and checked.
    complete: bool,
    /// Bytes that are here from the beginning; the next part begins there. None when the file was here before.
    received: Option<u64>,
    /// `image/jpeg`, `image/png` or `image/webp`, by its bytes; for a file that became complete now.
    content_type: Option<&'static str>,
    /// Pixels across, held upright.
    width: Option<u32>,
    /// Pixels down, held upright.
    height: Option<u32>,
}

impl FileUpload {
    pub(super) fn whole(file: &Stored) -> Self {
        FileUpload {
            sha256: file.sha256.as_str().to_owned(),
            complete: true,
            received: u64::try_from(file.size_bytes).ok(),
            content_type: Some(file.content_type),
            width: Some(file.width),
            height: Some(file.height),
        }
    }
}

/// Sends a photo, whole or in parts. A part says with `Content-Range: bytes first-last/total` where it belongs; parts
/// come in order, at least 64 KB each but the last, and any server goes on with them for a day. `HEAD` tells how much
/// is here. The last part makes the file complete: then its SHA-256 is checked, and that it is an image. What was sent
/// before may be sent again.
#[utoipa::path(
    put,
    path = "/files/{sha256}",
    tag = "files",
    operation_id = "putFile",
    params(
        ("sha256" = String, Path, description = "The SHA-256 of the bytes, 64 lower-case hexadecimal digits"),
        ("Content-Range" = Option<String>, Header, description = "`bytes first-last/total`; the whole file when absent"),
        UploadQuery,
    ),
    request_body(content = Vec<u8>, content_type = "application/octet-stream", description = "JPEG, PNG or WebP, at most 15 MB"),
    responses(
        (status = 200, description = "The file was here already", body = FileUpload),
        (status = 201, description = "The file is complete", body = FileUpload),
        (status = 202, description = "The part is here", body = FileUpload),
        (status = 400, description = "The name or the range is not valid", body = Problem),
        (status = 401, description = "Not signed in", body = Problem),
        (status = 404, description = "No such distributor of one's own", body = Problem),
        (status = 409, description = "The part doesn't follow on what is here; `received` says where to go on", body = Problem),
        (status = 413, description = "More than 15 MB", body = Problem),
        (status = 422, description = "The bytes have another SHA-256, or are no image; nothing is kept", body = Problem),
    )
)]
pub async fn put_file(
    State(app): State<App>,
    caller: Caller,
    Path(name): Path<String>,
    Query(query): Query<UploadQuery>,
    request: Request,
) -> ApiResult<(StatusCode, Json<FileUpload>)> {
    let name = digest(&name)?;
    let distributor = distributor(&caller, query.distributor_id)?;
    let range = range(request.headers())?;
    body::fits(request.headers(), MAX_BYTES).map_err(|_| FileError::TooLarge)?;
    let bytes = body::in_time(body::UPLOAD_TIME_LIMIT, Bytes::from_request(request, &()))
        .await?
        .map_err(unreadable)?;
    let progress = match range {
        Some((first, last, total)) => {
            if u64::try_from(bytes.len()).ok() != Some(last - first + 1) {
                return Err(FileError::Range.into());
            }
            if last - first + 1 == total {
                whole(&app, &caller, distributor, &name, bytes).await?
            } else {
                service::put_part(&app, &caller, distributor, &name, Part { first, total, bytes }).await?
            }
        }
        None => whole(&app, &caller, distributor, &name, bytes).await?,
    };
    Ok(match progress {
        Progress::Partly { received } => (StatusCode::ACCEPTED, Json(known(&name, false, Some(received)))),
        Progress::Known => (StatusCode::OK, Json(known(&name, true, None))),
        Progress::Whole { file, new } => {
            (if new { StatusCode::CREATED } else { StatusCode::OK }, Json(FileUpload::whole(&file)))
        }
    })
}

async fn whole(
    app: &App,
    caller: &Caller,
    distributor: DistributorId,
    name: &adapters::blob::BlobId,
    bytes: Bytes,
) -> ApiResult<Progress> {
    let (file, new) = service::put_as(app, caller, distributor, name, bytes).await?;
    Ok(Progress::Whole { file, new })
}

fn known(name: &adapters::blob::BlobId, complete: bool, received: Option<u64>) -> FileUpload {
    FileUpload {
        sha256: name.as_str().to_owned(),
        complete,
        received,
        content_type: None,
        width: None,
        height: None,
    }
}

fn unreadable(rejection: BytesRejection) -> ApiError {
    if rejection.status() == StatusCode::PAYLOAD_TOO_LARGE {
        FileError::TooLarge.into()
    } else {
        ApiError::bad_request(
            "body_unreadable",
            "Không đọc được nội dung gửi lên.",
            "The body can't be read.",
        )
    }
}

/// First byte, last byte, total.
fn range(headers: &HeaderMap) -> ApiResult<Option<(u64, u64, u64)>> {
    let Some(value) = headers.get(CONTENT_RANGE) else { return Ok(None) };
    let parsed = value.to_str().ok().and_then(|text| {
        let (range, total) = text.strip_prefix("bytes ")?.trim().split_once('/')?;
        let (first, last) = range.split_once('-')?;
        Some((first.parse().ok()?, last.parse().ok()?, total.parse().ok()?))
    });
    match parsed {
        Some((first, last, total)) if first <= last && last < total => Ok(Some((first, last, total))),
        _ => Err(FileError::Range.into()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(value: &'static str) -> Option<(u64, u64, u64)> {
        let mut headers = HeaderMap::new();
        headers.insert(CONTENT_RANGE, axum::http::HeaderValue::from_static(value));
        range(&headers).ok().flatten()
    }

    #[test]
    fn a_range_lies_within_its_file() {
        assert_eq!(read("bytes 0-9/10"), Some((0, 9, 10)));
        for wrong in ["bytes 0-10/10", "bytes 5-4/10", "bytes */10", "0-9/10", "bytes 0-9/*", "bytes -1-9/10"]
        {
            assert_eq!(read(wrong), None, "{wrong}");
        }
    }
}
