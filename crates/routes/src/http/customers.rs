use axum::Json;
use axum::extract::State;
use domain::permission::RoutesManage;
use domain::route::{Cadence, Frequency, Rhythm, Weekdays};
use domain::{CustomerId, RouteId};
use platform::{ApiError, ApiResult, App, Authorized, Caller, Command, Path, Problem, transaction};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::model::NewStop;
use crate::store::RouteCustomer;
use crate::{service, store};

/// The longest route.
const MAX_CUSTOMERS: usize = 1000;

/// An outlet on a route.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct RouteCustomerView {
    customer_id: CustomerId,
    customer_code: String,
    name: String,
    address: String,
    latitude: Option<f64>,
    longitude: Option<f64>,
    /// pending, active or inactive; only active outlets are planned.
    status: String,
    /// Its place in the route's order, from 1.
    sequence: i32,
    /// `F1` (`F1.2`, `F1.3`, `F1.4` in another week), `F2` (`F2.2` in the even weeks), `F4`, `F8`, `F12`, `F24`, or the
    /// weeks, such as `[1, 3]`.
    frequency: Cadence,
    /// The ISO weekdays chosen for it among the route's; null where the frequency decides.
    weekdays: Option<Weekdays>,
}

/// The outlets of a route in order.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct RouteCustomerList {
    data: Vec<RouteCustomerView>,
    /// The route's version, to change them.
    version: i64,
}

impl RouteCustomerList {
    fn of(customers: Vec<RouteCustomer>, version: i64) -> Self {
        let data = customers
            .into_iter()
            .map(|c| RouteCustomerView {
                customer_id: c.id,
                customer_code: c.code,
                name: c.name,
                address: c.address,
                latitude: c.latitude,
                longitude: c.longitude,
                status: c.status,
                sequence: c.sequence,
                frequency: c.rhythm.cadence,
                weekdays: c.rhythm.days,
            })
            .collect();
        RouteCustomerList { data, version }
    }
}

/// The outlets of a route in order.
#[utoipa::path(
    get,
    path = "/routes/{id}/customers",
    tag = "routes",
    operation_id = "listRouteCustomers",
    params(("id" = RouteId, Path, description = "The route")),
    responses(
        (status = 200, description = "The outlets in order", body = RouteCustomerList),
        (status = 401, description = "Not signed in", body = Problem),
        (status = 404, description = "No such route", body = Problem),
    )
)]
pub async fn list_route_customers(
    State(app): State<App>,
    caller: Caller,
    Path(id): Path<RouteId>,
) -> ApiResult<Json<RouteCustomerList>> {
    let mut tx = app.db.lookup(caller.context()).await?;
    let (version, customers) =
        store::find_stops(&mut tx, caller.scope(), id, app.today()).await?.ok_or_else(ApiError::not_found)?;
    Ok(Json(RouteCustomerList::of(customers, version)))
}

/// The outlets as they shall be.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct UpdateRouteCustomers {
    /// The route's version the change was made on; without it nobody else's change is looked for.
    version: Option<i64>,
    /// All outlets of the route.
    #[schema(max_items = 1000)]
    customers: Vec<RouteCustomerInput>,
}

/// One outlet to put on the route.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct RouteCustomerInput {
    customer_id: CustomerId,
    /// Its place in the order; its place in this list when absent.
    #[schema(minimum = 1, maximum = 100_000)]
    sequence: Option<i32>,
    /// `F1` (`F1.2`, `F1.3`, `F1.4` in another week), `F2` (`F2.2` in the even weeks), `F4` (when absent), `F8`, `F12`,
    /// `F24`, or the weeks, such as `[1, 3]`.
    frequency: Option<Cadence>,
    /// Which of the route's weekdays, as many as the frequency has visits a week. Without them F8, F12 and F24 are spread
    /// evenly over the route's, and the others are due on each of them.
    weekdays: Option<Weekdays>,
}

/// Puts these outlets in the place of those the route has.
#[utoipa::path(
    put,
    path = "/routes/{id}/customers",
    tag = "routes",
    operation_id = "updateRouteCustomers",
    params(("id" = RouteId, Path, description = "The route")),
    request_body = UpdateRouteCustomers,
    responses(
        (status = 200, description = "The outlets in order", body = RouteCustomerList),
        (status = 400, description = "A field is not valid", body = Problem),
        (status = 401, description = "Not signed in", body = Problem),
        (status = 403, description = "Not allowed to manage routes", body = Problem),
        (status = 404, description = "No such route, or an outlet the distributor doesn't have", body = Problem),
        (status = 412, description = "Somebody else changed it meanwhile", body = Problem),
    )
)]
pub async fn update_route_customers(
    State(app): State<App>,
    caller: Authorized<RoutesManage>,
    Path(id): Path<RouteId>,
    cmd: Command<UpdateRouteCustomers>,
) -> ApiResult<Json<RouteCustomerList>> {
    let stops = checked(&cmd.body.customers)?;
    let (customers, version) = transaction!(app.db, caller.context(), "routes.update_customers", |tx| {
        service::update_customers(tx, &app, &caller, id, cmd.body.version, &stops).await
    })?;
    Ok(Json(RouteCustomerList::of(customers, version)))
}

fn checked(customers: &[RouteCustomerInput]) -> ApiResult<Vec<NewStop>> {
    if customers.len() > MAX_CUSTOMERS {
        return Err(ApiError::invalid_field("customers", "Tối đa 1000 khách hàng", "At most 1000 customers"));
    }
    let mut seen = std::collections::HashSet::new();
    let mut stops = Vec::with_capacity(customers.len());
    for (place, customer) in (1_i32..).zip(customers) {
        let at = format!("customers[{}]", place - 1);
        if !seen.insert(customer.customer_id) {
            return Err(ApiError::invalid_field(
                &format!("{at}.customerId"),
                "Khách hàng bị lặp lại",
                "The customer comes twice",
            ));
        }
        let sequence = customer.sequence.unwrap_or(place);
        if !(1..=100_000).contains(&sequence) {
            return Err(ApiError::invalid_field(
                &format!("{at}.sequence"),
                "Phải từ 1 đến 100000",
                "Must be 1 to 100000",
            ));
        }
        stops.push(NewStop {
            customer: customer.customer_id,
            sequence,
            rhythm: Rhythm {
                cadence: customer.frequency.clone().unwrap_or(Cadence::Frequency(Frequency::F4)),
                days: customer.weekdays.clone(),
            },
        });
    }
    Ok(stops)
}
