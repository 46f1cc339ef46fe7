use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use chrono::{DateTime, Utc};
use domain::attendance::ClockKind;
use domain::geo::InvalidCoordinates;
use domain::permission::AttendanceClock;
use domain::{ClockEventId, Coordinates};
use platform::{ApiError, ApiResult, App, Authorized, Command, Mode, Problem, transaction_once};
use serde::Deserialize;
use utoipa::ToSchema;
use uuid::Uuid;

use super::text;
use crate::model::ClockEvent;
use crate::service::{self, Clock};

/// Where and when work begins or ends.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct ClockRequest {
    /// Made by the phone, so that a repeat is known.
    id: Option<ClockEventId>,
    /// Where.
    #[schema(minimum = -90, maximum = 90)]
    latitude: f64,
    /// Where.
    #[schema(minimum = -180, maximum = 180)]
    longitude: f64,
    /// By how many metres that may be wrong.
    accuracy: Option<f64>,
    /// When, by the device; now when absent. Up to 7 days back.
    at: Option<DateTime<Utc>>,
    /// What the person notes.
    #[schema(max_length = 2000)]
    note: Option<String>,
    /// A photo: the SHA-256 of its content, 64 characters of lower-case hex. The content may be sent later.
    photo_sha256: Option<String>,
}

impl ClockRequest {
    fn checked(&self, kind: ClockKind) -> ApiResult<Clock> {
        let place = Coordinates::new(self.latitude, self.longitude).map_err(|e| {
            let field = match e {
                InvalidCoordinates::Latitude(_) => "latitude",
                InvalidCoordinates::Longitude(_) => "longitude",
            };
            ApiError::invalid_field(field, "Tọa độ không hợp lệ", "Not a coordinate")
        })?;
        if self.accuracy.is_some_and(|metres| !(0.0..=1_000_000.0).contains(&metres)) {
            return Err(ApiError::invalid_field(
                "accuracy",
                "Phải từ 0 đến 1000000 mét",
                "Must be 0 to 1000000 metres",
            ));
        }
        Ok(Clock {
            id: self.id.unwrap_or_else(|| ClockEventId::new(Uuid::now_v7())),
            kind,
            at: self.at,
            place: Some(place),
            accuracy: self.accuracy,
            note: text("note", self.note.as_deref().unwrap_or_default(), 2000)?,
            photo_sha256: self.photo_sha256.clone(),
        })
    }
}

/// Begins work. A day may have several; the first one counts.
#[utoipa::path(
    post,
    path = "/attendance/clock-in",
    tag = "attendance",
    operation_id = "clockIn",
    request_body = ClockRequest,
    responses(
        (status = 201, description = "The event", body = ClockEvent),
        (status = 400, description = "A field is not valid", body = Problem),
        (status = 401, description = "Not signed in", body = Problem),
        (status = 403, description = "Not one who clocks in", body = Problem),
        (status = 422, description = "The device's clock is too far off", body = Problem),
    )
)]
pub async fn clock_in(
    State(app): State<App>,
    caller: Authorized<AttendanceClock>,
    cmd: Command<ClockRequest>,
) -> ApiResult<(StatusCode, Json<ClockEvent>)> {
    let clock = cmd.body.checked(ClockKind::In)?;
    let once = cmd.once(cmd.body.id.map(ClockEventId::uuid));
    let event = transaction_once!(app, caller.context(), once, "attendance.clock_in", |tx| {
        service::clock(tx, &app, &caller, &clock, Mode::Live).await.map(|(event, _)| event)
    })?;
    Ok((StatusCode::CREATED, Json(event)))
}

/// Ends work. A day may have several; the last one counts.
#[utoipa::path(
    post,
    path = "/attendance/clock-out",
    tag = "attendance",
    operation_id = "clockOut",
    request_body = ClockRequest,
    responses(
        (status = 201, description = "The event", body = ClockEvent),
        (status = 400, description = "A field is not valid", body = Problem),
        (status = 401, description = "Not signed in", body = Problem),
        (status = 403, description = "Not one who clocks out", body = Problem),
        (status = 422, description = "The device's clock is too far off", body = Problem),
    )
)]
pub async fn clock_out(
    State(app): State<App>,
    caller: Authorized<AttendanceClock>,
    cmd: Command<ClockRequest>,
) -> ApiResult<(StatusCode, Json<ClockEvent>)> {
    let clock = cmd.body.checked(ClockKind::Out)?;
    let once = cmd.once(cmd.body.id.map(ClockEventId::uuid));
    let event = transaction_once!(app, caller.context(), once, "attendance.clock_out", |tx| {
        service::clock(tx, &app, &caller, &clock, Mode::Live).await.map(|(event, _)| event)
    })?;
    Ok((StatusCode::CREATED, Json(event)))
}
