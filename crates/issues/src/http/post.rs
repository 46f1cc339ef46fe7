use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use domain::issue::Doing;
use domain::{IssueId, IssuePostId};
use platform::{ApiResult, App, Caller, Checks, Command, Path, Problem, transaction_once};
use serde::Deserialize;
use utoipa::ToSchema;
use uuid::Uuid;

use crate::model::Thread;
use crate::service::{self, Writing};

/// What somebody writes.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct WritePost {
    /// Made by the client, so that a repeat is known.
    id: Option<IssuePostId>,
    /// The words.
    #[schema(min_length = 1, max_length = 2000)]
    body: String,
}

/// Writes into a thread: who asked asks again, anybody else answers. For who asked, who is asked by name, and who
/// answers issues.
#[utoipa::path(
    post,
    path = "/issues/{id}/posts",
    tag = "issues",
    operation_id = "postToIssue",
    params(("id" = IssueId, Path, description = "The thread")),
    request_body = WritePost,
    responses(
        (status = 201, description = "The thread as it is now", body = Thread),
        (status = 400, description = "A field is not valid", body = Problem),
        (status = 401, description = "Not signed in", body = Problem),
        (status = 403, description = "Neither asked nor with issues.answer", body = Problem),
        (status = 404, description = "No such thread", body = Problem),
        (status = 409, description = "It is resolved, or something else has the id", body = Problem),
    )
)]
pub async fn post_to_issue(
    State(app): State<App>,
    caller: Caller,
    Path(id): Path<IssueId>,
    cmd: Command<WritePost>,
) -> ApiResult<(StatusCode, Json<Thread>)> {
    let mut checks = Checks::default();
    let body = checks.required("body", &cmd.body.body, 2000);
    checks.done()?;
    let post = cmd.body.id.unwrap_or_else(|| IssuePostId::new(Uuid::now_v7()));
    let writing = Writing { id: post, doing: Doing::Write, body };
    let once = cmd.once(cmd.body.id.map(IssuePostId::uuid));
    let thread = transaction_once!(app, caller.context(), once, "issues.post", |tx| {
        service::write(tx, &app, &caller, id, &writing).await
    })?;
    app.wake.now();
    Ok((StatusCode::CREATED, Json(thread)))
}
