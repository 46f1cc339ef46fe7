use std::collections::{HashMap, HashSet};

use axum::Json;
use axum::extract::State;
use chrono::NaiveDate;
use domain::{OrgUnitId, UserId};
use platform::{ApiResult, App, Caller, PageQuery, Pagination, Problem, Query};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::span;
use crate::model::Holiday;
use crate::{plan, store};

/// The longest calendar.
const LONGEST: u64 = 62;

/// Which days, and whose.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(rename_all = "camelCase")]
#[into_params(parameter_in = Query, rename_all = "camelCase")]
pub struct CalendarQuery {
    /// The first day.
    from: NaiveDate,
    /// The last day, at most 62 days in all.
    to: NaiveDate,
    /// People of this unit and those below it; everybody one leads when absent.
    unit_id: Option<OrgUnitId>,
}

/// A person's day in numbers.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct CalendarDay {
    date: NaiveDate,
    /// Routes the person walks.
    routes: usize,
    /// Outlets due.
    planned: usize,
    /// Those of them that were due on a holiday before.
    moved: usize,
    /// Those of them on routes the person walks in another's place.
    stood_in: usize,
    /// Outlets the person visited, in the plan or not.
    visited: i64,
    /// The person is on leave.
    on_leave: bool,
    /// Outlets due on the person's routes on a day of leave on which nobody stands in.
    uncovered: usize,
    /// A holiday where the person's routes are.
    holiday: bool,
}

/// A person's days.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct CalendarPerson {
    user_id: UserId,
    full_name: String,
    /// Every day of the span.
    days: Vec<CalendarDay>,
}

/// The plans of a team in numbers.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = RouteCalendar)]
pub struct Calendar {
    from: NaiveDate,
    to: NaiveDate,
    /// By name.
    data: Vec<CalendarPerson>,
    /// The holidays of the span, wherever they count.
    holidays: Vec<Holiday>,
    pagination: Pagination,
}

/// The plans of all people one leads, day by day in numbers: for a supervisor's calendar. `search` looks at names.
#[utoipa::path(
    get,
    path = "/routes/calendar",
    tag = "routes",
    operation_id = "getRouteCalendar",
    params(PageQuery, CalendarQuery),
    responses(
        (status = 200, description = "A page of people with their days", body = Calendar),
        (status = 400, description = "A parameter is not valid", body = Problem),
        (status = 401, description = "Not signed in", body = Problem),
    )
)]
pub async fn plan_calendar(
    State(app): State<App>,
    caller: Caller,
    Query(page): Query<PageQuery>,
    Query(query): Query<CalendarQuery>,
) -> ApiResult<Json<Calendar>> {
    let page = page.checked()?;
    let (from, to) = span(("from", query.from), ("to", query.to), LONGEST)?;
    let mut tx = app.db.read(caller.context()).await?;
    let (people, total) = store::list_walkers(&mut tx, caller.scope(), query.unit_id, &page).await?;
    let users: Vec<UserId> = people.iter().map(|(user, _)| *user).collect();
    let ids: Vec<uuid::Uuid> = users.iter().map(|user| user.uuid()).collect();
    let plans = plan::plans(&mut tx, &users, from, to).await?;
    let visited = store::count_visited(&mut tx, &ids, from, to).await?;
    let leaves = store::list_approved_leaves(&mut tx, &ids, from, to).await?;
    let holidays = store::list_holidays(&mut tx, from, to).await?;

    let visited: HashMap<(UserId, NaiveDate), i64> =
        visited.into_iter().map(|(user, day, count)| ((user, day), count)).collect();
    // Those without a route are on leave too.
    let mut away = HashSet::new();
    for (user, first, last) in leaves {
        away.extend(
            first.max(from).iter_days().take_while(|day| *day <= last.min(to)).map(|day| (user, day)),
        );
    }
    let mut days: HashMap<UserId, Vec<CalendarDay>> = HashMap::new();
    for plan in plans {
        let stood_in =
            plan.routes.iter().filter(|route| route.stands_in).map(|route| route.stops.len()).sum();
        days.entry(plan.user).or_default().push(CalendarDay {
            date: plan.date,
            routes: plan.routes.len(),
            planned: plan.stops().count(),
            moved: plan.stops().filter(|stop| stop.moved_from.is_some()).count(),
            stood_in,
            visited: visited.get(&(plan.user, plan.date)).copied().unwrap_or_default(),
            on_leave: away.contains(&(plan.user, plan.date)),
            uncovered: plan.uncovered,
            holiday: plan.holiday,
        });
    }
    let data = people
        .into_iter()
        .map(|(user_id, full_name)| CalendarPerson {
            user_id,
            full_name,
            days: days.remove(&user_id).unwrap_or_default(),
        })
        .collect();
    Ok(Json(Calendar { from, to, data, holidays, pagination: page.of(total) }))
}
