use axum::Json;
use axum::extract::State;
use domain::VisitId;
use domain::permission::VisitsCreate;
use platform::{ApiResult, App, Authorized, Command, Path, Problem, transaction};
use serde::Deserialize;
use utoipa::ToSchema;

use crate::model::{self, Visit};
use crate::service;

/// What the rep notes.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct WriteNotes {
    /// In place of what was noted before.
    #[schema(max_length = 2000)]
    notes: String,
}

/// Writes the notes of one's own visit, in place of the earlier ones.
#[utoipa::path(
    post,
    path = "/visits/{id}/notes",
    tag = "visits",
    operation_id = "writeVisitNotes",
    params(("id" = VisitId, Path, description = "The visit")),
    request_body = WriteNotes,
    responses(
        (status = 200, description = "The visit as it is now", body = Visit),
        (status = 400, description = "A field is not valid", body = Problem),
        (status = 401, description = "Not signed in", body = Problem),
        (status = 403, description = "Not allowed to visit", body = Problem),
        (status = 404, description = "No such visit of one's own", body = Problem),
    )
)]
pub async fn write_notes(
    State(app): State<App>,
    caller: Authorized<VisitsCreate>,
    Path(id): Path<VisitId>,
    cmd: Command<WriteNotes>,
) -> ApiResult<Json<Visit>> {
    let notes = model::text("notes", &cmd.body.notes, 2000)?;
    let visit = transaction!(app.db, caller.context(), "visits.note", |tx| {
        service::note(tx, &app, &caller, id, &notes).await
    })?;
    Ok(Json(visit))
}
