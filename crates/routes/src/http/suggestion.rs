use axum::Json;
use axum::extract::State;
use domain::plan::{suggest_order, way_metres};
use domain::{Coordinates, CustomerId, RouteId};
use platform::{ApiError, ApiResult, App, Caller, Path, Problem, Query};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use crate::store;

/// Where the way begins.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(rename_all = "camelCase")]
#[into_params(parameter_in = Query, rename_all = "camelCase")]
pub struct SuggestQuery {
    /// Where the way begins; with the first outlet when absent.
    #[param(minimum = -90, maximum = 90)]
    latitude: Option<f64>,
    /// Where the way begins; with the first outlet when absent.
    #[param(minimum = -180, maximum = 180)]
    longitude: Option<f64>,
}

/// An outlet with its suggested place.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct SuggestedStop {
    customer_id: CustomerId,
    customer_code: String,
    name: String,
    /// Its present place.
    sequence: i32,
    /// The suggested one, from 1.
    suggested_sequence: usize,
    /// Its place isn't known, so it is left to the end.
    without_location: bool,
}

/// A shorter way through a route.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = RouteOrderSuggestion)]
pub struct Suggestion {
    /// In the suggested order.
    data: Vec<SuggestedStop>,
    /// The present way in metres, as the crow flies.
    present_metres: u64,
    /// The suggested one.
    suggested_metres: u64,
}

/// Suggests an order of the route's outlets: the nearest one next. Nothing changes until it is saved with the outlets.
#[utoipa::path(
    get,
    path = "/routes/{id}/suggested-order",
    tag = "routes",
    operation_id = "suggestRouteOrder",
    params(("id" = RouteId, Path, description = "The route"), SuggestQuery),
    responses(
        (status = 200, description = "The outlets in the suggested order", body = Suggestion),
        (status = 400, description = "A parameter is not valid", body = Problem),
        (status = 401, description = "Not signed in", body = Problem),
        (status = 404, description = "No such route", body = Problem),
    )
)]
pub async fn suggest_route_order(
    State(app): State<App>,
    caller: Caller,
    Path(id): Path<RouteId>,
    Query(query): Query<SuggestQuery>,
) -> ApiResult<Json<Suggestion>> {
    let start = match (query.latitude, query.longitude) {
        (None, None) => None,
        (latitude, longitude) => {
            Some(Coordinates::new(latitude.unwrap_or(f64::NAN), longitude.unwrap_or(f64::NAN)).map_err(
                |_| ApiError::invalid_field("latitude", "Tọa độ không hợp lệ", "Not a coordinate"),
            )?)
        }
    };
    let mut tx = app.db.lookup(caller.context()).await?;
    let route =
        store::find_route(&mut tx, caller.scope(), id, app.today()).await?.ok_or_else(ApiError::not_found)?;
    let stops = store::list_route_customers(&mut tx, route.distributor_id, id).await?;
    let place = |stop: &store::RouteCustomer| Coordinates::new(stop.latitude?, stop.longitude?).ok();
    let places: Vec<Option<Coordinates>> = stops.iter().map(place).collect();
    let order = suggest_order(start, &places);
    let suggested = order.iter().filter_map(|at| places.get(*at).copied());
    let suggested_metres = metres(way_metres(start, suggested));
    let data = (1..)
        .zip(&order)
        .filter_map(|(suggested_sequence, at)| {
            let stop = stops.get(*at)?;
            Some(SuggestedStop {
                customer_id: stop.id,
                customer_code: stop.code.clone(),
                name: stop.name.clone(),
                sequence: stop.sequence,
                suggested_sequence,
                without_location: stop.latitude.is_none(),
            })
        })
        .collect();
    let present_metres = metres(way_metres(start, places));
    Ok(Json(Suggestion { data, present_metres, suggested_metres }))
}

/// Ways over the ground are some thousand kilometres at most.
fn metres(way: f64) -> u64 {
    way.round() as u64
}
