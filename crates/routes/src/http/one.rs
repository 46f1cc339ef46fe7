use axum::Json;
use axum::extract::State;
use chrono::NaiveDate;
use domain::permission::RoutesManage;
use domain::route::Weekdays;
use domain::{OrgUnitId, RouteId};
use platform::{ApiError, ApiResult, App, Authorized, Caller, Command, Path, Problem, transaction};
use serde::Deserialize;
use utoipa::ToSchema;

use super::create::schedule;
use super::text;
use crate::model::{NewRoute, Route, RouteStatus};
use crate::{service, store};

/// One route.
#[utoipa::path(
    get,
    path = "/routes/{id}",
    tag = "routes",
    operation_id = "getRoute",
    params(("id" = RouteId, Path, description = "The route")),
    responses(
        (status = 200, description = "The route", body = Route),
        (status = 401, description = "Not signed in", body = Problem),
        (status = 404, description = "No such route", body = Problem),
    )
)]
pub async fn get_route(
    State(app): State<App>,
    caller: Caller,
    Path(id): Path<RouteId>,
) -> ApiResult<Json<Route>> {
    let mut tx = app.db.read(caller.context()).await?;
    let route = store::find_route(&mut tx, caller.scope(), id, app.today()).await?;
    route.map(Json).ok_or_else(ApiError::not_found)
}

/// The route's data as it shall be.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct UpdateRoute {
    /// The version the change was made on.
    version: i64,
    /// Unique within the distributor.
    #[schema(min_length = 1, max_length = 50)]
    route_code: String,
    /// What people call it.
    #[schema(min_length = 1, max_length = 300)]
    name: String,
    /// The team whose route it is; it stays when absent.
    unit_id: Option<OrgUnitId>,
    /// ISO weekdays, 1 = Monday … 7 = Sunday.
    weekdays: Weekdays,
    /// Weeks are counted from here.
    start_date: NaiveDate,
    /// Walked or resting.
    status: RouteStatus,
}

/// Changes a route.
#[utoipa::path(
    put,
    path = "/routes/{id}",
    tag = "routes",
    operation_id = "updateRoute",
    params(("id" = RouteId, Path, description = "The route")),
    request_body = UpdateRoute,
    responses(
        (status = 200, description = "The route as it is now", body = Route),
        (status = 400, description = "A field is not valid", body = Problem),
        (status = 401, description = "Not signed in", body = Problem),
        (status = 403, description = "Not allowed to manage routes", body = Problem),
        (status = 404, description = "No such route or team", body = Problem),
        (status = 409, description = "The code is taken", body = Problem),
        (status = 412, description = "Somebody else changed it meanwhile", body = Problem),
    )
)]
pub async fn update_route(
    State(app): State<App>,
    caller: Authorized<RoutesManage>,
    Path(id): Path<RouteId>,
    cmd: Command<UpdateRoute>,
) -> ApiResult<Json<Route>> {
    let body = &cmd.body;
    let route = NewRoute {
        code: text("routeCode", &body.route_code, 50)?,
        name: text("name", &body.name, 300)?,
        unit: body.unit_id,
        schedule: schedule(&body.weekdays, body.start_date)?,
        status: body.status,
    };
    let changed = transaction!(app.db, caller.context(), "routes.update", |tx| {
        service::update(tx, &app, &caller, id, body.version, route.clone()).await
    })?;
    Ok(Json(changed))
}
