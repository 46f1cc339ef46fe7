use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use chrono::NaiveDate;
use domain::permission::RoutesManage;
use domain::route::{Schedule, Weekdays};
use domain::{DistributorId, OrgUnitId, RouteId, UserId};
use platform::{ApiError, ApiResult, App, Authorized, Command, Problem, transaction_once};
use serde::Deserialize;
use utoipa::ToSchema;

use super::{day, text};
use crate::model::{NewRoute, Route, RouteStatus};
use crate::service;

/// A new route.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct CreateRoute {
    /// Made by the client, so that a repeat is known.
    id: Option<RouteId>,
    /// The distributor; needed only by those who act for several, and not when the team says it.
    distributor_id: Option<DistributorId>,
    /// Unique within the distributor.
    #[schema(min_length = 1, max_length = 50)]
    route_code: String,
    /// What people call it.
    #[schema(min_length = 1, max_length = 300)]
    name: String,
    /// The team whose route it is; without it the rep's, or the caller's own.
    unit_id: Option<OrgUnitId>,
    /// ISO weekdays, 1 = Monday … 7 = Sunday.
    weekdays: Weekdays,
    /// Weeks are counted from here.
    start_date: NaiveDate,
    /// The rep who walks it from the start date on.
    rep_id: Option<UserId>,
}

/// Makes a route.
#[utoipa::path(
    post,
    path = "/routes",
    tag = "routes",
    operation_id = "createRoute",
    request_body = CreateRoute,
    responses(
        (status = 201, description = "The route", body = Route),
        (status = 400, description = "A field is not valid", body = Problem),
        (status = 401, description = "Not signed in", body = Problem),
        (status = 403, description = "Not allowed to manage routes", body = Problem),
        (status = 404, description = "The distributor, team or rep is not the caller's", body = Problem),
        (status = 409, description = "The code is taken", body = Problem),
        (status = 422, description = "The user can't walk the route", body = Problem),
    )
)]
pub async fn create_route(
    State(app): State<App>,
    caller: Authorized<RoutesManage>,
    cmd: Command<CreateRoute>,
) -> ApiResult<(StatusCode, Json<Route>)> {
    let body = &cmd.body;
    let route = NewRoute {
        code: text("routeCode", &body.route_code, 50)?,
        name: text("name", &body.name, 300)?,
        unit: body.unit_id,
        schedule: schedule(&body.weekdays, body.start_date)?,
        status: RouteStatus::Active,
    };
    let id = body.id.unwrap_or_else(|| RouteId::new(uuid::Uuid::now_v7()));
    let made = transaction_once!(
        app,
        caller.context(),
        cmd.once(body.id.map(RouteId::uuid)),
        "routes.create",
        |tx| {
            service::create(tx, &app, &caller, id, body.distributor_id, route.clone(), body.rep_id).await
        }
    )?;
    app.wake.now();
    Ok((StatusCode::CREATED, Json(made)))
}

/// A route runs on at least one day.
pub(super) fn schedule(weekdays: &Weekdays, start_date: NaiveDate) -> ApiResult<Schedule> {
    if weekdays.iter().next().is_none() {
        return Err(ApiError::invalid_field(
            "weekdays",
            "Chọn ít nhất một ngày trong tuần",
            "Choose at least one day",
        ));
    }
    Ok(Schedule { start_date: day("startDate", start_date)?, weekdays: weekdays.clone() })
}
