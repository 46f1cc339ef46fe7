use axum::Json;
use axum::extract::State;
use axum::http::HeaderMap;
use axum::http::header::ACCEPT_LANGUAGE;
use domain::permission::AttendanceClock;
use platform::{ApiResult, App, Authorized, Command, Language, Mode, Problem, transaction};
use serde::Serialize;
use utoipa::ToSchema;

use crate::model::{Batch, Broken};
use crate::service;

/// A position or an event that isn't kept; sending it again doesn't help.
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
    /// Events that aren't kept.
    refused_events: Vec<RefusedPoint>,
}

/// Keeps positions of the caller's phone. Points that came before are known by their time; a broken point is named
/// and left out, the others are kept.
#[utoipa::path(
    post,
    path = "/locations",
    tag = "tracking",
    operation_id = "sendLocations",
    request_body = Batch,
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
    cmd: Command<Batch>,
) -> ApiResult<Json<LocationsKept>> {
    let language = Language::of(headers.get(ACCEPT_LANGUAGE).and_then(|v| v.to_str().ok()));
    let checked = service::check(&cmd.body, app.now(), Mode::Live)?;
    let recorded = transaction!(app.db, caller.context(), "tracking.send", |tx| {
        service::record(tx, &app, &caller, &checked, Mode::Live).await
    })?;
    if recorded.accepted > 0 {
        app.wake.now();
        service::share_newest(&app, &caller, &checked).await;
    }
    let named = |refused: Vec<(usize, Broken)>| {
        refused
            .into_iter()
            .map(|(index, why)| RefusedPoint { index, field: why.field, message: why.message(language) })
            .collect()
    };
    Ok(Json(LocationsKept {
        accepted: recorded.accepted,
        duplicates: recorded.duplicates,
        refused: named(recorded.refused),
        refused_events: named(recorded.refused_events),
    }))
}
