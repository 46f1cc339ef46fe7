use axum::Json;
use axum::extract::State;
use axum::http::HeaderMap;
use axum::http::header::ACCEPT_LANGUAGE;
use domain::DisplayRecordId;
use domain::display::DisplayStatus;
use domain::permission::DisplaysScore;
use platform::{
    ApiError, ApiResult, App, Authorized, Checks, Command, Language, Path, Problem, transaction,
    transaction_once,
};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::model::RecordDetails;
use crate::service::{self, Score};
use crate::store;

/// A score.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct GiveScore {
    /// Passed or failed.
    passed: bool,
    /// Why.
    #[serde(default)]
    #[schema(max_length = 2000)]
    note: String,
}

fn checked(passed: bool, note: &str) -> ApiResult<Score> {
    let mut checks = Checks::default();
    let note = checks.text("note", note, 2000);
    checks.done()?;
    Ok(Score { passed, note })
}

/// Passes or fails a display: the supervisor first, and where the program has two levels the area manager then. The same
/// level may change its mind until the other has decided.
#[utoipa::path(
    post,
    path = "/display-scores/{id}/score",
    tag = "displays",
    operation_id = "scoreDisplay",
    params(("id" = DisplayRecordId, Path, description = "The record")),
    request_body = GiveScore,
    responses(
        (status = 200, description = "The record as it is now", body = RecordDetails),
        (status = 400, description = "A field is not valid", body = Problem),
        (status = 401, description = "Not signed in", body = Problem),
        (status = 403, description = "No displays.score", body = Problem),
        (status = 404, description = "No such record", body = Problem),
        (status = 409, description = "It is somebody else's turn", body = Problem),
    )
)]
pub async fn score_display(
    State(app): State<App>,
    caller: Authorized<DisplaysScore>,
    Path(id): Path<DisplayRecordId>,
    cmd: Command<GiveScore>,
) -> ApiResult<Json<RecordDetails>> {
    let score = checked(cmd.body.passed, &cmd.body.note)?;
    let details = transaction!(app.db, caller.context(), "displays.score", |tx| {
        for (_, outcome) in service::score(tx, &app, &caller, &[id], &score).await? {
            outcome.map_err(ApiError::from)?;
        }
        let record = store::find_record(tx, caller.scope(), id).await?.ok_or_else(ApiError::not_found)?;
        let photo_list = store::list_photos(tx, &record).await?;
        let scores = store::list_scores(tx, &record).await?;
        Ok(RecordDetails { record, photo_list, scores })
    })?;
    app.wake.now();
    Ok(Json(details))
}

/// One score for many displays.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct BulkScore {
    /// Which, at most 500.
    #[schema(min_items = 1, max_items = 500)]
    ids: Vec<DisplayRecordId>,
    /// Passed or failed.
    passed: bool,
    /// Why.
    #[serde(default)]
    #[schema(max_length = 2000)]
    note: String,
}

/// What became of one of many.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct Outcome {
    /// The record.
    display_score_id: DisplayRecordId,
    /// Where it stands now; none when it couldn't be scored.
    status: Option<DisplayStatus>,
    /// Why not: `not_found`, `displays.decided_above`, …
    code: Option<String>,
    /// The same in words.
    message: Option<String>,
}

/// What became of all.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct Outcomes {
    /// How many were scored.
    scored: usize,
    /// One by one, in the order they were named.
    data: Vec<Outcome>,
}

/// Passes or fails many displays at once, each for itself: those that can't be scored now are named and left as they are.
#[utoipa::path(
    post,
    path = "/display-scores/bulk-score",
    tag = "displays",
    operation_id = "scoreDisplays",
    request_body = BulkScore,
    responses(
        (status = 200, description = "What became of each", body = Outcomes),
        (status = 400, description = "A field is not valid", body = Problem),
        (status = 401, description = "Not signed in", body = Problem),
        (status = 403, description = "No displays.score", body = Problem),
    )
)]
pub async fn bulk_score(
    State(app): State<App>,
    caller: Authorized<DisplaysScore>,
    headers: HeaderMap,
    cmd: Command<BulkScore>,
) -> ApiResult<Json<Outcomes>> {
    let body = &cmd.body;
    let mut checks = Checks::default();
    checks.range("ids", i64::try_from(body.ids.len()).unwrap_or(i64::MAX), 1..=500);
    checks.done()?;
    let score = checked(body.passed, &body.note)?;
    let language = Language::of(headers.get(ACCEPT_LANGUAGE).and_then(|v| v.to_str().ok()));
    let mut ids = Vec::with_capacity(body.ids.len());
    for id in &body.ids {
        if !ids.contains(id) {
            ids.push(*id);
        }
    }
    let outcomes = transaction_once!(app, caller.context(), cmd.once(None), "displays.bulk_score", |tx| {
        let all = service::score(tx, &app, &caller, &ids, &score).await?;
        let data: Vec<Outcome> = all.into_iter().map(|(id, outcome)| told(id, outcome, language)).collect();
        Ok(Outcomes { scored: data.iter().filter(|one| one.status.is_some()).count(), data })
    })?;
    app.wake.now();
    Ok(Json(outcomes))
}

fn told(id: DisplayRecordId, outcome: service::Outcome, language: Language) -> Outcome {
    match outcome {
        Ok(status) => Outcome { display_score_id: id, status: Some(status), code: None, message: None },
        Err(error) => {
            let (code, vi, en) = error.told();
            let message = match language {
                Language::Vi => vi,
                Language::En => en,
            };
            Outcome {
                display_score_id: id,
                status: None,
                code: Some(code.to_owned()),
                message: Some(message.into_owned()),
            }
        }
    }
}
