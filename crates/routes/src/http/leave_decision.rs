use axum::Json;
use axum::extract::State;
use domain::permission::AttendanceManage;
use domain::{LeaveId, UserId};
use platform::{ApiResult, App, Authorized, Caller, Command, Path, Problem, transaction_once};
use serde::Deserialize;
use utoipa::ToSchema;

use super::{note, text};
use crate::model::Leave;
use crate::service::{self, Decision};

/// A leave that may be taken.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct ApproveLeave {
    /// What the person should know.
    #[schema(max_length = 2000)]
    note: Option<String>,
    /// Who walks the person's routes meanwhile.
    substitute_id: Option<UserId>,
}

/// Approves a leave; with a substitute, who gets all routes of the person for its days.
#[utoipa::path(
    post,
    path = "/leave/{id}/approve",
    tag = "routes",
    operation_id = "approveLeave",
    params(("id" = LeaveId, Path, description = "The leave")),
    request_body = ApproveLeave,
    responses(
        (status = 200, description = "The leave", body = Leave),
        (status = 400, description = "A field is not valid", body = Problem),
        (status = 401, description = "Not signed in", body = Problem),
        (status = 403, description = "Not allowed to decide on leave, or one's own", body = Problem),
        (status = 404, description = "No such leave or substitute", body = Problem),
        (status = 409, description = "It was decided already, or somebody else stands in on one of the days", body = Problem),
        (status = 422, description = "The substitute can't walk the routes or is on leave", body = Problem),
    )
)]
pub async fn approve_leave(
    State(app): State<App>,
    caller: Authorized<AttendanceManage>,
    Path(id): Path<LeaveId>,
    cmd: Command<ApproveLeave>,
) -> ApiResult<Json<Leave>> {
    let decision = Decision { note: note(cmd.body.note.as_deref())?, substitute: cmd.body.substitute_id };
    let leave = transaction_once!(app, caller.context(), cmd.once(None), "leave.approve", |tx| {
        service::approve_leave(tx, &app, &caller, id, &decision).await
    })?;
    app.wake.now();
    Ok(Json(leave))
}

/// A leave that may not be taken.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct RejectLeave {
    /// Why.
    #[schema(min_length = 1, max_length = 2000)]
    reason: String,
}

/// Rejects a leave.
#[utoipa::path(
    post,
    path = "/leave/{id}/reject",
    tag = "routes",
    operation_id = "rejectLeave",
    params(("id" = LeaveId, Path, description = "The leave")),
    request_body = RejectLeave,
    responses(
        (status = 200, description = "The leave", body = Leave),
        (status = 400, description = "A field is not valid", body = Problem),
        (status = 401, description = "Not signed in", body = Problem),
        (status = 403, description = "Not allowed to decide on leave, or one's own", body = Problem),
        (status = 404, description = "No such leave", body = Problem),
        (status = 409, description = "It was decided already", body = Problem),
    )
)]
pub async fn reject_leave(
    State(app): State<App>,
    caller: Authorized<AttendanceManage>,
    Path(id): Path<LeaveId>,
    cmd: Command<RejectLeave>,
) -> ApiResult<Json<Leave>> {
    let reason = text("reason", &cmd.body.reason, 2000)?;
    let leave = transaction_once!(app, caller.context(), cmd.once(None), "leave.reject", |tx| {
        service::reject_leave(tx, &app, &caller, id, &reason).await
    })?;
    app.wake.now();
    Ok(Json(leave))
}

/// A leave that is not needed.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct CancelLeave {
    /// Why.
    #[schema(max_length = 2000)]
    note: Option<String>,
}

/// Calls a leave off: one's own while nobody has decided, and as one who decides on it from today on. Its substitutes are
/// called off with it.
#[utoipa::path(
    post,
    path = "/leave/{id}/cancel",
    tag = "routes",
    operation_id = "cancelLeave",
    params(("id" = LeaveId, Path, description = "The leave")),
    request_body = CancelLeave,
    responses(
        (status = 200, description = "The leave as it is now", body = Leave),
        (status = 400, description = "A field is not valid", body = Problem),
        (status = 401, description = "Not signed in", body = Problem),
        (status = 403, description = "One's own leave that was approved", body = Problem),
        (status = 404, description = "No such leave", body = Problem),
        (status = 409, description = "It was rejected", body = Problem),
        (status = 422, description = "It is over", body = Problem),
    )
)]
pub async fn cancel_leave(
    State(app): State<App>,
    caller: Caller,
    Path(id): Path<LeaveId>,
    cmd: Command<CancelLeave>,
) -> ApiResult<Json<Leave>> {
    let note = note(cmd.body.note.as_deref())?;
    let leave = transaction_once!(app, caller.context(), cmd.once(None), "leave.cancel", |tx| {
        service::cancel_leave(tx, &app, &caller, id, &note).await
    })?;
    app.wake.now();
    Ok(Json(leave))
}
