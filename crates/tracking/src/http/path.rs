use axum::Json;
use axum::extract::State;
use chrono::{DateTime, NaiveDate, NaiveTime, TimeDelta, Utc};
use domain::attendance::WorkingDay;
use domain::permission::TrackingView;
use domain::track::{self, Clocked, Day, Fix, Gap, GapCause, Heard, PhoneEvent};
use domain::{Coordinates, CustomerId, UserId, VisitId, business_day};
use platform::{ApiError, ApiResult, App, Authorized, Path, Problem, Query};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::days;
use crate::store::{self, PathRow, PathVisit as VisitRow};

/// Points that are reckoned with: one every 4 seconds of a whole day.
const MAX_READ: i64 = 21_600;
/// Points that are shown unless others are asked for.
const SHOWN: usize = 1_000;
/// Around a break between working sessions the last position may be so much older, and the next so much younger.
const AROUND_BREAK: TimeDelta = TimeDelta::minutes(15);
/// A stop this near a visit that was open then is that visit's.
const AT_OUTLET_METRES: f64 = 200.0;

/// Which day.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(rename_all = "camelCase")]
#[into_params(parameter_in = Query, rename_all = "camelCase")]
pub struct PathQuery {
    /// Today when absent.
    date: Option<NaiveDate>,
    /// At most so many points are shown, 2 to 6000; those that make the path's shape. 1000 when absent.
    #[param(minimum = 2, maximum = 6000)]
    max_points: Option<usize>,
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

/// A place where somebody stayed for 5 minutes or more.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct PathStop {
    latitude: f64,
    longitude: f64,
    from: DateTime<Utc>,
    to: DateTime<Utc>,
    seconds: i64,
    /// The visit it was for, if it was for one.
    visit_id: Option<VisitId>,
    /// The outlet of that visit.
    customer_name: Option<String>,
}

/// A time of the day in which nothing was heard of the phone, or not when it was.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct PathGap {
    from: DateTime<Utc>,
    to: DateTime<Utc>,
    cause: GapCause,
    /// When the cause began, if the phone told; for `sentLater` when the positions came.
    known_at: Option<DateTime<Utc>>,
}

/// Where somebody was on a day.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct DayPath {
    user_id: UserId,
    full_name: String,
    date: NaiveDate,
    /// In order; those that make the path's shape when there are many.
    points: Vec<PathPoint>,
    /// Positions that were heard.
    point_count: usize,
    /// Whether there are more points than could be reckoned with.
    truncated: bool,
    /// In order.
    visits: Vec<PathVisit>,
    /// In order.
    stops: Vec<PathStop>,
    /// In order.
    gaps: Vec<PathGap>,
    /// The way over the ground; what a phone wavers while it lies still, leaps nobody can make and positions that are
    /// made up don't count.
    distance_metres: u64,
}

/// A person's positions of a day, with visits, stops, and gaps and their causes.
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
    let date = *days(&app, query.date, None)
        .map_err(|_| {
            ApiError::invalid_field("date", "Phải từ năm 2000 đến 2100", "Must be in the years 2000 to 2100")
        })?
        .start();
    let shown = query.max_points.unwrap_or(SHOWN);
    if !(2..=6000).contains(&shown) {
        return Err(ApiError::invalid_field("maxPoints", "Phải từ 2 đến 6000", "Must be 2 to 6000"));
    }
    let mut tx = app.db.read(caller.context()).await?;
    let full_name =
        store::find_person(&mut tx, caller.scope(), user_id).await?.ok_or_else(ApiError::not_found)?;
    let span = business_day::day_instants(date);
    let mut points = store::list_points(&mut tx, user_id, &span, MAX_READ + 1).await?;
    let visits = store::list_visits(&mut tx, user_id, date).await?;
    let clocked = store::list_clocked(&mut tx, user_id, date).await?;
    let told = store::list_told(&mut tx, user_id, &span).await?;
    let working = store::find_working_day(&mut tx, user_id, date).await?;
    drop(tx);
    let most = usize::try_from(MAX_READ).map_err(ApiError::internal)?;
    let truncated = points.len() > most;
    points.truncate(most);
    let fixes: Vec<Fix> = points.iter().filter(|p| !p.mock).filter_map(fix).collect();
    Ok(Json(DayPath {
        user_id,
        full_name,
        date,
        distance_metres: track::length_metres(&fixes).round() as u64,
        stops: stops(&fixes, &visits),
        gaps: gaps(span.start, &working, app.now(), &points, &clocked, &told),
        point_count: points.len(),
        points: shape(points, shown),
        truncated,
        visits: visits.into_iter().map(visit).collect(),
    }))
}

fn place(row: &PathRow) -> Option<Coordinates> {
    Coordinates::new(row.latitude, row.longitude).ok()
}

fn fix(row: &PathRow) -> Option<Fix> {
    Some(Fix { at: row.at, place: place(row)?, accuracy: row.accuracy })
}

fn shape(rows: Vec<PathRow>, most: usize) -> Vec<PathPoint> {
    let places: Vec<Coordinates> = rows.iter().filter_map(place).collect();
    let kept = track::simplify(&places, most);
    kept.into_iter().filter_map(|i| rows.get(i).cloned()).map(point).collect()
}

fn stops(fixes: &[Fix], visits: &[VisitRow]) -> Vec<PathStop> {
    track::stops(fixes)
        .into_iter()
        .map(|stop| {
            let visit = visits.iter().find(|v| {
                v.check_in_at <= stop.to
                    && v.check_out_at.is_none_or(|end| end >= stop.from)
                    && Coordinates::new(v.latitude, v.longitude)
                        .is_ok_and(|there| there.distance_metres(stop.place) <= AT_OUTLET_METRES)
            });
            PathStop {
                latitude: stop.place.latitude(),
                longitude: stop.place.longitude(),
                from: stop.from,
                to: stop.to,
                seconds: (stop.to - stop.from).num_seconds(),
                visit_id: visit.map(|v| v.id),
                customer_name: visit.map(|v| v.customer_name.clone()),
            }
        })
        .collect()
}

/// The silences of the time in which something should be heard of who works; what they do in a break between the sessions
/// is their own.
fn gaps(
    midnight: DateTime<Utc>,
    working: &WorkingDay,
    now: DateTime<Utc>,
    points: &[PathRow],
    clocked: &[Clocked],
    told: &[(DateTime<Utc>, PhoneEvent)],
) -> Vec<PathGap> {
    let heard: Vec<Heard> = points
        .iter()
        .filter_map(|p| {
            Some(Heard { at: p.at, received_at: p.received_at, place: place(p)?, battery: p.battery })
        })
        .collect();
    let instant = |time: NaiveTime| midnight + time.signed_duration_since(NaiveTime::MIN);
    let sessions: Vec<_> = working.sessions().map(|s| instant(s.start)..instant(s.end)).collect();
    let begin = sessions.first().map_or(midnight, |s| s.start);
    let end = sessions.last().map_or(begin, |s| s.end);
    let in_break = |gap: &Gap| {
        sessions
            .windows(2)
            .any(|pair| gap.from >= pair[0].end - AROUND_BREAK && gap.to <= pair[1].start + AROUND_BREAK)
    };
    let known = || heard.iter().map(|h| h.at).chain(clocked.iter().map(|c| c.at));
    let window = known().min().map_or(begin, |first| first.min(begin))
        ..known().max().map_or(end, |last| last.max(end));
    track::gaps(&Day { window, now, heard: &heard, clocked, told })
        .into_iter()
        .filter(|gap| !in_break(gap))
        .map(|gap| PathGap { from: gap.from, to: gap.to, cause: gap.cause, known_at: gap.known_at })
        .collect()
}

fn visit(row: VisitRow) -> PathVisit {
    PathVisit {
        visit_id: row.id,
        customer_id: row.customer,
        customer_name: row.customer_name,
        latitude: row.latitude,
        longitude: row.longitude,
        check_in_time: row.check_in_at,
        check_out_time: row.check_out_at,
        visit_result: row.result,
        out_of_range: row.out_of_range,
    }
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
