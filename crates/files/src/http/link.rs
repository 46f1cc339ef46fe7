use std::collections::BTreeMap;

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use chrono::{DateTime, Utc};
use domain::DistributorId;
use platform::{ApiResult, App, Caller, Command, Path, Problem};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

use super::upload::FileUpload;
use super::{digest, distributor};
use crate::MAX_BYTES;
use crate::error::FileError;
use crate::service;

/// What will be sent.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct LinkRequest {
    /// The SHA-256 of the bytes, 64 lower-case hexadecimal digits.
    sha256: String,
    /// Bytes, at most 15 MB.
    size_bytes: u64,
    /// The distributor whose file it becomes; one's own when absent.
    distributor_id: Option<DistributorId>,
}

/// Where to send it.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct UploadLink {
    /// Whether the file is here already; then there is no link.
    complete: bool,
    /// Names the upload when it is done.
    upload_id: Option<Uuid>,
    /// PUT the bytes here; a secret.
    url: Option<String>,
    /// Headers that must go with them.
    headers: BTreeMap<&'static str, &'static str>,
    /// How long the link works.
    expires_at: Option<DateTime<Utc>>,
}

/// A link by which a file goes straight to the store, where the store gives links (Azure does). When it was sent,
/// `POST /files/{sha256}/complete` takes it in.
#[utoipa::path(
    post,
    path = "/files/upload-url",
    tag = "files",
    operation_id = "makeUploadUrl",
    request_body = LinkRequest,
    responses(
        (status = 200, description = "The link, or that none is needed", body = UploadLink),
        (status = 400, description = "The name is not valid", body = Problem),
        (status = 401, description = "Not signed in", body = Problem),
        (status = 404, description = "No such distributor of one's own", body = Problem),
        (status = 409, description = "The store gives no links; send with PUT /files/{sha256}", body = Problem),
        (status = 413, description = "More than 15 MB", body = Problem),
    )
)]
pub async fn make_link(
    State(app): State<App>,
    caller: Caller,
    cmd: Command<LinkRequest>,
) -> ApiResult<Json<UploadLink>> {
    let name = digest(&cmd.body.sha256)?;
    if usize::try_from(cmd.body.size_bytes).map_or(true, |size| size > MAX_BYTES) {
        return Err(FileError::TooLarge.into());
    }
    let distributor = distributor(&caller, cmd.body.distributor_id)?;
    let leave = service::link(&app, &caller, distributor, &name).await?;
    Ok(Json(match leave {
        None => UploadLink {
            complete: true,
            upload_id: None,
            url: None,
            headers: BTreeMap::new(),
            expires_at: None,
        },
        Some(leave) => UploadLink {
            complete: false,
            upload_id: Some(leave.id),
            url: Some(leave.link.url),
            headers: leave.link.headers.into_iter().collect(),
            expires_at: Some(leave.expires_at),
        },
    }))
}

/// What was sent.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct LinkedUpload {
    /// As the link's answer named it.
    upload_id: Uuid,
}

/// Takes in a file that was sent by a link: checks its size, its SHA-256 and that it is an image.
#[utoipa::path(
    post,
    path = "/files/{sha256}/complete",
    tag = "files",
    operation_id = "completeUpload",
    params(("sha256" = String, Path, description = "The SHA-256 of the bytes")),
    request_body = LinkedUpload,
    responses(
        (status = 200, description = "The file was here already", body = FileUpload),
        (status = 201, description = "The file is complete", body = FileUpload),
        (status = 400, description = "The name is not valid", body = Problem),
        (status = 401, description = "Not signed in", body = Problem),
        (status = 404, description = "No such upload of one's own", body = Problem),
        (status = 409, description = "Nothing was sent yet", body = Problem),
        (status = 413, description = "More than 15 MB; what was sent is dropped", body = Problem),
        (status = 422, description = "The bytes have another SHA-256, or are no image; what was sent is dropped", body = Problem),
    )
)]
pub async fn take_linked(
    State(app): State<App>,
    caller: Caller,
    Path(name): Path<String>,
    cmd: Command<LinkedUpload>,
) -> ApiResult<(StatusCode, Json<FileUpload>)> {
    let name = digest(&name)?;
    let (file, new) = service::take_linked(&app, &caller, &name, cmd.body.upload_id).await?;
    Ok((if new { StatusCode::CREATED } else { StatusCode::OK }, Json(FileUpload::whole(&file))))
}
