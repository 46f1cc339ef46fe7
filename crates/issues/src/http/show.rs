use axum::Json;
use axum::extract::State;
use domain::IssueId;
use platform::{ApiResult, App, Caller, Path, Problem};

use crate::model::Thread;
use crate::service;

/// One thread with all that was written.
#[utoipa::path(
    get,
    path = "/issues/{id}",
    tag = "issues",
    operation_id = "getIssue",
    params(("id" = IssueId, Path, description = "The thread")),
    responses(
        (status = 200, description = "The thread", body = Thread),
        (status = 401, description = "Not signed in", body = Problem),
        (status = 404, description = "No such thread", body = Problem),
    )
)]
pub async fn get_issue(
    State(app): State<App>,
    caller: Caller,
    Path(id): Path<IssueId>,
) -> ApiResult<Json<Thread>> {
    let mut tx = app.db.lookup(caller.context()).await?;
    Ok(Json(service::show(&mut tx, &caller, id).await?))
}
