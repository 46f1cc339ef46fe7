use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use chrono::NaiveDate;
use domain::permission::RoutesManage;
use domain::{RouteId, SubstitutionId, UserId};
use platform::{
    ApiError, ApiResult, App, Authorized, Caller, Command, Path, Problem, transaction, transaction_once,
};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

use super::{LONGEST_SPAN, note, span};
use crate::model::Substitution;
use crate::service::NewSubstitute;
use crate::{service, store};

/// Who stood in on a route.
#[derive(Debug, Serialize, ToSchema)]
pub struct SubstitutionList {
    /// The latest first.
    data: Vec<Substitution>,
}

/// Who stood in on the route, stands in and will.
#[utoipa::path(
    get,
    path = "/routes/{id}/substitutions",
    tag = "routes",
    operation_id = "listRouteSubstitutions",
    params(("id" = RouteId, Path, description = "The route")),
    responses(
        (status = 200, description = "All substitutions, the latest first", body = SubstitutionList),
        (status = 401, description = "Not signed in", body = Problem),
        (status = 404, description = "No such route", body = Problem),
    )
)]
pub async fn list_substitutions(
    State(app): State<App>,
    caller: Caller,
    Path(id): Path<RouteId>,
) -> ApiResult<Json<SubstitutionList>> {
    let mut tx = app.db.lookup(caller.context()).await?;
    let route =
        store::find_route(&mut tx, caller.scope(), id, app.today()).await?.ok_or_else(ApiError::not_found)?;
    let data = store::list_substitutions(&mut tx, route.distributor_id, id).await?;
    Ok(Json(SubstitutionList { data }))
}

/// Who shall walk the route for some days.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct SubstituteRequest {
    /// Made by the client, so that a repeat is known.
    id: Option<SubstitutionId>,
    /// The substitute.
    rep_id: UserId,
    /// The first day, today or later.
    first_day: NaiveDate,
    /// The last day, at most 366 days in all.
    last_day: NaiveDate,
    /// What the substitute should know.
    #[schema(max_length = 2000)]
    note: Option<String>,
}

/// Lets another rep walk the route for some days: its stops are in the substitute's plan, and its outlets in what the
/// substitute sees.
#[utoipa::path(
    post,
    path = "/routes/{id}/substitutions",
    tag = "routes",
    operation_id = "substituteRoute",
    params(("id" = RouteId, Path, description = "The route")),
    request_body = SubstituteRequest,
    responses(
        (status = 201, description = "The substitution", body = Substitution),
        (status = 400, description = "A field is not valid", body = Problem),
        (status = 401, description = "Not signed in", body = Problem),
        (status = 403, description = "Not allowed to manage routes", body = Problem),
        (status = 404, description = "No such route or rep", body = Problem),
        (status = 409, description = "Somebody else stands in on one of the days", body = Problem),
        (status = 422, description = "The substitute can't walk the route, has it already or is on leave; or the day is over", body = Problem),
    )
)]
pub async fn substitute(
    State(app): State<App>,
    caller: Authorized<RoutesManage>,
    Path(id): Path<RouteId>,
    cmd: Command<SubstituteRequest>,
) -> ApiResult<(StatusCode, Json<Substitution>)> {
    let body = &cmd.body;
    let (first, last) = span(("firstDay", body.first_day), ("lastDay", body.last_day), LONGEST_SPAN)?;
    let new = NewSubstitute {
        id: body.id.unwrap_or_else(|| SubstitutionId::new(Uuid::now_v7())),
        rep: body.rep_id,
        first,
        last,
        note: note(body.note.as_deref())?,
        leave: None,
    };
    let once = cmd.once(body.id.map(SubstitutionId::uuid));
    let made = transaction_once!(app, caller.context(), once, "routes.substitute", |tx| {
        service::substitute(tx, &app, &caller, id, &new).await
    })?;
    app.wake.now();
    Ok((StatusCode::CREATED, Json(made)))
}

/// Calls a substitution off: as a whole before it has begun, and from today on after that. Days that are over stay.
#[utoipa::path(
    delete,
    path = "/routes/{id}/substitutions/{substitutionId}",
    tag = "routes",
    operation_id = "cancelRouteSubstitution",
    params(
        ("id" = RouteId, Path, description = "The route"),
        ("substitutionId" = SubstitutionId, Path, description = "The substitution"),
    ),
    responses(
        (status = 200, description = "The substitution as it is now", body = Substitution),
        (status = 401, description = "Not signed in", body = Problem),
        (status = 403, description = "Not allowed to manage routes", body = Problem),
        (status = 404, description = "No such substitution", body = Problem),
        (status = 422, description = "It is over", body = Problem),
    )
)]
pub async fn cancel_substitution(
    State(app): State<App>,
    caller: Authorized<RoutesManage>,
    Path((route, id)): Path<(RouteId, SubstitutionId)>,
) -> ApiResult<Json<Substitution>> {
    let after = transaction!(app.db, caller.context(), "routes.cancel_substitution", |tx| {
        service::cancel_substitution(tx, &app, &caller, route, id).await
    })?;
    app.wake.now();
    Ok(Json(after))
}
