use axum::Json;
use axum::extract::State;
use domain::issue::Doing;
use domain::{IssueId, IssuePostId};
use platform::{ApiResult, App, Caller, Checks, Command, Path, Problem, transaction_once};
use serde::Deserialize;
use utoipa::ToSchema;
use uuid::Uuid;

use crate::model::Thread;
use crate::service::{self, Writing};

/// Last or first words.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Remark {
    /// What there is to say.
    #[serde(default)]
    #[schema(max_length = 2000)]
    note: String,
}

/// Ends a thread. For who asked, and who answers issues.
#[utoipa::path(
    post,
    path = "/issues/{id}/resolve",
    tag = "issues",
    operation_id = "resolveIssue",
    params(("id" = IssueId, Path, description = "The thread")),
    request_body = Remark,
    responses(
        (status = 200, description = "The thread as it is now", body = Thread),
        (status = 400, description = "A field is not valid", body = Problem),
        (status = 401, description = "Not signed in", body = Problem),
        (status = 403, description = "Neither who asked nor with issues.answer", body = Problem),
        (status = 404, description = "No such thread", body = Problem),
        (status = 409, description = "It is resolved already", body = Problem),
    )
)]
pub async fn resolve_issue(
    State(app): State<App>,
    caller: Caller,
    Path(id): Path<IssueId>,
    cmd: Command<Remark>,
) -> ApiResult<Json<Thread>> {
    act(&app, &caller, id, &cmd, Doing::Resolve).await
}

/// Takes a resolved thread up again. For who asked, and who answers issues.
#[utoipa::path(
    post,
    path = "/issues/{id}/reopen",
    tag = "issues",
    operation_id = "reopenIssue",
    params(("id" = IssueId, Path, description = "The thread")),
    request_body = Remark,
    responses(
        (status = 200, description = "The thread as it is now", body = Thread),
        (status = 400, description = "A field is not valid", body = Problem),
        (status = 401, description = "Not signed in", body = Problem),
        (status = 403, description = "Neither who asked nor with issues.answer", body = Problem),
        (status = 404, description = "No such thread", body = Problem),
        (status = 409, description = "It is not resolved", body = Problem),
    )
)]
pub async fn reopen_issue(
    State(app): State<App>,
    caller: Caller,
    Path(id): Path<IssueId>,
    cmd: Command<Remark>,
) -> ApiResult<Json<Thread>> {
    act(&app, &caller, id, &cmd, Doing::Reopen).await
}

async fn act(
    app: &App,
    caller: &Caller,
    id: IssueId,
    cmd: &Command<Remark>,
    doing: Doing,
) -> ApiResult<Json<Thread>> {
    let mut checks = Checks::default();
    let body = checks.text("note", &cmd.body.note, 2000);
    checks.done()?;
    let writing = Writing { id: IssuePostId::new(Uuid::now_v7()), doing, body };
    let thread = transaction_once!(app, caller.context(), cmd.once(None), "issues.step", |tx| {
        service::write(tx, app, caller, id, &writing).await
    })?;
    app.wake.now();
    Ok(Json(thread))
}
