use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use chrono::{DateTime, Utc};
use domain::ClockEventId;
use domain::attendance::ClockKind;
use domain::permission::AttendanceClock;
use platform::{ApiResult, App, Authorized, Command, Problem, transaction_once};
use serde::Deserialize;
use utoipa::ToSchema;
use uuid::Uuid;

use crate::attendance::{self, Clock, ClockEvent};
use crate::model;

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
}

impl ClockRequest {
    fn checked(&self, app: &App, kind: ClockKind) -> ApiResult<Clock> {
        Ok(Clock {
            id: self.id.unwrap_or_else(|| ClockEventId::new(Uuid::now_v7())),
            kind,
            at: model::device_time(self.at, app.now())?,
            place: model::place(self.latitude, self.longitude)?,
            accuracy: model::accuracy(self.accuracy)?,
            note: model::text("note", self.note.as_deref().unwrap_or_default(), 2000)?,
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
    let clock = cmd.body.checked(&app, ClockKind::In)?;
    let once = cmd.once(cmd.body.id.map(ClockEventId::uuid));
    let event = transaction_once!(app, caller.context(), once, "attendance.clock_in", |tx| {
        attendance::clock(tx, &app, &caller, &clock).await
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
    let clock = cmd.body.checked(&app, ClockKind::Out)?;
    let once = cmd.once(cmd.body.id.map(ClockEventId::uuid));
    let event = transaction_once!(app, caller.context(), once, "attendance.clock_out", |tx| {
        attendance::clock(tx, &app, &caller, &clock).await
    })?;
    Ok((StatusCode::CREATED, Json(event)))
}
