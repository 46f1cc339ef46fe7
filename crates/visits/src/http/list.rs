use axum::Json;
use axum::extract::State;
use chrono::NaiveDate;
use domain::visit::{VisitResult, VisitType};
use domain::{CustomerId, RouteId, UserId};
use platform::{ApiResult, App, Caller, PageQuery, Pagination, Problem, Query};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use crate::model::{self, Visit};
use crate::store::{self, VisitFilter};

/// Narrows the list. `search` looks at the outlet.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(rename_all = "camelCase")]
#[into_params(parameter_in = Query, rename_all = "camelCase")]
pub struct VisitQuery {
    /// Visits of this day.
    date: Option<NaiveDate>,
    /// Visits of this day or later.
    from: Option<NaiveDate>,
    /// Visits of this day or earlier.
    to: Option<NaiveDate>,
    /// Visits of this person.
    user_id: Option<UserId>,
    /// Visits at this outlet.
    customer_id: Option<CustomerId>,
    /// Visits in this route's plan.
    route_id: Option<RouteId>,
    /// Visits in the day's plan, or off it.
    visit_type: Option<VisitType>,
    /// Visits that ended so.
    visit_result: Option<VisitResult>,
    /// Visits that went as they should, or did not.
    compliant: Option<bool>,
    /// Visits from too far away, or not.
    out_of_range: Option<bool>,
    /// Visits that go on, or have ended.
    open: Option<bool>,
    /// Visits with something that a person should look at, or without.
    flagged: Option<bool>,
}

/// A page of visits.
#[derive(Debug, Serialize, ToSchema)]
pub struct VisitList {
    data: Vec<Visit>,
    pagination: Pagination,
}

/// The visits one may see, the latest first: reps their own, supervisors and managers those of their units.
#[utoipa::path(
    get,
    path = "/visits",
    tag = "visits",
    operation_id = "listVisits",
    params(PageQuery, VisitQuery),
    responses(
        (status = 200, description = "A page of visits", body = VisitList),
        (status = 400, description = "A parameter is not valid", body = Problem),
        (status = 401, description = "Not signed in", body = Problem),
    )
)]
pub async fn list_visits(
    State(app): State<App>,
    caller: Caller,
    Query(page): Query<PageQuery>,
    Query(query): Query<VisitQuery>,
) -> ApiResult<Json<VisitList>> {
    let page = page.checked()?;
    let checked = |field, date: Option<NaiveDate>| date.map(|d| model::day(field, d)).transpose();
    let date = checked("date", query.date)?;
    let filter = VisitFilter {
        id: None,
        from: date.or(checked("from", query.from)?),
        to: date.or(checked("to", query.to)?),
        user: query.user_id,
        customer: query.customer_id,
        route: query.route_id,
        visit_type: query.visit_type,
        result: query.visit_result,
        compliant: query.compliant,
        out_of_range: query.out_of_range,
        open: query.open,
        flagged: query.flagged,
        search: page.search.clone(),
    };
    let mut tx = app.db.read(caller.context()).await?;
    let (data, total) = store::list_visits(&mut tx, caller.scope(), &filter, &page).await?;
    Ok(Json(VisitList { data, pagination: page.of(total) }))
}
