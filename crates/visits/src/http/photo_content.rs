use adapters::blob::BlobId;
use axum::extract::State;
use axum::http::HeaderMap;
use axum::response::Response;
use domain::{PhotoId, VisitId};
use files::send::{FOR_EVER, Outgoing};
use platform::{ApiError, ApiResult, App, Caller, Path, Problem};

use crate::store;

/// The bytes of a photo, for those who may see the visit. They never change.
#[utoipa::path(
    get,
    path = "/visits/{id}/photos/{photoId}/content",
    tag = "visits",
    operation_id = "getVisitPhotoContent",
    params(
        ("id" = VisitId, Path, description = "The visit"),
        ("photoId" = PhotoId, Path, description = "The photo"),
    ),
    responses(
        (status = 200, description = "The bytes", body = Vec<u8>, content_type = "image/*"),
        (status = 304, description = "The client has them"),
        (status = 401, description = "Not signed in", body = Problem),
        (status = 404, description = "No such photo, or its bytes haven't come yet", body = Problem),
    )
)]
pub async fn get_photo_content(
    State(app): State<App>,
    caller: Caller,
    Path((visit, photo)): Path<(VisitId, PhotoId)>,
    headers: HeaderMap,
) -> ApiResult<Response> {
    let mut tx = app.db.read(caller.context()).await?;
    let found = store::find_content(&mut tx, caller.scope(), visit, photo).await?;
    drop(tx);
    let (sha256, content_type) = found.ok_or_else(ApiError::not_found)?;
    // The record of a photo may be here before its bytes.
    let content_type = content_type.ok_or_else(ApiError::not_found)?;
    let id = BlobId::parse(&sha256).ok_or_else(|| ApiError::internal("a photo without a digest"))?;
    Outgoing::whole(&id, content_type, FOR_EVER).send(&app, &headers).await
}
