use axum::Json;
use axum::extract::State;
use chrono::NaiveDate;
use domain::permission::RoutesManage;
use domain::{RouteId, UserId};
use platform::{ApiError, ApiResult, App, Authorized, Caller, Command, Path, Problem, transaction};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{day, note};
use crate::model::Assignment;
use crate::{service, store};

/// Who walked a route, and when.
#[derive(Debug, Serialize, ToSchema)]
pub struct AssignmentList {
    /// The latest first.
    data: Vec<Assignment>,
}

/// Who walked the route and when.
#[utoipa::path(
    get,
    path = "/routes/{id}/assignment",
    tag = "routes",
    operation_id = "listRouteAssignments",
    params(("id" = RouteId, Path, description = "The route")),
    responses(
        (status = 200, description = "All assignments, the latest first", body = AssignmentList),
        (status = 401, description = "Not signed in", body = Problem),
        (status = 404, description = "No such route", body = Problem),
    )
)]
pub async fn list_assignments(
    State(app): State<App>,
    caller: Caller,
    Path(id): Path<RouteId>,
) -> ApiResult<Json<AssignmentList>> {
    let mut tx = app.db.read(caller.context()).await?;
    let route =
        store::find_route(&mut tx, caller.scope(), id, app.today()).await?.ok_or_else(ApiError::not_found)?;
    let data = store::assignments(&mut tx, route.distributor_id, id).await?;
    Ok(Json(AssignmentList { data }))
}

/// Who shall walk the route.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct AssignRoute {
    /// The rep; nobody when absent.
    rep_id: Option<UserId>,
    /// The first day; today when absent. Days that are over stay as they were.
    valid_from: Option<NaiveDate>,
    /// What the rep should know at the handover.
    #[schema(max_length = 2000)]
    note: Option<String>,
}

/// Gives the route to a rep from a day on, or takes it from all. Earlier days stay as they were.
#[utoipa::path(
    put,
    path = "/routes/{id}/assignment",
    tag = "routes",
    operation_id = "assignRoute",
    params(("id" = RouteId, Path, description = "The route")),
    request_body = AssignRoute,
    responses(
        (status = 200, description = "All assignments, the latest first", body = AssignmentList),
        (status = 400, description = "A field is not valid", body = Problem),
        (status = 401, description = "Not signed in", body = Problem),
        (status = 403, description = "Not allowed to manage routes", body = Problem),
        (status = 404, description = "No such route or rep", body = Problem),
        (status = 422, description = "The user can't walk the route, or the day is over or before the present assignment", body = Problem),
    )
)]
pub async fn assign_route(
    State(app): State<App>,
    caller: Authorized<RoutesManage>,
    Path(id): Path<RouteId>,
    cmd: Command<AssignRoute>,
) -> ApiResult<Json<AssignmentList>> {
    let from = day("validFrom", cmd.body.valid_from.unwrap_or_else(|| app.today()))?;
    let note = note(cmd.body.note.as_deref())?;
    let data = transaction!(app.db, caller.context(), "routes.assign", |tx| {
        service::assign(tx, &app, &caller, id, cmd.body.rep_id, from, &note).await
    })?;
    app.wake.now();
    Ok(Json(AssignmentList { data }))
}
