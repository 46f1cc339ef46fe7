use axum::Json;
use axum::extract::State;
use axum::extract::multipart::{Multipart, MultipartRejection};
use axum::http::{HeaderMap, StatusCode};
use bytes::Bytes;
use domain::permission::{CustomersCreate, CustomersEdit};
use domain::{CustomerId, PhotoId};
use files::form::Form;
use files::photos::{RecordPhoto, SentPhoto};
use platform::{ApiResult, App, Authorized, Caller, Path, Problem, transaction};
use serde::Serialize;
use utoipa::ToSchema;

use super::{present, viewer};
use crate::{service, store};

/// The photos of an outlet, as they were added.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct CustomerPhotos {
    data: Vec<RecordPhoto>,
}

/// The photos of an outlet, as they were added.
#[utoipa::path(
    get, path = "/customers/{id}/photos", tag = "customers", operation_id = "listCustomerPhotos",
    params(("id" = CustomerId, Path, description = "The outlet")),
    responses(
        (status = 200, description = "The photos", body = CustomerPhotos),
        (status = 401, description = "Not signed in", body = Problem),
        (status = 404, description = "None, or not the caller's to see", body = Problem),
    )
)]
pub(crate) async fn list_customer_photos(
    State(app): State<App>,
    caller: Caller,
    Path(id): Path<CustomerId>,
) -> ApiResult<Json<CustomerPhotos>> {
    let mut tx = app.db.read(caller.context()).await?;
    let customer = present(&mut tx, &viewer(&app, &caller), id).await?;
    Ok(Json(CustomerPhotos { data: store::list_photos(&mut tx, customer.distributor_id, id).await? }))
}

/// A photo and what is known of it.
#[derive(Debug, ToSchema)]
#[expect(dead_code, reason = "only tells clients what the form holds")]
pub(crate) struct CustomerPhotoForm {
    /// Made by the client, so that a repeat is known.
    id: Option<PhotoId>,
    /// JPEG, PNG or WebP, at most 15 MB.
    #[schema(value_type = String, format = Binary)]
    photo: Bytes,
    /// What it shows.
    #[schema(max_length = 200)]
    caption: Option<String>,
}

/// Adds a photo to an outlet, which has at most 20. The same id, or the same bytes, are answered as the first time.
#[utoipa::path(
    post, path = "/customers/{id}/photos", tag = "customers", operation_id = "addCustomerPhoto",
    params(("id" = CustomerId, Path, description = "The outlet")),
    request_body(content = CustomerPhotoForm, content_type = "multipart/form-data"),
    responses(
        (status = 201, description = "The photo", body = RecordPhoto),
        (status = 400, description = "The form is not valid", body = Problem),
        (status = 401, description = "Not signed in", body = Problem),
        (status = 403, description = "No customers.create", body = Problem),
        (status = 404, description = "None, or not the caller's to see", body = Problem),
        (status = 409, description = "Another photo has the id", body = Problem),
        (status = 413, description = "The photo has more than 15 MB", body = Problem),
        (status = 422, description = "The file is not an image, the outlet's data is locked, or it has 20 photos", body = Problem),
    )
)]
pub(crate) async fn add_customer_photo(
    State(app): State<App>,
    caller: Authorized<CustomersCreate>,
    Path(id): Path<CustomerId>,
    headers: HeaderMap,
    form: Result<Multipart, MultipartRejection>,
) -> ApiResult<(StatusCode, Json<RecordPhoto>)> {
    let form = Form::read(&headers, form, &["id", "caption"]).await?;
    let sent = SentPhoto::read(form)?;
    let viewer = viewer(&app, &caller);
    // Before anything is stored: the bytes of those who may not see the outlet are not wanted.
    let mut tx = app.db.lookup(caller.context()).await?;
    let distributor = present(&mut tx, &viewer, id).await?.distributor_id;
    drop(tx);
    let new = sent.store(&app, &caller, distributor).await?;
    let kept = transaction!(app.db, caller.context(), "customers.add_photo", |tx| {
        service::add_photo(tx, caller.context(), app.now(), &viewer, id, &new).await
    })?;
    Ok((StatusCode::CREATED, Json(kept)))
}

/// Takes a photo of an outlet away.
#[utoipa::path(
    delete, path = "/customers/{id}/photos/{photoId}", tag = "customers", operation_id = "removeCustomerPhoto",
    params(
        ("id" = CustomerId, Path, description = "The outlet"),
        ("photoId" = PhotoId, Path, description = "The photo"),
    ),
    responses(
        (status = 204, description = "It is gone"),
        (status = 401, description = "Not signed in", body = Problem),
        (status = 403, description = "No customers.edit", body = Problem),
        (status = 404, description = "None, or not the caller's to see", body = Problem),
        (status = 422, description = "The outlet's data is locked", body = Problem),
    )
)]
pub(crate) async fn remove_customer_photo(
    State(app): State<App>,
    caller: Authorized<CustomersEdit>,
    Path((id, photo)): Path<(CustomerId, PhotoId)>,
) -> ApiResult<StatusCode> {
    let viewer = viewer(&app, &caller);
    transaction!(app.db, caller.context(), "customers.remove_photo", |tx| {
        service::remove_photo(tx, caller.context(), app.now(), &viewer, id, photo).await
    })?;
    Ok(StatusCode::NO_CONTENT)
}
