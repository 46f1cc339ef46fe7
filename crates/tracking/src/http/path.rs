use axum::Json;
use axum::extract::State;
use chrono::{DateTime, Datelike as _, NaiveDate, Utc};
use domain::permission::TrackingView;
use domain::{Coordinates, CustomerId, UserId, VisitId, business_day};
use platform::{ApiError, ApiResult, App, Authorized, Path, Problem, Query};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use crate::store::{self, PathRow};

/// Points a path: one every 5 seconds of 8 hours.
const MAX_POINTS: i64 = 6000;

/// Which day.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct PathQuery {
    /// Today when absent.
    date: Option<NaiveDate>,
}

/// A position of the day.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct PathPoint {
    at: DateTime<Utc>,
    latitude: f64,
    longitude: f64,
    accuracy: Option<f32>,
    speed: Option<f32>,
    bearing: Option<f32>,
    battery: Option<i16>,
    activity: Option<String>,
    mock: bool,
}

/// A visit of the day, where the person checked in.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct PathVisit {
    visit_id: VisitId,
    customer_id: CustomerId,
    customer_name: String,
    latitude: f64,
    longitude: f64,
    check_in_time: DateTime<Utc>,
    check_out_time: Option<DateTime<Utc>>,
    visit_result: Option<String>,
    out_of_range: bool,
}

/// Where somebody was on a day.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct DayPath {
    user_id: UserId,
    full_name: String,
    date: NaiveDate,
    /// In order.
    points: Vec<PathPoint>,
    /// Whether there are more points than these.
    truncated: bool,
    /// In order.
    visits: Vec<PathVisit>,
    /// The way from point to point over the ground.
    distance_metres: u64,
}

/// A person's positions and visits of a day.
#[utoipa::path(
    get,
    path = "/tracking/{userId}/path",
    tag = "tracking",
    operation_id = "getDayPath",
    params(("userId" = UserId, Path, description = "The person"), PathQuery),
    responses(
        (status = 200, description = "The day's path", body = DayPath),
        (status = 400, description = "A parameter is not valid", body = Problem),
        (status = 401, description = "Not signed in", body = Problem),
        (status = 403, description = "Not allowed to follow the field", body = Problem),
        (status = 404, description = "No such person", body = Problem),
    )
)]
pub async fn path(
    State(app): State<App>,
    caller: Authorized<TrackingView>,
    Path(user_id): Path<UserId>,
    Query(query): Query<PathQuery>,
) -> ApiResult<Json<DayPath>> {
    let date = query.date.unwrap_or_else(|| app.today());
    if !(2000..=2100).contains(&date.year()) {
        return Err(ApiError::invalid_field(
            "date",
            "Phải từ năm 2000 đến 2100",
            "Must be in the years 2000 to 2100",
        ));
    }
    let mut tx = app.db.read(caller.context()).await?;
    let full_name =
        store::find_person(&mut tx, caller.scope(), user_id).await?.ok_or_else(ApiError::not_found)?;
    let span = business_day::day_instants(date);
    let mut points = store::list_points(&mut tx, user_id, &span, MAX_POINTS + 1).await?;
    let visits = store::list_visits(&mut tx, user_id, date).await?;
    let most = usize::try_from(MAX_POINTS).map_err(ApiError::internal)?;
    let truncated = points.len() > most;
    points.truncate(most);
    Ok(Json(DayPath {
        user_id,
        full_name,
        date,
        distance_metres: length(&points),
        points: points.into_iter().map(point).collect(),
        truncated,
        visits: visits
            .into_iter()
            .map(|v| PathVisit {
                visit_id: v.id,
                customer_id: v.customer,
                customer_name: v.customer_name,
                latitude: v.latitude,
                longitude: v.longitude,
                check_in_time: v.check_in_at,
                check_out_time: v.check_out_at,
                visit_result: v.result,
                out_of_range: v.out_of_range,
            })
            .collect(),
    }))
}

fn point(row: PathRow) -> PathPoint {
    PathPoint {
        at: row.at,
        latitude: row.latitude,
        longitude: row.longitude,
        accuracy: row.accuracy,
        speed: row.speed,
        bearing: row.bearing,
        battery: row.battery,
        activity: row.activity,
        mock: row.mock,
    }
}

fn length(points: &[PathRow]) -> u64 {
    let places: Vec<Coordinates> =
        points.iter().filter_map(|p| Coordinates::new(p.latitude, p.longitude).ok()).collect();
    let metres: f64 = places.windows(2).map(|pair| pair[0].distance_metres(pair[1])).sum();
    metres.round() as u64
}
