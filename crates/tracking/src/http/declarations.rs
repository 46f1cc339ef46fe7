use adapters::blob::BlobId;
use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use chrono::{DateTime, NaiveDate, SubsecRound as _, Utc};
use domain::geo::InvalidCoordinates;
use domain::permission::AttendanceClock;
use domain::{Coordinates, LocationDeclarationId, UserId};
use platform::{
    ApiError, ApiResult, App, Authorized, Caller, Checks, Command, Mode, PageQuery, Pagination, Problem,
    Query, transaction_once,
};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

use super::days;
use crate::model::Declaration;
use crate::service::{self, Declare};
use crate::store;

/// Where somebody is, away from any outlet, and why.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct DeclareLocation {
    /// Made by the phone, so that a repeat is known.
    id: Option<LocationDeclarationId>,
    /// Why, in a few words: `Họp tại NPP`, `Xe hỏng`, …
    #[schema(min_length = 1, max_length = 200)]
    reason: String,
    /// More about it.
    #[serde(default)]
    #[schema(max_length = 2000)]
    note: String,
    /// The SHA-256 of a photo; its bytes go to `PUT /files/{sha256}`, before or after.
    photo_sha256: Option<String>,
    /// Degrees north.
    latitude: f64,
    /// Degrees east.
    longitude: f64,
    /// By how many metres that may be wrong.
    accuracy: Option<f64>,
    /// When, by the device; now when absent.
    at: Option<DateTime<Utc>>,
}

/// Declares where the caller is, away from any outlet.
#[utoipa::path(
    post,
    path = "/tracking/declarations",
    tag = "tracking",
    operation_id = "declareLocation",
    request_body = DeclareLocation,
    responses(
        (status = 201, description = "The declaration", body = Declaration),
        (status = 400, description = "A value is not valid", body = Problem),
        (status = 401, description = "Not signed in", body = Problem),
        (status = 403, description = "Not one who works in the field", body = Problem),
        (status = 409, description = "Another declaration has the id", body = Problem),
        (status = 422, description = "The device's clock is too far off", body = Problem),
    )
)]
pub async fn declare(
    State(app): State<App>,
    caller: Authorized<AttendanceClock>,
    cmd: Command<DeclareLocation>,
) -> ApiResult<(StatusCode, Json<Declaration>)> {
    let once = cmd.once(cmd.body.id.map(LocationDeclarationId::uuid));
    let declare = checked(cmd.body)?;
    let kept = transaction_once!(app, caller.context(), once, "tracking.declare", |tx| {
        Ok(service::declare(tx, &app, &caller, &declare, Mode::Live).await?.0)
    })?;
    Ok((StatusCode::CREATED, Json(kept)))
}

fn checked(body: DeclareLocation) -> ApiResult<Declare> {
    let mut checks = Checks::default();
    let place = Coordinates::new(body.latitude, body.longitude);
    if let Err(error) = place {
        let field = match error {
            InvalidCoordinates::Latitude(_) => "latitude",
            InvalidCoordinates::Longitude(_) => "longitude",
        };
        checks.wrong(field, "Giá trị nằm ngoài phạm vi", "The value is out of range");
    }
    if body.accuracy.is_some_and(|metres| !(0.0..=1_000_000.0).contains(&metres)) {
        checks.wrong("accuracy", "Giá trị nằm ngoài phạm vi", "The value is out of range");
    }
    let photo = body.photo_sha256.as_deref().map(BlobId::parse);
    if photo == Some(None) {
        checks.wrong(
            "photoSha256",
            "Phải là SHA-256 gồm 64 chữ số thập lục phân viết thường",
            "Must be a SHA-256 of 64 lower-case hexadecimal digits",
        );
    }
    let reason = checks.required("reason", &body.reason, 200);
    let note = checks.text("note", &body.note, 2000);
    checks.done()?;
    Ok(Declare {
        id: body.id.unwrap_or_else(|| LocationDeclarationId::new(Uuid::now_v7())),
        reason,
        note,
        photo: photo.flatten(),
        place: place.map_err(ApiError::internal)?,
        accuracy: body.accuracy,
        at: body.at.map(|at| at.trunc_subsecs(6)),
    })
}

/// Which declarations.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(rename_all = "camelCase")]
#[into_params(parameter_in = Query, rename_all = "camelCase")]
pub struct DeclarationsQuery {
    /// First day; today when absent.
    from: Option<NaiveDate>,
    /// Last day. At most 92 days.
    to: Option<NaiveDate>,
    /// Only this person's.
    user_id: Option<UserId>,
    /// Page number, from 1.
    #[param(minimum = 1)]
    page: Option<i64>,
    /// Rows a page, 1 to 100; 20 when absent.
    #[param(minimum = 1, maximum = 100)]
    page_size: Option<i64>,
}

/// Declarations.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct Declarations {
    /// Newest first.
    data: Vec<Declaration>,
    pagination: Pagination,
}

/// The declarations of the people under the caller's eyes; a rep sees their own.
#[utoipa::path(
    get,
    path = "/tracking/declarations",
    tag = "tracking",
    operation_id = "listDeclarations",
    params(DeclarationsQuery),
    responses(
        (status = 200, description = "The declarations", body = Declarations),
        (status = 400, description = "A parameter is not valid", body = Problem),
        (status = 401, description = "Not signed in", body = Problem),
    )
)]
pub async fn list_declarations(
    State(app): State<App>,
    caller: Caller,
    Query(query): Query<DeclarationsQuery>,
) -> ApiResult<Json<Declarations>> {
    let page = PageQuery { search: None, page: query.page, page_size: query.page_size }.checked()?;
    let days = days(&app, query.from, query.to)?;
    let mut tx = app.db.read(caller.context()).await?;
    let (data, total) = store::list_declarations(&mut tx, caller.scope(), days, query.user_id, &page).await?;
    Ok(Json(Declarations { data, pagination: page.of(total) }))
}
