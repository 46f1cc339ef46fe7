use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use chrono::NaiveDate;
use domain::attendance::{HalfDay, LeaveKind, LeaveStatus};
use domain::{LeaveId, OrgUnitId, UserId};
use platform::{
    ApiError, ApiResult, App, Caller, Checks, Command, PageQuery, Pagination, Problem, Query,
    transaction_once,
};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

use super::{LONGEST_SPAN, day, span};
use crate::model::Leave;
use crate::{service, store};

/// Narrows the list. `search` looks at names.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(rename_all = "camelCase")]
#[into_params(parameter_in = Query, rename_all = "camelCase")]
pub struct LeaveQuery {
    /// Leave that ends on this day or later.
    from: Option<NaiveDate>,
    /// Leave that begins on this day or earlier.
    to: Option<NaiveDate>,
    /// Whose.
    user_id: Option<UserId>,
    /// Of people of this unit and those below it.
    unit_id: Option<OrgUnitId>,
    /// How far it has come.
    status: Option<LeaveStatus>,
}

/// A page of leave.
#[derive(Debug, Serialize, ToSchema)]
pub struct LeaveList {
    /// The latest first.
    data: Vec<Leave>,
    pagination: Pagination,
}

/// The leave one may see: one's own, and that of the people one leads.
#[utoipa::path(
    get,
    path = "/leave",
    tag = "routes",
    operation_id = "listLeave",
    params(PageQuery, LeaveQuery),
    responses(
        (status = 200, description = "A page of leave, the latest first", body = LeaveList),
        (status = 400, description = "A parameter is not valid", body = Problem),
        (status = 401, description = "Not signed in", body = Problem),
    )
)]
pub async fn list_leave(
    State(app): State<App>,
    caller: Caller,
    Query(page): Query<PageQuery>,
    Query(query): Query<LeaveQuery>,
) -> ApiResult<Json<LeaveList>> {
    let page = page.checked()?;
    let filter = store::LeaveFilter {
        first: query.from.map(|date| day("from", date)).transpose()?,
        last: query.to.map(|date| day("to", date)).transpose()?,
        user: query.user_id,
        unit: query.unit_id,
        status: query.status,
    };
    let mut tx = app.db.read(caller.context()).await?;
    let (data, total) = store::list_leaves(&mut tx, caller.scope(), &filter, &page).await?;
    Ok(Json(LeaveList { data, pagination: page.of(total) }))
}

/// Days on which somebody won't work.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct LeaveRequest {
    /// Made by the client, so that a repeat is known.
    id: Option<LeaveId>,
    /// Whose; one's own when absent. That of somebody one leads is recorded, and holds at once.
    user_id: Option<UserId>,
    /// The first day, at most 31 days back.
    first_day: NaiveDate,
    /// The last day, at most 366 days in all; the first when absent.
    last_day: Option<NaiveDate>,
    /// Only this half of the one day.
    half: Option<HalfDay>,
    /// Why; `annual` when absent.
    kind: Option<LeaveKind>,
    /// More about it.
    #[schema(max_length = 2000)]
    reason: Option<String>,
}

/// Asks for leave, or records that of somebody one leads.
#[utoipa::path(
    post,
    path = "/leave",
    tag = "routes",
    operation_id = "requestLeave",
    request_body = LeaveRequest,
    responses(
        (status = 201, description = "The leave", body = Leave),
        (status = 400, description = "A field is not valid", body = Problem),
        (status = 401, description = "Not signed in", body = Problem),
        (status = 403, description = "Not one who takes leave here", body = Problem),
        (status = 404, description = "No such person among those one leads", body = Problem),
        (status = 409, description = "There is leave on one of the days already", body = Problem),
        (status = 422, description = "Too far back", body = Problem),
    )
)]
pub async fn request_leave(
    State(app): State<App>,
    caller: Caller,
    cmd: Command<LeaveRequest>,
) -> ApiResult<(StatusCode, Json<Leave>)> {
    use domain::permission::{AttendanceClock, AttendanceManage, Permission as _};
    let body = &cmd.body;
    if !caller.may::<AttendanceClock>() && !caller.may::<AttendanceManage>() {
        return Err(ApiError::forbidden(AttendanceClock::NAME));
    }
    let last = body.last_day.unwrap_or(body.first_day);
    let (first, last) = span(("firstDay", body.first_day), ("lastDay", last), LONGEST_SPAN)?;
    let mut checks = Checks::default();
    let reason = checks.text("reason", body.reason.as_deref().unwrap_or_default(), 2000);
    if body.half.is_some() && first != last {
        checks.wrong("half", "Nghỉ nửa ngày chỉ cho một ngày", "Half a day's leave is for one day");
    }
    checks.done()?;
    let request = service::LeaveRequest {
        id: body.id.unwrap_or_else(|| LeaveId::new(Uuid::now_v7())),
        user: body.user_id,
        first,
        last,
        half: body.half,
        kind: body.kind.unwrap_or(LeaveKind::Annual),
        reason,
    };
    let once = cmd.once(body.id.map(LeaveId::uuid));
    let made = transaction_once!(app, caller.context(), once, "leave.request", |tx| {
        service::request_leave(tx, &app, &caller, &request).await
    })?;
    app.wake.now();
    Ok((StatusCode::CREATED, Json(made)))
}
