use axum::Json;
use axum::extract::State;
use axum::http::header::ACCEPT_LANGUAGE;
use axum::http::{HeaderMap, StatusCode};
use chrono::{DateTime, Utc};
use domain::permission::VisitsCreate;
use domain::visit::VisitType;
use domain::{CustomerId, VisitId};
use platform::{ApiResult, App, Authorized, Command, Language, Problem};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

use crate::model;
use crate::service::{self, Started};

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
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct CheckedIn {
    #[serde(flatten)]
    started: Started,
    /// What to tell the rep who is too far away, in the language of `Accept-Language`.
    distance_warning: Option<String>,
}

/// Starts a visit: the distance to where the outlet stood at that time, and whether it is in route, are found by the server.
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
        (status = 422, description = "The customer is not active, the policy forbids it (`problems`), or the device's clock is too far off", body = Problem),
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
        at: body.at,
    };
    let once = cmd.once(body.id.map(VisitId::uuid));
    let started = service::check_in_once(&app, &caller, &once, &check_in).await?;
    let distance_warning = started
        .check_in_distance
        .filter(|_| started.out_of_range)
        .map(|metres| warning(metres, &started, language));
    Ok((StatusCode::CREATED, Json(CheckedIn { started, distance_warning })))
}

fn warning(metres: i32, started: &Started, language: Language) -> String {
    let radius = started.radius_metres;
    match language {
        Language::Vi => format!(
            "Bạn đang cách điểm bán {metres} m (cho phép {radius} m). Lượt ghé thăm bị đánh dấu ngoài phạm vi."
        ),
        Language::En => {
            format!(
                "You are {metres} m from the outlet ({radius} m allowed). The visit is marked out of range."
            )
        }
    }
}
