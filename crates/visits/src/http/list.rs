use axum::Json;
use axum::extract::State;
use chrono::NaiveDate;
use domain::{CustomerId, UserId};
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
        search: page.search.clone(),
    };
    let mut tx = app.db.read(caller.context()).await?;
    let (data, total) = store::list_visits(&mut tx, caller.scope(), &filter, &page).await?;
    Ok(Json(VisitList { data, pagination: page.of(total) }))
}
