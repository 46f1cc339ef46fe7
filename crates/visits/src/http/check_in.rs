use axum::Json;
use axum::extract::State;
use axum::http::header::ACCEPT_LANGUAGE;
use axum::http::{HeaderMap, StatusCode};
use chrono::{DateTime, Utc};
use domain::geo::DEFAULT_RADIUS_METRES;
use domain::permission::VisitsCreate;
use domain::visit::VisitType;
use domain::{CustomerId, RouteId, VisitId};
use platform::{ApiResult, App, Authorized, Command, Language, Problem, transaction_once};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

use crate::model::{self, Visit};
use crate::service;

/// Where the rep is.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct CheckIn {
    /// Made by the phone, so that a repeat is known.
    id: Option<VisitId>,
    /// The outlet.
    customer_id: CustomerId,
    /// Where the rep stands.
    #[schema(minimum = -90, maximum = 90)]
    latitude: f64,
    /// Where the rep stands.
    #[schema(minimum = -180, maximum = 180)]
    longitude: f64,
    /// By how many metres that may be wrong.
    accuracy: Option<f64>,
    /// When, by the device; now when absent. Up to 7 days back.
    at: Option<DateTime<Utc>>,
    /// What the phone thinks; the day's plan decides.
    #[expect(dead_code, reason = "accepted, but the server decides by the plan")]
    visit_type: Option<VisitType>,
}

/// A visit that began.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct CheckedIn {
    visit_id: VisitId,
    customer_id: CustomerId,
    check_in_time: DateTime<Utc>,
    /// Metres to the outlet; none when its place wasn't known and this one becomes it.
    check_in_distance: Option<i32>,
    out_of_range: bool,
    /// What to tell the rep who is too far away, in the language of `Accept-Language`.
    distance_warning: Option<String>,
    visit_type: VisitType,
    /// The route in whose plan the outlet is.
    route_id: Option<RouteId>,
}

/// Starts a visit: the distance and whether it is in route are found by the server.
#[utoipa::path(
    post,
    path = "/visits/check-in",
    tag = "visits",
    operation_id = "checkIn",
    request_body = CheckIn,
    responses(
        (status = 201, description = "The visit", body = CheckedIn),
        (status = 400, description = "A field is not valid", body = Problem),
        (status = 401, description = "Not signed in", body = Problem),
        (status = 403, description = "Not allowed to visit", body = Problem),
        (status = 404, description = "No such customer", body = Problem),
        (status = 409, description = "Another visit is open; `visitId` names it", body = Problem),
        (status = 422, description = "The customer is not active, or the device's clock is too far off", body = Problem),
    )
)]
pub async fn check_in(
    State(app): State<App>,
    caller: Authorized<VisitsCreate>,
    headers: HeaderMap,
    cmd: Command<CheckIn>,
) -> ApiResult<(StatusCode, Json<CheckedIn>)> {
    let body = &cmd.body;
    let language = Language::of(headers.get(ACCEPT_LANGUAGE).and_then(|v| v.to_str().ok()));
    let check_in = service::CheckIn {
        id: body.id.unwrap_or_else(|| VisitId::new(Uuid::now_v7())),
        customer: body.customer_id,
        place: model::place(body.latitude, body.longitude)?,
        accuracy: model::accuracy(body.accuracy)?,
        at: model::device_time(body.at, app.now())?,
    };
    let once = cmd.once(body.id.map(VisitId::uuid));
    let visit = transaction_once!(app, caller.context(), once, "visits.check_in", |tx| {
        service::check_in(tx, &app, &caller, &check_in).await
    })?;
    app.wake.now();
    Ok((StatusCode::CREATED, Json(view(visit, language))))
}

fn view(visit: Visit, language: Language) -> CheckedIn {
    let warning = |metres: i32| match language {
        Language::Vi => format!(
            "Bạn đang cách điểm bán {metres} m (cho phép {DEFAULT_RADIUS_METRES} m). Lượt ghé thăm bị đánh dấu ngoài phạm vi."
        ),
        Language::En => format!(
            "You are {metres} m from the outlet ({DEFAULT_RADIUS_METRES} m allowed). The visit is marked out of range."
        ),
    };
    CheckedIn {
        visit_id: visit.visit_id,
        customer_id: visit.customer_id,
        check_in_time: visit.check_in_time,
        check_in_distance: visit.check_in_distance,
        out_of_range: visit.out_of_range,
        distance_warning: visit.check_in_distance.filter(|_| visit.out_of_range).map(warning),
        visit_type: visit.visit_type,
        route_id: visit.route_id,
    }
}
