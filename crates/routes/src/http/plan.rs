use std::collections::HashMap;

use axum::Json;
use axum::extract::State;
use chrono::NaiveDate;
use domain::attendance::HalfDay;
use domain::{CustomerId, DistributorId, RouteId, UserId};
use platform::{ApiError, ApiResult, App, Caller, Problem, Query};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::day;
use crate::{plan, store};

/// Which day's plan, and whose.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(rename_all = "camelCase")]
#[into_params(parameter_in = Query, rename_all = "camelCase")]
pub struct PlanQuery {
    /// The day, past or to come; today when absent.
    date: Option<NaiveDate>,
    /// The rep, for those who lead them; the caller when absent.
    user_id: Option<UserId>,
}

/// A route of the plan.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct PlanRoute {
    route_id: RouteId,
    route_code: String,
    name: String,
    distributor_id: DistributorId,
    /// Which of its weeks the day is in, 1 to 5.
    week: Option<u8>,
    /// The rep walks it in another's place.
    stands_in: bool,
    /// Who has the route that day, when the rep stands in for somebody.
    stands_in_for: Option<UserId>,
}

/// An outlet of the plan.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct PlanCustomer {
    customer_id: CustomerId,
    customer_code: String,
    name: String,
    address: String,
    latitude: Option<f64>,
    longitude: Option<f64>,
    route_id: RouteId,
    /// Its place in the route's order.
    sequence: i32,
    /// The holiday on which it was due; null when it is due on the day itself.
    moved_from: Option<NaiveDate>,
}

/// What a rep has to do on a day.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = RoutePlan)]
pub struct Plan {
    date: NaiveDate,
    user_id: UserId,
    full_name: String,
    /// The name of the holiday, on one.
    holiday: Option<String>,
    /// The rep is on leave.
    on_leave: bool,
    /// The rep is on leave for this half of the day: the plan is that of the whole day, and what can't be done waits.
    half_leave: Option<HalfDay>,
    routes: Vec<PlanRoute>,
    /// The outlets due, in order.
    customers: Vec<PlanCustomer>,
    /// Outlets due on the rep's routes while the rep is on leave and nobody stands in.
    uncovered: usize,
}

/// The plan of any day: routes of the rep or of those the rep stands in for, outlets due in that week, less holidays and
/// leave.
#[utoipa::path(
    get,
    path = "/routes/plan",
    tag = "routes",
    operation_id = "getRoutePlan",
    params(PlanQuery),
    responses(
        (status = 200, description = "The day's plan", body = Plan),
        (status = 400, description = "A parameter is not valid", body = Problem),
        (status = 401, description = "Not signed in", body = Problem),
        (status = 404, description = "No such rep", body = Problem),
    )
)]
pub async fn plan_route(
    State(app): State<App>,
    caller: Caller,
    Query(query): Query<PlanQuery>,
) -> ApiResult<Json<Plan>> {
    let date = day("date", query.date.unwrap_or_else(|| app.today()))?;
    let user = query.user_id.unwrap_or(caller.user_id);
    let mut tx = app.db.lookup(caller.context()).await?;
    let person = store::find_walker(&mut tx, caller.scope(), user).await?.ok_or_else(ApiError::not_found)?;
    let plan = plan::day_plan(&mut tx, user, date).await?;
    let distributor = plan.routes.first().map(|route| route.distributor).or(person.distributor);
    let holiday = match distributor {
        Some(distributor) => store::find_holiday_name(&mut tx, distributor, date).await?,
        None => None,
    };
    let (on_leave, half_leave) = store::find_approved_leave(&mut tx, user, date).await?;
    let ids: Vec<uuid::Uuid> = plan.stops().map(|stop| stop.customer.uuid()).collect();
    let outlets = store::list_outlets(&mut tx, &ids).await?;
    let mut outlets: HashMap<CustomerId, _> = outlets.into_iter().map(|o| (o.id, o)).collect();
    let mut customers = Vec::with_capacity(ids.len());
    for route in &plan.routes {
        for stop in &route.stops {
            let Some(outlet) = outlets.remove(&stop.customer) else { continue };
            customers.push(PlanCustomer {
                customer_id: outlet.id,
                customer_code: outlet.code,
                name: outlet.name,
                address: outlet.address,
                latitude: outlet.latitude,
                longitude: outlet.longitude,
                route_id: route.id,
                sequence: stop.sequence,
                moved_from: stop.moved_from,
            });
        }
    }
    let routes = plan
        .routes
        .into_iter()
        .map(|r| PlanRoute {
            route_id: r.id,
            route_code: r.code,
            name: r.name,
            distributor_id: r.distributor,
            week: r.week,
            stands_in: r.stands_in,
            stands_in_for: r.stands_in_for,
        })
        .collect();
    Ok(Json(Plan {
        date,
        user_id: user,
        full_name: person.full_name,
        holiday,
        on_leave,
        half_leave,
        routes,
        customers,
        uncovered: plan.uncovered,
    }))
}
