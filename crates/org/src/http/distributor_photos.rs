use axum::Json;
use axum::extract::State;
use axum::extract::multipart::{Multipart, MultipartRejection};
use axum::http::{HeaderMap, StatusCode};
use bytes::Bytes;
use domain::permission::DistributorsManage;
use domain::{DistributorId, PhotoId};
use files::form::Form;
use files::photos::SentPhoto;
use platform::{ApiError, ApiResult, App, Authorized, Caller, Path, Problem, transaction};
use serde::Serialize;
use utoipa::ToSchema;

use crate::model::{DistributorPhoto, DistributorPhotoKind};
use crate::{distributors, store};

/// The photos of a distributor, as they were added.
#[derive(Serialize, ToSchema)]
pub struct DistributorPhotos {
    data: Vec<DistributorPhoto>,
}

/// List the photos of a distributor
///
/// As they were added. The bytes are at `/files/{sha256}`, with thumbnails.
#[utoipa::path(
    get, path = "/distributors/{id}/photos", tag = "distributors", operation_id = "listDistributorPhotos",
    params(("id" = DistributorId, Path)),
    responses(
        (status = 200, description = "The photos", body = DistributorPhotos),
        (status = 401, description = "Not logged in", body = Problem),
        (status = 404, description = "No such distributor, or not the caller's to see", body = Problem),
    ),
)]
pub async fn list_distributor_photos(
    State(app): State<App>,
    caller: Caller,
    Path(id): Path<DistributorId>,
) -> ApiResult<Json<DistributorPhotos>> {
    let mut tx = app.db.read(caller.context()).await?;
    store::distributors::find(&mut tx, id).await?.ok_or_else(ApiError::not_found)?;
    Ok(Json(DistributorPhotos { data: store::photos::list(&mut tx, id).await? }))
}

/// A photo and what is known of it.
#[derive(ToSchema)]
#[expect(dead_code, reason = "only tells clients what the form holds")]
pub struct DistributorPhotoForm {
    /// Made by the client, so that a repeat is known.
    id: Option<PhotoId>,
    /// JPEG, PNG or WebP, at most 15 MB.
    #[schema(value_type = String, format = Binary)]
    photo: Bytes,
    /// What it shows; `store` when absent.
    kind: Option<DistributorPhotoKind>,
    /// What there is to say of it.
    #[schema(max_length = 200)]
    caption: Option<String>,
}

/// Add a photo to a distributor
///
/// It has at most 20. The same id, or the same bytes, are answered as the first time.
#[utoipa::path(
    post, path = "/distributors/{id}/photos", tag = "distributors", operation_id = "addDistributorPhoto",
    params(("id" = DistributorId, Path)),
    request_body(content = DistributorPhotoForm, content_type = "multipart/form-data"),
    responses(
        (status = 201, description = "The photo", body = DistributorPhoto),
        (status = 400, description = "The form is not valid", body = Problem),
        (status = 401, description = "Not logged in", body = Problem),
        (status = 403, description = "No permission", body = Problem),
        (status = 404, description = "No such distributor", body = Problem),
        (status = 409, description = "`distributors.photo_id_taken`", body = Problem),
        (status = 413, description = "The photo has more than 15 MB", body = Problem),
        (status = 422, description = "`files.not_an_image`, `distributors.too_many_photos`", body = Problem),
    ),
)]
pub async fn add_distributor_photo(
    State(app): State<App>,
    caller: Authorized<DistributorsManage>,
    Path(id): Path<DistributorId>,
    headers: HeaderMap,
    form: Result<Multipart, MultipartRejection>,
) -> ApiResult<(StatusCode, Json<DistributorPhoto>)> {
    let form = Form::read(&headers, form, &["id", "kind", "caption"]).await?;
    let kind = form.parsed("kind")?.unwrap_or(DistributorPhotoKind::Store);
    let sent = SentPhoto::read(form)?;
    // Before anything is stored.
    let mut tx = app.db.lookup(caller.context()).await?;
    store::distributors::find(&mut tx, id).await?.ok_or_else(ApiError::not_found)?;
    drop(tx);
    let photo = sent.store(&app, &caller, id).await?;
    let kept = transaction!(app.db, caller.context(), "distributors.add_photo", |tx| {
        Ok(distributors::add_photo(tx, caller.context(), app.now(), id, kind, &photo).await?)
    })?;
    Ok((StatusCode::CREATED, Json(kept)))
}

/// Take a photo of a distributor away
#[utoipa::path(
    delete, path = "/distributors/{id}/photos/{photoId}", tag = "distributors",
    operation_id = "removeDistributorPhoto",
    params(("id" = DistributorId, Path), ("photoId" = PhotoId, Path, description = "The photo")),
    responses(
        (status = 204, description = "It is gone"),
        (status = 401, description = "Not logged in", body = Problem),
        (status = 403, description = "No permission", body = Problem),
        (status = 404, description = "No such distributor, or no such photo of it", body = Problem),
    ),
)]
pub async fn remove_distributor_photo(
    State(app): State<App>,
    caller: Authorized<DistributorsManage>,
    Path((id, photo)): Path<(DistributorId, PhotoId)>,
) -> ApiResult<StatusCode> {
    transaction!(app.db, caller.context(), "distributors.remove_photo", |tx| {
        Ok(distributors::remove_photo(tx, caller.context(), app.now(), id, photo).await?)
    })?;
    Ok(StatusCode::NO_CONTENT)
}
