use axum::Json;
use axum::extract::State;
use chrono::{DateTime, Utc};
use domain::VisitId;
use domain::permission::VisitsCreate;
use domain::visit::VisitResult;
use platform::{ApiResult, App, Authorized, Command, Mode, Path, Problem, transaction};
use serde::Deserialize;
use utoipa::ToSchema;

use crate::model;
use crate::service::{self, CheckedOut};

/// How the visit ended.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct CheckOut {
    /// Where the rep stands.
    #[schema(minimum = -90, maximum = 90)]
    latitude: f64,
    /// Where the rep stands.
    #[schema(minimum = -180, maximum = 180)]
    longitude: f64,
    /// How it ended.
    visit_result: VisitResult,
    /// What the rep notes; earlier notes stay when absent.
    #[schema(max_length = 2000)]
    notes: Option<String>,
    /// When, by the device; now when absent.
    at: Option<DateTime<Utc>>,
}

/// Ends one's own visit, when all is done that the policy wants.
#[utoipa::path(
    post,
    path = "/visits/{id}/check-out",
    tag = "visits",
    operation_id = "checkOut",
    params(("id" = VisitId, Path, description = "The visit")),
    request_body = CheckOut,
    responses(
        (status = 200, description = "The visit as it is now, and what the policy says of it; the same check-out again gives the same", body = CheckedOut),
        (status = 400, description = "A field is not valid", body = Problem),
        (status = 401, description = "Not signed in", body = Problem),
        (status = 403, description = "Not allowed to visit", body = Problem),
        (status = 404, description = "No such visit of one's own", body = Problem),
        (status = 409, description = "The visit has ended with another outcome", body = Problem),
        (status = 422, description = "Something is missing (`problems` lists what to do), or the time is not possible", body = Problem),
    )
)]
pub async fn check_out(
    State(app): State<App>,
    caller: Authorized<VisitsCreate>,
    Path(id): Path<VisitId>,
    cmd: Command<CheckOut>,
) -> ApiResult<Json<CheckedOut>> {
    let body = &cmd.body;
    let check_out = service::CheckOut {
        place: model::place(body.latitude, body.longitude)?,
        result: body.visit_result,
        notes: body.notes.as_deref().map(|notes| model::text("notes", notes, 2000)).transpose()?,
        at: body.at,
    };
    let (ended, _) = transaction!(app.db, caller.context(), "visits.check_out", |tx| {
        service::check_out(tx, &app, &caller, id, &check_out, Mode::Live).await
    })?;
    app.wake.now();
    Ok(Json(ended))
}
