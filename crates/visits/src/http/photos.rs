use axum::Json;
use axum::extract::State;
use axum::extract::multipart::{Multipart, MultipartRejection};
use axum::http::{HeaderMap, StatusCode};
use bytes::Bytes;
use chrono::{DateTime, Utc};
use domain::permission::VisitsCreate;
use domain::{DisplayProgramId, PhotoId, VisitId};
use files::form::Form;
use platform::{ApiError, ApiResult, App, Authorized, Mode, Path, Problem, Scope, transaction};
use utoipa::ToSchema;
use uuid::Uuid;

use crate::model::{self, Photo};
use crate::service::{self, NewPhoto};
use crate::store;

/// A photo and what is known of it.
#[derive(Debug, ToSchema)]
#[schema(rename_all = "camelCase")]
#[expect(dead_code, reason = "only tells clients what the form holds")]
pub struct PhotoForm {
    /// Made by the phone, so that a repeat is known.
    id: Option<PhotoId>,
    /// JPEG, PNG or WebP, at most 15 MB.
    #[schema(value_type = String, format = Binary)]
    photo: Bytes,
    /// `Hình đại diện`, `Mặt tiền`, `Trưng bày`, `POSM`, `Đóng cửa`, …
    #[schema(min_length = 1, max_length = 100)]
    album_type: String,
    /// Where it was taken; with `longitude` or not at all.
    latitude: Option<f64>,
    /// Where it was taken.
    longitude: Option<f64>,
    /// When it was taken, by the device; now when absent.
    captured_at: Option<DateTime<Utc>>,
    /// The display program that it shows; then it goes into the album of displays.
    display_program_id: Option<DisplayProgramId>,
}

/// What the form holds beside the photo.
const TEXTS: [&str; 6] = ["id", "albumType", "latitude", "longitude", "capturedAt", "displayProgramId"];

/// Adds a photo to one's own visit. The same id, or the same bytes in the same album, are answered as the first time.
#[utoipa::path(
    post,
    path = "/visits/{id}/photos",
    tag = "visits",
    operation_id = "addVisitPhoto",
    params(("id" = VisitId, Path, description = "The visit")),
    request_body(content = PhotoForm, content_type = "multipart/form-data"),
    responses(
        (status = 201, description = "The photo", body = Photo),
        (status = 400, description = "The form is not valid", body = Problem),
        (status = 401, description = "Not signed in", body = Problem),
        (status = 403, description = "Not allowed to visit", body = Problem),
        (status = 404, description = "No such visit of one's own", body = Problem),
        (status = 409, description = "Another photo has the id", body = Problem),
        (status = 413, description = "The photo has more than 15 MB", body = Problem),
        (status = 422, description = "The file is not an image, no such album, a display program that doesn't run there, or the device's clock is too far off", body = Problem),
    )
)]
pub async fn add_photo(
    State(app): State<App>,
    caller: Authorized<VisitsCreate>,
    Path(id): Path<VisitId>,
    headers: HeaderMap,
    form: Result<Multipart, MultipartRejection>,
) -> ApiResult<(StatusCode, Json<Photo>)> {
    let form = Form::read(&headers, form, &TEXTS).await?;
    let album = model::text("albumType", form.text("albumType"), 100)?;
    if album.is_empty() {
        return Err(required("albumType"));
    }
    let (photo_id, captured_at) = (form.parsed("id")?, form.parsed("capturedAt")?);
    let display_program = form.parsed("displayProgramId")?;
    let place = match (form.parsed("latitude")?, form.parsed("longitude")?) {
        (Some(latitude), Some(longitude)) => Some(model::place(latitude, longitude)?),
        (None, None) => None,
        (Some(_), None) => return Err(required("longitude")),
        (None, Some(_)) => return Err(required("latitude")),
    };
    // Before anything is stored: the bytes of those who have no such visit, or an impossible time, are not wanted.
    model::device_time(captured_at, app.now(), Mode::Live, &mut Vec::new())?;
    let mut tx = app.db.lookup(caller.context()).await?;
    let own =
        store::find_visit(&mut tx, Scope::Own(caller.user_id), id).await?.ok_or_else(ApiError::not_found)?;
    drop(tx);
    let stored = files::service::put(&app, &caller, own.distributor_id, form.photo).await?;
    let photo = NewPhoto {
        id: photo_id.unwrap_or_else(|| PhotoId::new(Uuid::now_v7())),
        sha256: stored.sha256,
        content_type: Some(stored.content_type.to_owned()),
        size_bytes: Some(stored.size_bytes),
        album,
        display_program,
        place,
        captured_at,
    };
    let (kept, _) = transaction!(app.db, caller.context(), "visits.add_photo", |tx| {
        service::attach_photo(tx, &app, &caller, id, &photo, Mode::Live).await
    })?;
    Ok((StatusCode::CREATED, Json(kept)))
}

fn required(field: &str) -> ApiError {
    ApiError::invalid_field(field, "Bắt buộc", "Required")
}
