use axum::Json;
use axum::extract::State;
use domain::{Month, OrgUnitId, UserId};
use platform::{ApiResult, App, Caller, PageQuery, Pagination, Problem, Query};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use crate::timesheet::{self, PersonMonth};

/// Which month, and whose. `search` looks at names.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(rename_all = "camelCase")]
#[into_params(parameter_in = Query, rename_all = "camelCase")]
pub struct TimesheetQuery {
    /// `2026-08`; the present month when absent.
    #[param(value_type = Option<String>)]
    month: Option<Month>,
    /// The person; everybody one may see when absent.
    user_id: Option<UserId>,
    /// People of this unit and those below it.
    unit_id: Option<OrgUnitId>,
}

/// A month per person.
#[derive(Debug, Serialize, ToSchema)]
pub struct Timesheet {
    month: Month,
    /// By unit and name.
    data: Vec<PersonMonth>,
    pagination: Pagination,
}

/// A month's timesheet: every person one may see with their days, leave and totals, a page of people at a time.
#[utoipa::path(
    get,
    path = "/attendance/timesheet",
    tag = "attendance",
    operation_id = "getTimesheet",
    params(PageQuery, TimesheetQuery),
    responses(
        (status = 200, description = "The people", body = Timesheet),
        (status = 400, description = "A parameter is not valid", body = Problem),
        (status = 401, description = "Not signed in", body = Problem),
    )
)]
pub async fn get_timesheet(
    State(app): State<App>,
    caller: Caller,
    Query(page): Query<PageQuery>,
    Query(query): Query<TimesheetQuery>,
) -> ApiResult<Json<Timesheet>> {
    let page = page.checked()?;
    let month = query.month.unwrap_or_else(|| Month::of(app.today()));
    let mut tx = app.db.read(caller.context()).await?;
    let (data, total) =
        timesheet::timesheet(&mut tx, caller.scope(), month, query.user_id, query.unit_id, &page).await?;
    Ok(Json(Timesheet { month, data, pagination: page.of(total) }))
}
