use adapters::blob::BlobId;
use axum::extract::State;
use axum::http::header::{
    CACHE_CONTROL, CONTENT_DISPOSITION, CONTENT_TYPE, ETAG, IF_NONE_MATCH, X_CONTENT_TYPE_OPTIONS,
};
use axum::http::{HeaderMap, HeaderName, StatusCode};
use axum::response::{IntoResponse as _, Response};
use domain::{PhotoId, VisitId};
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
    let etag = format!("\"{sha256}\"");
    let common: [(HeaderName, String); 2] =
        [(ETAG, etag.clone()), (CACHE_CONTROL, "private, max-age=31536000, immutable".to_owned())];
    let known = headers.get(IF_NONE_MATCH).and_then(|v| v.to_str().ok()).is_some_and(|v| v.contains(&etag));
    if known {
        return Ok((StatusCode::NOT_MODIFIED, common).into_response());
    }
    let id = BlobId::parse(&sha256).ok_or_else(|| ApiError::internal("a photo without a digest"))?;
    let bytes = app.blobs.get(&id).await.map_err(ApiError::internal)?;
    let bytes = bytes.ok_or_else(|| ApiError::internal("a photo whose file is missing"))?;
    let own = [
        (CONTENT_TYPE, content_type),
        (X_CONTENT_TYPE_OPTIONS, "nosniff".to_owned()),
        (CONTENT_DISPOSITION, "inline".to_owned()),
    ];
    Ok((common, own, bytes).into_response())
}
