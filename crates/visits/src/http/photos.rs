use axum::Json;
use axum::extract::State;
use axum::extract::multipart::{Field, Multipart, MultipartError, MultipartRejection};
use axum::http::{HeaderMap, StatusCode};
use bytes::Bytes;
use chrono::{DateTime, Utc};
use domain::permission::VisitsCreate;
use domain::{DisplayProgramId, PhotoId, VisitId};
use files::FileError;
use platform::{ApiError, ApiResult, App, Authorized, Mode, Path, Problem, Scope, body, transaction};
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
    body::fits(&headers, super::PHOTO_BODY).map_err(|_| FileError::TooLarge)?;
    let form = body::in_time(body::UPLOAD_TIME_LIMIT, read(form.map_err(|_| not_a_form())?)).await??;
    let place = match (form.latitude, form.longitude) {
        (Some(latitude), Some(longitude)) => Some(model::place(latitude, longitude)?),
        (None, None) => None,
        (Some(_), None) => return Err(required("longitude")),
        (None, Some(_)) => return Err(required("latitude")),
    };
    // Before anything is stored: the bytes of those who have no such visit, or an impossible time, are not wanted.
    model::device_time(form.captured_at, app.now(), Mode::Live, &mut Vec::new())?;
    let mut tx = app.db.lookup(caller.context()).await?;
    let own =
        store::find_visit(&mut tx, Scope::Own(caller.user_id), id).await?.ok_or_else(ApiError::not_found)?;
    drop(tx);
    let stored = files::service::put(&app, &caller, own.distributor_id, form.photo).await?;
    let photo = NewPhoto {
        id: form.id.unwrap_or_else(|| PhotoId::new(Uuid::now_v7())),
        sha256: stored.sha256,
        content_type: Some(stored.content_type.to_owned()),
        size_bytes: Some(stored.size_bytes),
        album: form.album,
        display_program: form.display_program,
        place,
        captured_at: form.captured_at,
    };
    let (kept, _) = transaction!(app.db, caller.context(), "visits.add_photo", |tx| {
        service::attach_photo(tx, &app, &caller, id, &photo, Mode::Live).await
    })?;
    Ok((StatusCode::CREATED, Json(kept)))
}

struct Form {
    id: Option<PhotoId>,
    photo: Bytes,
    album: String,
    latitude: Option<f64>,
    longitude: Option<f64>,
    captured_at: Option<DateTime<Utc>>,
    display_program: Option<DisplayProgramId>,
}

async fn read(mut multipart: Multipart) -> ApiResult<Form> {
    let (mut id, mut photo, mut album) = (None, None, None);
    let (mut latitude, mut longitude, mut captured_at, mut display_program) = (None, None, None, None);
    while let Some(field) = multipart.next_field().await.map_err(unreadable)? {
        let name = field.name().unwrap_or_default().to_owned();
        match name.as_str() {
            "photo" => photo = Some(field.bytes().await.map_err(unreadable)?),
            "id" => id = parsed(&name, &value(field).await?)?,
            "albumType" => album = Some(model::text(&name, &value(field).await?, 100)?),
            "latitude" => latitude = parsed(&name, &value(field).await?)?,
            "longitude" => longitude = parsed(&name, &value(field).await?)?,
            "displayProgramId" => display_program = parsed(&name, &value(field).await?)?,
            "capturedAt" => captured_at = parsed(&name, &value(field).await?)?,
            _ => return Err(ApiError::invalid_field(&name, "Trường không được hỗ trợ", "Unknown field")),
        }
    }
    Ok(Form {
        id,
        photo: photo.filter(|p: &Bytes| !p.is_empty()).ok_or_else(|| required("photo"))?,
        album: album.filter(|a| !a.is_empty()).ok_or_else(|| required("albumType"))?,
        latitude,
        longitude,
        captured_at,
        display_program,
    })
}

async fn value(field: Field<'_>) -> ApiResult<String> {
    field.text().await.map_err(unreadable)
}

/// An empty value is one that isn't there.
fn parsed<T: std::str::FromStr>(field: &str, value: &str) -> ApiResult<Option<T>> {
    match value.trim() {
        "" => Ok(None),
        text => text
            .parse()
            .map(Some)
            .map_err(|_| ApiError::invalid_field(field, "Giá trị không hợp lệ", "Not a valid value")),
    }
}

fn required(field: &str) -> ApiError {
    ApiError::invalid_field(field, "Bắt buộc", "Required")
}

fn not_a_form() -> ApiError {
    ApiError::bad_request(
        "malformed_form",
        "Nội dung phải là multipart/form-data.",
        "The body must be multipart/form-data.",
    )
}

fn unreadable(error: MultipartError) -> ApiError {
    if error.status() == StatusCode::PAYLOAD_TOO_LARGE { FileError::TooLarge.into() } else { not_a_form() }
}
