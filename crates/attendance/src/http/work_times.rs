use axum::Json;
use axum::extract::State;
use chrono::{NaiveDate, Timelike as _};
use domain::OrgUnitId;
use domain::attendance::{WorkSession, WorkingDay};
use domain::permission::AttendanceManage;
use platform::{ApiError, ApiResult, App, Authorized, Caller, Command, Problem, Query, Scope, transaction};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use crate::model::UnitWorkTimes;
use crate::{service, store};

/// Whose working times, and when.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(rename_all = "camelCase")]
#[into_params(parameter_in = Query, rename_all = "camelCase")]
pub struct WorkTimesQuery {
    /// The unit; the caller's own when absent.
    unit_id: Option<OrgUnitId>,
    /// The day; today when absent.
    date: Option<NaiveDate>,
}

/// The working times of a unit.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct WorkTimesView {
    unit_id: OrgUnitId,
    date: NaiveDate,
    /// The sessions that hold on the day: the unit's, or those of the nearest unit above that has set some.
    sessions: Vec<WorkSession>,
    scheduled_minutes: u32,
    /// What was set for the unit itself, by day.
    own: Vec<UnitWorkTimes>,
}

fn in_scope(caller: &Caller, unit: OrgUnitId) -> ApiResult<()> {
    let seen = match caller.scope() {
        Scope::Units(units) => units.contains(&unit),
        Scope::Own(_) => caller.units.contains(&unit),
        Scope::All => true,
    };
    if seen { Ok(()) } else { Err(ApiError::not_found()) }
}

/// The working times of a unit on a day, with what was set for it.
#[utoipa::path(
    get,
    path = "/attendance/work-times",
    tag = "attendance",
    operation_id = "getWorkTimes",
    params(WorkTimesQuery),
    responses(
        (status = 200, description = "The working times", body = WorkTimesView),
        (status = 400, description = "A parameter is not valid", body = Problem),
        (status = 401, description = "Not signed in", body = Problem),
        (status = 404, description = "No such unit", body = Problem),
    )
)]
pub async fn get_work_times(
    State(app): State<App>,
    caller: Caller,
    Query(query): Query<WorkTimesQuery>,
) -> ApiResult<Json<WorkTimesView>> {
    let unit_id = query.unit_id.or(caller.primary_unit).ok_or_else(ApiError::not_found)?;
    in_scope(&caller, unit_id)?;
    let date = query.date.unwrap_or_else(|| app.today());
    let mut tx = app.db.lookup(caller.context()).await?;
    store::find_unit(&mut tx, unit_id).await?.ok_or_else(ApiError::not_found)?;
    let times = store::unit_times(&mut tx, [unit_id]).await?;
    let own = store::list_work_times(&mut tx, &[unit_id.uuid()]).await?;
    let day = times.on(Some(unit_id), date);
    Ok(Json(WorkTimesView {
        unit_id,
        date,
        sessions: day.sessions().copied().collect(),
        scheduled_minutes: day.scheduled().0,
        own,
    }))
}

/// Working times to set.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct SetWorkTimes {
    /// The unit.
    unit_id: OrgUnitId,
    /// The first day, in the present month or later.
    valid_from: NaiveDate,
    /// The sessions of a working day, in whole minutes, in order; null follows the unit above again.
    #[schema(max_items = 10)]
    sessions: Option<WorkingDay>,
    /// The version that was changed, 0 for a new first day; without it nobody else's change is looked for.
    version: Option<i64>,
}

/// Sets the working times of a unit and all below it that have none of their own, from a day on.
#[utoipa::path(
    put,
    path = "/attendance/work-times",
    tag = "attendance",
    operation_id = "setWorkTimes",
    request_body = SetWorkTimes,
    responses(
        (status = 200, description = "What was set", body = UnitWorkTimes),
        (status = 400, description = "A field is not valid", body = Problem),
        (status = 401, description = "Not signed in", body = Problem),
        (status = 403, description = "Not allowed to keep working times, or not of a unit above the distributors", body = Problem),
        (status = 404, description = "No such unit among one's own", body = Problem),
        (status = 412, description = "Somebody else changed it meanwhile", body = Problem),
        (status = 422, description = "The first day is in a month that is over", body = Problem),
    )
)]
pub async fn set_work_times(
    State(app): State<App>,
    caller: Authorized<AttendanceManage>,
    cmd: Command<SetWorkTimes>,
) -> ApiResult<Json<UnitWorkTimes>> {
    let body = &cmd.body;
    let whole = |session: &WorkSession| session.start.second() == 0 && session.end.second() == 0;
    let sessions: Vec<&WorkSession> = body.sessions.iter().flat_map(WorkingDay::sessions).collect();
    if sessions.len() > 10 || !sessions.iter().all(|session| whole(session)) {
        return Err(ApiError::invalid_field(
            "sessions",
            "Tối đa 10 ca, theo phút chẵn",
            "At most 10 sessions, in whole minutes",
        ));
    }
    let set = transaction!(app.db, caller.context(), "attendance.work_times", |tx| {
        service::set_work_times(
            tx,
            &app,
            &caller,
            body.unit_id,
            body.valid_from,
            body.sessions.as_ref(),
            body.version,
        )
        .await
    })?;
    Ok(Json(set))
}
