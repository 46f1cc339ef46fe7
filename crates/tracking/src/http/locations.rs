use axum::Json;
use axum::extract::State;
use axum::http::HeaderMap;
use axum::http::header::ACCEPT_LANGUAGE;
use chrono::{DateTime, Utc};
use db::outbox::{self, Event};
use domain::permission::AttendanceClock;
use domain::{EventId, UserId};
use platform::{ApiError, ApiResult, App, Authorized, Command, Language, Problem, transaction};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

use crate::model::{Broken, Point, PointInput};
use crate::position::own_distributor;
use crate::store::{self, Owner};

/// Points a batch.
const MAX_POINTS: usize = 1000;

/// Positions of the phone, in any order.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Locations {
    /// 1 to 1000.
    #[schema(min_items = 1, max_items = 1000)]
    points: Vec<PointInput>,
}

/// A position that isn't kept; sending it again doesn't help.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct RefusedPoint {
    /// Its place in the batch, from 0.
    index: usize,
    /// The value that can't be.
    field: &'static str,
    /// Why, in the language of `Accept-Language`.
    message: &'static str,
}

/// What became of the batch.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct LocationsKept {
    /// Points that are kept now.
    accepted: i64,
    /// Points that were known already.
    duplicates: i64,
    /// Points that aren't kept.
    refused: Vec<RefusedPoint>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct LocationUpdated<'a> {
    user_id: UserId,
    full_name: &'a str,
    latitude: f64,
    longitude: f64,
    accuracy: Option<f32>,
    speed: Option<f32>,
    battery: Option<i16>,
    activity: Option<&'a str>,
    at: DateTime<Utc>,
}

/// Keeps positions of the caller's phone. Points that came before are known by their time; a broken point is named
/// and left out, the others are kept.
#[utoipa::path(
    post,
    path = "/locations",
    tag = "tracking",
    operation_id = "sendLocations",
    request_body = Locations,
    responses(
        (status = 200, description = "What became of the points", body = LocationsKept),
        (status = 400, description = "No point can be kept; each is named", body = Problem),
        (status = 401, description = "Not signed in", body = Problem),
        (status = 403, description = "Not one who works in the field", body = Problem),
    )
)]
pub async fn send_locations(
    State(app): State<App>,
    caller: Authorized<AttendanceClock>,
    headers: HeaderMap,
    cmd: Command<Locations>,
) -> ApiResult<Json<LocationsKept>> {
    let language = Language::of(headers.get(ACCEPT_LANGUAGE).and_then(|v| v.to_str().ok()));
    let (points, refused) = checked(&cmd.body.points, app.now(), language)?;
    let Some(newest) = points.iter().max_by_key(|p| p.at) else {
        return Err(ApiError::internal("a batch without points"));
    };
    let distributor = own_distributor(&caller).map_or_else(|| caller.distributor(None), Ok)?;
    let owner = Owner { distributor, user: caller.user_id, unit: caller.primary_unit };
    let inserted = transaction!(app.db, caller.context(), "tracking.send", |tx| {
        let inserted = store::insert_points(tx, owner, &points, app.now()).await?;
        if inserted.moved_on {
            let payload = LocationUpdated {
                user_id: caller.user_id,
                full_name: &caller.full_name,
                latitude: newest.place.latitude(),
                longitude: newest.place.longitude(),
                accuracy: newest.accuracy,
                speed: newest.speed,
                battery: newest.battery,
                activity: newest.activity.as_deref(),
                at: newest.at,
            };
            let event = Event {
                id: EventId::new(Uuid::now_v7()),
                kind: "LocationUpdated",
                aggregate: caller.user_id.uuid(),
                distributor: Some(owner.distributor),
                unit: owner.unit,
                user: Some(owner.user),
                payload: &payload,
            };
            outbox::push(tx, caller.context(), app.now(), event).await?;
        }
        Ok(inserted)
    })?;
    if inserted.moved_on {
        app.wake.now();
    }
    let sent = i64::try_from(points.len()).map_err(ApiError::internal)?;
    Ok(Json(LocationsKept { accepted: inserted.new_points, duplicates: sent - inserted.new_points, refused }))
}

/// At least one point that can be kept, and those that can't.
fn checked(
    inputs: &[PointInput],
    now: DateTime<Utc>,
    language: Language,
) -> ApiResult<(Vec<Point>, Vec<RefusedPoint>)> {
    if !(1..=MAX_POINTS).contains(&inputs.len()) {
        return Err(ApiError::invalid_field(
            "points",
            "Phải có từ 1 đến 1000 điểm",
            "Must hold 1 to 1000 points",
        ));
    }
    let (mut points, mut broken): (Vec<Point>, Vec<(usize, Broken)>) = (Vec::new(), Vec::new());
    for (index, input) in inputs.iter().enumerate() {
        match input.checked(now) {
            Ok(point) => points.push(point),
            Err(why) => broken.push((index, why)),
        }
    }
    if points.is_empty() {
        let none =
            ApiError::bad_request("validation", "Không điểm nào hợp lệ.", "None of the points is valid.");
        return Err(broken.into_iter().fold(none, |error, (index, why)| {
            error.field(&format!("points[{index}].{}", why.field), why.vi, why.en)
        }));
    }
    let refused = broken
        .into_iter()
        .map(|(index, why)| RefusedPoint {
            index,
            field: why.field,
            message: match language {
                Language::Vi => why.vi,
                Language::En => why.en,
            },
        })
        .collect();
    Ok((points, refused))
}
