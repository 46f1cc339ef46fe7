use axum::Json;
use axum::extract::State;
use domain::attendance::ClockKind;
use domain::{Month, OrgUnitId, UserId};
use platform::{ApiResult, App, Caller, PageQuery, Pagination, Problem, Query};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use crate::model::{ClockEvent, Clocked, WorkedDay};
use crate::store::{self, DayFilter, HalfLeave};

/// Which month, and whose. `search` looks at names.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(rename_all = "camelCase")]
#[into_params(parameter_in = Query, rename_all = "camelCase")]
pub struct AttendanceQuery {
    /// `2026-08`; the present month when absent.
    #[param(value_type = Option<String>)]
    month: Option<Month>,
    /// The person; everybody one may see when absent.
    user_id: Option<UserId>,
    /// Work for this unit and those below it.
    unit_id: Option<OrgUnitId>,
}

/// A month's working days.
#[derive(Debug, Serialize, ToSchema)]
pub struct AttendanceList {
    month: Month,
    /// By person and day; only days with clock events.
    data: Vec<WorkedDay>,
    pagination: Pagination,
}

/// The working days of a month: reps see their own, supervisors and managers those of their units. 100 rows a page
/// when `pageSize` is absent, so one person's month is always whole.
#[utoipa::path(
    get,
    path = "/attendance",
    tag = "attendance",
    operation_id = "listAttendance",
    params(PageQuery, AttendanceQuery),
    responses(
        (status = 200, description = "The days", body = AttendanceList),
        (status = 400, description = "A parameter is not valid", body = Problem),
        (status = 401, description = "Not signed in", body = Problem),
    )
)]
pub async fn list_attendance(
    State(app): State<App>,
    caller: Caller,
    Query(mut page): Query<PageQuery>,
    Query(query): Query<AttendanceQuery>,
) -> ApiResult<Json<AttendanceList>> {
    page.page_size.get_or_insert(100);
    let page = page.checked()?;
    let month = query.month.unwrap_or_else(|| Month::of(app.today()));
    let (first, last) = (month.first_day(), month.last_day());
    let mut tx = app.db.read(caller.context()).await?;
    let filter = DayFilter { user: query.user_id, unit: query.unit_id };
    let (clocked, total) =
        store::list_clocked_days(&mut tx, caller.scope(), first, last, &filter, &page).await?;
    let times = store::unit_times(&mut tx, clocked.iter().filter_map(|day| day.unit)).await?;
    let people: Vec<_> = clocked.iter().map(|day| day.user.uuid()).collect();
    let halves = HalfLeave::of(&store::list_leave(&mut tx, &people, first, last).await?);
    let data = clocked
        .into_iter()
        .map(|day| {
            let (working, half) = (times.on(day.unit, day.date), halves.on(day.user, day.date));
            day.assessed(working, half)
        })
        .collect();
    Ok(Json(AttendanceList { month, data, pagination: page.of(total) }))
}

/// The caller's day so far.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct AttendanceToday {
    /// Whether the last event was a clock-in.
    clocked_in: bool,
    /// What the day comes to so far.
    day: WorkedDay,
    /// What was clocked, in order.
    events: Vec<ClockEvent>,
}

/// The caller's own working day.
#[utoipa::path(
    get,
    path = "/attendance/today",
    tag = "attendance",
    operation_id = "getAttendanceToday",
    responses(
        (status = 200, description = "The day so far", body = AttendanceToday),
        (status = 401, description = "Not signed in", body = Problem),
    )
)]
pub async fn today(State(app): State<App>, caller: Caller) -> ApiResult<Json<AttendanceToday>> {
    let today = app.today();
    let mut tx = app.db.read(caller.context()).await?;
    let events = store::list_clock_events(&mut tx, caller.user_id, today).await?;
    let day_events = super::events::of_day(&mut tx, caller.user_id, today).await?;
    let times = |kind: ClockKind| {
        day_events.iter().filter(move |event| event.kind == kind).filter_map(|event| event.at)
    };
    let clocked = Clocked {
        user: caller.user_id,
        full_name: caller.full_name.clone(),
        unit: caller.primary_unit,
        date: today,
        first_in: times(ClockKind::In).min(),
        last_out: times(ClockKind::Out).max(),
        corrected: day_events.iter().any(|event| !event.corrections.is_empty()),
    };
    let working = store::unit_times(&mut tx, caller.primary_unit).await?;
    let leave = store::list_leave(&mut tx, &[caller.user_id.uuid()], today, today).await?;
    let half = HalfLeave::of(&leave).on(caller.user_id, today);
    let day = clocked.assessed(working.on(caller.primary_unit, today), half);
    let latest = day_events.iter().filter_map(|event| Some((event.at?, event.kind))).max();
    let clocked_in = latest.is_some_and(|(_, kind)| kind == ClockKind::In);
    Ok(Json(AttendanceToday { clocked_in, day, events }))
}
