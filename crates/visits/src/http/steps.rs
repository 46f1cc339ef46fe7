use std::collections::BTreeMap;

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use chrono::{DateTime, Utc};
use domain::permission::VisitsCreate;
use domain::survey::Answer;
use domain::visit::OutletState;
use domain::{StockCheckId, SurveyAnswerId, SurveyId, VisitId};
use platform::{
    ApiError, ApiResult, App, Authorized, Checks, Command, Mode, Path, Problem, Scope, transaction,
    transaction_once,
};
use serde::Deserialize;
use utoipa::ToSchema;
use uuid::Uuid;

use crate::model::{FilledSurvey, ShelfCount, Visit};
use crate::service::{self, CountedProduct, OutletStateRecord, StockCheck, SurveyAnswer};
use crate::store;

/// How the rep found the outlet.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct SetOutletState {
    /// Open, closed, or without its owner.
    state: OutletState,
}

/// Says how the outlet was found, in place of what was said before.
#[utoipa::path(
    post,
    path = "/visits/{id}/outlet-state",
    tag = "visits",
    operation_id = "setOutletState",
    params(("id" = VisitId, Path, description = "The visit")),
    request_body = SetOutletState,
    responses(
        (status = 200, description = "The visit as it is now", body = Visit),
        (status = 400, description = "A field is not valid", body = Problem),
        (status = 401, description = "Not signed in", body = Problem),
        (status = 403, description = "Not allowed to visit", body = Problem),
        (status = 404, description = "No such visit of one's own", body = Problem),
        (status = 409, description = "The visit has ended", body = Problem),
    )
)]
pub async fn set_outlet_state(
    State(app): State<App>,
    caller: Authorized<VisitsCreate>,
    Path(id): Path<VisitId>,
    cmd: Command<SetOutletState>,
) -> ApiResult<Json<Visit>> {
    let record = OutletStateRecord { state: cmd.body.state };
    let visit = transaction!(app.db, caller.context(), "visits.outlet_state", |tx| {
        service::record_outlet_state(tx, &app, &caller, id, &record, Mode::Live).await?;
        store::find_visit(tx, Scope::Own(caller.user_id), id).await?.ok_or_else(ApiError::not_found)
    })?;
    Ok(Json(visit))
}

/// What stands on the shelf.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct CountShelf {
    /// Made by the phone, so that a repeat is known.
    id: Option<StockCheckId>,
    /// When, by the device; now when absent.
    at: Option<DateTime<Utc>>,
    /// Products with quantities; a product may come with several expiry dates.
    #[schema(min_items = 1, max_items = 500)]
    lines: Vec<CountedProduct>,
}

/// Adds a count of the shelf to one's own visit; the latest holds.
#[utoipa::path(
    post,
    path = "/visits/{id}/stock-check",
    tag = "visits",
    operation_id = "countShelf",
    params(("id" = VisitId, Path, description = "The visit")),
    request_body = CountShelf,
    responses(
        (status = 201, description = "The count", body = ShelfCount),
        (status = 400, description = "A field is not valid", body = Problem),
        (status = 401, description = "Not signed in", body = Problem),
        (status = 403, description = "Not allowed to visit", body = Problem),
        (status = 404, description = "No such visit of one's own", body = Problem),
        (status = 409, description = "The visit has ended", body = Problem),
        (status = 422, description = "An unknown product, or the device's clock is too far off", body = Problem),
    )
)]
pub async fn count_shelf(
    State(app): State<App>,
    caller: Authorized<VisitsCreate>,
    Path(id): Path<VisitId>,
    cmd: Command<CountShelf>,
) -> ApiResult<(StatusCode, Json<ShelfCount>)> {
    let body = &cmd.body;
    let mut checks = Checks::default();
    checks.range("lines", i64::try_from(body.lines.len()).unwrap_or(i64::MAX), 1..=500);
    for (i, line) in body.lines.iter().enumerate() {
        checks.range(&format!("lines[{i}].quantity"), line.quantity, 0..=1_000_000_000);
        if let Some(expiry) = line.expiry {
            checks.range(&format!("lines[{i}].expiry"), chrono::Datelike::year(&expiry).into(), 2000..=2100);
        }
    }
    checks.done()?;
    let check = StockCheck {
        id: body.id.unwrap_or_else(|| StockCheckId::new(Uuid::now_v7())),
        at: body.at,
        lines: body.lines.clone(),
    };
    let once = cmd.once(body.id.map(StockCheckId::uuid));
    let count = transaction_once!(app, caller.context(), once, "visits.stock_check", |tx| {
        let (count, _) = service::record_stock_check(tx, &app, &caller, id, &check, Mode::Live).await?;
        Ok(count)
    })?;
    Ok((StatusCode::CREATED, Json(count)))
}

/// A filled-in survey.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct FillSurvey {
    /// Made by the phone, so that a repeat is known.
    id: Option<SurveyAnswerId>,
    /// The survey.
    survey_id: SurveyId,
    /// Which of its versions was answered.
    version: i32,
    /// The answers by their questions.
    answers: BTreeMap<String, Answer>,
    /// When, by the device; now when absent.
    at: Option<DateTime<Utc>>,
}

/// Adds a filled-in survey to one's own visit. Answers are held against the version they were given to.
#[utoipa::path(
    post,
    path = "/visits/{id}/survey",
    tag = "visits",
    operation_id = "fillSurvey",
    params(("id" = VisitId, Path, description = "The visit")),
    request_body = FillSurvey,
    responses(
        (status = 201, description = "The answers as they are kept", body = FilledSurvey),
        (status = 400, description = "A field is not valid", body = Problem),
        (status = 401, description = "Not signed in", body = Problem),
        (status = 403, description = "Not allowed to visit", body = Problem),
        (status = 404, description = "No such visit of one's own, survey or version", body = Problem),
        (status = 409, description = "The visit has ended", body = Problem),
        (status = 422, description = "Answers don't fit (`problems` names the questions), or the survey is closed", body = Problem),
    )
)]
pub async fn fill_survey(
    State(app): State<App>,
    caller: Authorized<VisitsCreate>,
    Path(id): Path<VisitId>,
    cmd: Command<FillSurvey>,
) -> ApiResult<(StatusCode, Json<FilledSurvey>)> {
    let body = &cmd.body;
    let filled = SurveyAnswer {
        id: body.id.unwrap_or_else(|| SurveyAnswerId::new(Uuid::now_v7())),
        survey: body.survey_id,
        version: body.version,
        answers: body.answers.clone(),
        at: body.at,
    };
    let once = cmd.once(body.id.map(SurveyAnswerId::uuid));
    let kept = transaction_once!(app, caller.context(), once, "visits.survey", |tx| {
        let (kept, _) = service::record_survey(tx, &app, &caller, id, &filled, Mode::Live).await?;
        Ok(kept)
    })?;
    Ok((StatusCode::CREATED, Json(kept)))
}
