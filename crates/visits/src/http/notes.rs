use axum::Json;
use axum::extract::State;
use domain::permission::VisitsCreate;
use domain::{IssueId, OrgUnitId, UserId, VisitId};
use platform::{ApiError, ApiResult, App, Authorized, Command, Mode, Path, Problem, Scope, transaction_once};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

use crate::model::{self, Visit};
use crate::service::{self, Note};
use crate::store;

/// What the rep notes.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct WriteNotes {
    /// Made by the phone, so that a repeat is known; the issue's id.
    id: Option<IssueId>,
    /// In place of what was noted before; with recipients, what they are asked to look at.
    #[schema(max_length = 2000)]
    notes: String,
    /// The people who are asked.
    #[serde(default)]
    #[schema(max_items = 50)]
    users: Vec<UserId>,
    /// The units that are asked.
    #[serde(default)]
    #[schema(max_items = 50)]
    units: Vec<OrgUnitId>,
}

/// The visit, and the issue that was opened.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct NotedVisit {
    /// The visit as it is now.
    #[serde(flatten)]
    visit: Visit,
    /// The issue, when there are recipients; see `/issues/{id}`.
    issue_id: Option<IssueId>,
}

/// Writes the notes of one's own visit, in place of the earlier ones. A note with recipients opens an issue instead.
#[utoipa::path(
    post,
    path = "/visits/{id}/notes",
    tag = "visits",
    operation_id = "writeVisitNotes",
    params(("id" = VisitId, Path, description = "The visit")),
    request_body = WriteNotes,
    responses(
        (status = 200, description = "The visit as it is now", body = NotedVisit),
        (status = 400, description = "A field is not valid", body = Problem),
        (status = 401, description = "Not signed in", body = Problem),
        (status = 403, description = "Not allowed to visit", body = Problem),
        (status = 404, description = "No such visit of one's own, or no such recipient", body = Problem),
    )
)]
pub async fn write_notes(
    State(app): State<App>,
    caller: Authorized<VisitsCreate>,
    Path(id): Path<VisitId>,
    cmd: Command<WriteNotes>,
) -> ApiResult<Json<NotedVisit>> {
    let body = &cmd.body;
    let text = model::text("notes", &body.notes, 2000)?;
    let asked = body.users.len() + body.units.len();
    if asked > 50 {
        return Err(ApiError::invalid_field("users", "Tối đa 50 người nhận", "At most 50 recipients"));
    }
    if asked > 0 && text.is_empty() {
        return Err(ApiError::invalid_field("notes", "Bắt buộc", "Required"));
    }
    let note = Note {
        id: body.id.unwrap_or_else(|| IssueId::new(Uuid::now_v7())),
        text,
        users: body.users.clone(),
        units: body.units.clone(),
        at: None,
    };
    let once = cmd.once(body.id.map(IssueId::uuid));
    let noted = transaction_once!(app, caller.context(), once, "visits.note", |tx| {
        let (noted, _) = service::record_note(tx, &app, &caller, id, &note, Mode::Live).await?;
        let visit =
            store::find_visit(tx, Scope::Own(caller.user_id), id).await?.ok_or_else(ApiError::not_found)?;
        Ok(NotedVisit { visit, issue_id: noted.issue })
    })?;
    app.wake.now();
    Ok(Json(noted))
}
