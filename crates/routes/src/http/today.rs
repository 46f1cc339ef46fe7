use std::collections::HashMap;

use axum::Json;
use axum::extract::State;
use chrono::NaiveDate;
use domain::attendance::HalfDay;
use domain::{CustomerId, DistributorId, RouteId, UserId, VisitId};
use platform::{ApiError, ApiResult, App, Caller, Problem, Query};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::day;
use crate::store::PlannedOutlet;
use crate::{plan, store};

/// Which day's plan, and whose.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(rename_all = "camelCase")]
#[into_params(parameter_in = Query, rename_all = "camelCase")]
pub struct TodayQuery {
    /// The day; today when absent.
    date: Option<NaiveDate>,
    /// The rep, for those who lead them; the caller when absent.
    user_id: Option<UserId>,
}

/// A route of the day.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct TodayRoute {
    route_id: RouteId,
    route_code: String,
    name: String,
    distributor_id: DistributorId,
    /// Which of its weeks the day is in, 1 to 5.
    week: Option<u8>,
    /// The rep walks it in another's place.
    stands_in: bool,
}

/// Whether the rep was there today.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub enum VisitState {
    /// Not yet.
    NotVisited,
    /// Checked in, not yet out.
    InProgress,
    /// Checked out.
    Visited,
}

/// An outlet of the day's plan.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct TodayCustomer {
    customer_id: CustomerId,
    customer_code: String,
    name: String,
    phone: String,
    contact_person: String,
    address: String,
    latitude: Option<f64>,
    longitude: Option<f64>,
    route_id: RouteId,
    /// Its place in the day's order.
    visit_order: i32,
    /// The holiday on which it was due; null when it is due on the day itself.
    moved_from: Option<NaiveDate>,
    last_visit_date: Option<NaiveDate>,
    last_order_date: Option<NaiveDate>,
    /// What it owes, in đồng.
    current_balance: i64,
    visit_state: VisitState,
    /// The rep's visit of the day, the latest.
    visit_id: Option<VisitId>,
}

/// The day in numbers.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct TodaySummary {
    /// Outlets in the plan.
    total_customers: usize,
    /// Those of them that were visited.
    visited_today: usize,
    /// Orders the rep took, at whatever outlet.
    orders_today: i64,
}

/// A day's plan.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct Today {
    date: NaiveDate,
    /// A holiday where the rep's routes are.
    holiday: bool,
    /// The rep is on leave.
    on_leave: bool,
    /// The rep is on leave for this half of the day: the plan is that of the whole day, and what can't be done waits.
    half_leave: Option<HalfDay>,
    /// The first of the day's routes; none on a day without.
    route: Option<TodayRoute>,
    /// All of them.
    routes: Vec<TodayRoute>,
    /// The outlets that are due, in order.
    customers: Vec<TodayCustomer>,
    summary: TodaySummary,
}

/// The outlets due on a day on the routes that the rep walks that day.
#[utoipa::path(
    get,
    path = "/routes/today",
    tag = "routes",
    operation_id = "getTodayRoute",
    params(TodayQuery),
    responses(
        (status = 200, description = "The day's plan", body = Today),
        (status = 400, description = "A parameter is not valid", body = Problem),
        (status = 401, description = "Not signed in", body = Problem),
        (status = 404, description = "No such rep", body = Problem),
    )
)]
pub async fn today_route(
    State(app): State<App>,
    caller: Caller,
    Query(query): Query<TodayQuery>,
) -> ApiResult<Json<Today>> {
    let date = day("date", query.date.unwrap_or_else(|| app.today()))?;
    let user = query.user_id.unwrap_or(caller.user_id);
    let mut tx = app.db.lookup(caller.context()).await?;
    if user != caller.user_id {
        store::find_walker(&mut tx, caller.scope(), user).await?.ok_or_else(ApiError::not_found)?;
    }
    let plan = plan::day_plan(&mut tx, user, date).await?;
    let ids: Vec<uuid::Uuid> = plan.stops().map(|stop| stop.customer.uuid()).collect();
    let (holiday, on_leave, routes) = (plan.holiday, plan.on_leave, plan.routes);
    let outlets = store::planned_outlets(&mut tx, user, date, &ids).await?;
    let orders_today = store::count_orders(&mut tx, user, date).await?;
    let (_, half_leave) = store::find_approved_leave(&mut tx, user, date).await?;

    let mut outlets: HashMap<CustomerId, PlannedOutlet> = outlets.into_iter().map(|o| (o.id, o)).collect();
    let mut customers = Vec::with_capacity(ids.len());
    // A second route goes on counting where the first one ends.
    let mut before: i32 = 0;
    for route in &routes {
        let mut last = before;
        for stop in &route.stops {
            let Some(outlet) = outlets.remove(&stop.customer) else { continue };
            let order = before.saturating_add(stop.sequence);
            last = last.max(order);
            customers.push(view(route.id, order, stop.moved_from, outlet));
        }
        before = last;
    }
    let routes: Vec<TodayRoute> = routes
        .into_iter()
        .map(|r| TodayRoute {
            route_id: r.id,
            route_code: r.code,
            name: r.name,
            distributor_id: r.distributor,
            week: r.week,
            stands_in: r.stands_in,
        })
        .collect();
    let summary = TodaySummary {
        total_customers: customers.len(),
        visited_today: customers.iter().filter(|c| c.visit_state == VisitState::Visited).count(),
        orders_today,
    };
    let route = routes.first().cloned();
    Ok(Json(Today { date, holiday, on_leave, half_leave, route, routes, customers, summary }))
}

fn view(
    route: RouteId,
    visit_order: i32,
    moved_from: Option<NaiveDate>,
    outlet: PlannedOutlet,
) -> TodayCustomer {
    let visit_state = match (outlet.visit, outlet.visit_is_open) {
        (None, _) => VisitState::NotVisited,
        (Some(_), Some(true)) => VisitState::InProgress,
        (Some(_), _) => VisitState::Visited,
    };
    TodayCustomer {
        customer_id: outlet.id,
        customer_code: outlet.code,
        name: outlet.name,
        phone: outlet.phone,
        contact_person: outlet.contact_person,
        address: outlet.address,
        latitude: outlet.latitude,
        longitude: outlet.longitude,
        route_id: route,
        visit_order,
        moved_from,
        last_visit_date: outlet.last_visit,
        last_order_date: outlet.last_order,
        current_balance: outlet.balance,
        visit_state,
        visit_id: outlet.visit.map(VisitId::new),
    }
}
