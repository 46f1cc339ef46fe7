use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use chrono::{DateTime, Datelike as _, Utc};
use domain::attendance::ClockKind;
use domain::permission::AttendanceManage;
use domain::{ClockCorrectionId, ClockEventId, UserId};
use platform::{ApiError, ApiResult, App, Authorized, Command, Path, Problem, transaction_once};
use serde::Deserialize;
use utoipa::ToSchema;
use uuid::Uuid;

use super::required;
use crate::model::Correction;
use crate::service::{self, Addition, Change};

/// How a clock event should have been; what is absent stays as it is.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[schema(as = CorrectClockEvent)]
pub struct CorrectRequest {
    /// Made by the client, so that a repeat is known.
    id: Option<ClockCorrectionId>,
    /// `in` or `out`.
    kind: Option<ClockKind>,
    /// When it should have been.
    at: Option<DateTime<Utc>>,
    /// The event doesn't count. A later correction may bring it back.
    removed: Option<bool>,
    /// Why.
    #[schema(min_length = 1, max_length = 2000)]
    reason: String,
}

fn instant(at: DateTime<Utc>) -> ApiResult<DateTime<Utc>> {
    if (2000..=2100).contains(&at.year()) {
        Ok(at)
    } else {
        Err(ApiError::invalid_field("at", "Phải từ năm 2000 đến 2100", "Must be in the years 2000 to 2100"))
    }
}

/// Corrects a clock event of somebody one leads. The event itself stays; who corrected it and why is kept with it.
#[utoipa::path(
    post,
    path = "/attendance/{id}/correct",
    tag = "attendance",
    operation_id = "correctAttendance",
    params(("id" = ClockEventId, Path, description = "The clock event")),
    request_body = CorrectRequest,
    responses(
        (status = 201, description = "The correction", body = Correction),
        (status = 400, description = "A field is not valid", body = Problem),
        (status = 401, description = "Not signed in", body = Problem),
        (status = 403, description = "Not allowed to correct attendance, or one's own", body = Problem),
        (status = 404, description = "No such event among those one leads", body = Problem),
        (status = 412, description = "Somebody else corrected it at the same moment", body = Problem),
        (status = 422, description = "It changes nothing, or its time has not come yet", body = Problem),
    )
)]
pub async fn correct(
    State(app): State<App>,
    caller: Authorized<AttendanceManage>,
    Path(event): Path<ClockEventId>,
    cmd: Command<CorrectRequest>,
) -> ApiResult<(StatusCode, Json<Correction>)> {
    let body = &cmd.body;
    let change = Change {
        id: body.id.unwrap_or_else(|| ClockCorrectionId::new(Uuid::now_v7())),
        kind: body.kind,
        at: body.at.map(instant).transpose()?,
        removed: body.removed.unwrap_or_default(),
        reason: required("reason", &body.reason, 2000)?,
    };
    if change.removed && (change.at.is_some() || change.kind.is_some()) {
        return Err(ApiError::invalid_field(
            "removed",
            "Chỉ loại bỏ, hoặc chỉ sửa",
            "Either take it out or change it",
        ));
    }
    let once = cmd.once(body.id.map(ClockCorrectionId::uuid));
    let made = transaction_once!(app, caller.context(), once, "attendance.correct", |tx| {
        service::correct(tx, &app, &caller, event, &change).await
    })?;
    Ok((StatusCode::CREATED, Json(made)))
}

/// An event that somebody forgot to clock.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[schema(as = AddClockEvent)]
pub struct AddEventRequest {
    /// Made by the client, so that a repeat is known.
    id: Option<ClockCorrectionId>,
    /// Whose.
    user_id: UserId,
    /// `in` or `out`.
    kind: ClockKind,
    /// When it was.
    at: DateTime<Utc>,
    /// Why it is missing.
    #[schema(min_length = 1, max_length = 2000)]
    reason: String,
}

/// Adds an event that somebody one leads forgot to clock.
#[utoipa::path(
    post,
    path = "/attendance/corrections",
    tag = "attendance",
    operation_id = "addAttendanceEvent",
    request_body = AddEventRequest,
    responses(
        (status = 201, description = "The correction; its id is the event's, too", body = Correction),
        (status = 400, description = "A field is not valid", body = Problem),
        (status = 401, description = "Not signed in", body = Problem),
        (status = 403, description = "Not allowed to correct attendance, or one's own", body = Problem),
        (status = 404, description = "No such person among those one leads", body = Problem),
        (status = 422, description = "The person doesn't clock in, or the time has not come yet", body = Problem),
    )
)]
pub async fn add_event(
    State(app): State<App>,
    caller: Authorized<AttendanceManage>,
    cmd: Command<AddEventRequest>,
) -> ApiResult<(StatusCode, Json<Correction>)> {
    let body = &cmd.body;
    let addition = Addition {
        id: body.id.unwrap_or_else(|| ClockCorrectionId::new(Uuid::now_v7())),
        user: body.user_id,
        kind: body.kind,
        at: instant(body.at)?,
        reason: required("reason", &body.reason, 2000)?,
    };
    let once = cmd.once(body.id.map(ClockCorrectionId::uuid));
    let made = transaction_once!(app, caller.context(), once, "attendance.add", |tx| {
        service::add(tx, &app, &caller, &addition).await
    })?;
    Ok((StatusCode::CREATED, Json(made)))
}
