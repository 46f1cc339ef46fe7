use axum::Json;
use axum::extract::State;
use domain::{CustomerId, OrgUnitId, UserId};
use platform::{ApiResult, App, Caller, PageQuery, Pagination, Problem, Query};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use crate::model::{Route, RouteStatus};
use crate::store;

/// Narrows the list.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(rename_all = "camelCase")]
#[into_params(parameter_in = Query, rename_all = "camelCase")]
pub struct RouteQuery {
    /// Routes that this rep walks today.
    rep_id: Option<UserId>,
    /// Routes of this team.
    unit_id: Option<OrgUnitId>,
    /// Walked or resting.
    status: Option<RouteStatus>,
    /// Routes with this outlet.
    customer_id: Option<CustomerId>,
}

/// A page of routes.
#[derive(Debug, Serialize, ToSchema)]
pub struct RouteList {
    data: Vec<Route>,
    pagination: Pagination,
}

/// The routes one may see: reps their own, supervisors and managers those of their units.
#[utoipa::path(
    get,
    path = "/routes",
    tag = "routes",
    operation_id = "listRoutes",
    params(PageQuery, RouteQuery),
    responses(
        (status = 200, description = "A page of routes, by code", body = RouteList),
        (status = 400, description = "A parameter is not valid", body = Problem),
        (status = 401, description = "Not signed in", body = Problem),
    )
)]
pub async fn list_routes(
    State(app): State<App>,
    caller: Caller,
    Query(page): Query<PageQuery>,
    Query(query): Query<RouteQuery>,
) -> ApiResult<Json<RouteList>> {
    let page = page.checked()?;
    let filter = store::RouteFilter {
        rep: query.rep_id,
        unit: query.unit_id,
        status: query.status,
        customer: query.customer_id,
    };
    let mut tx = app.db.read(caller.context()).await?;
    let (data, total) = store::list_routes(&mut tx, caller.scope(), &filter, app.today(), &page).await?;
    Ok(Json(RouteList { data, pagination: page.of(total) }))
}
