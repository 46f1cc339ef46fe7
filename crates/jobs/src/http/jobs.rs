use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use db::audit;
use domain::permission::OperationsManage;
use platform::{
    ApiError, ApiResult, App, Authorized, PageQuery, Pagination, Path, Problem, Query, transaction,
};
use serde::Serialize;
use serde_json::json;
use utoipa::ToSchema;

use crate::store::jobs::{self as store, JobView, RunView};

/// All jobs.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct JobList {
    /// By name.
    data: Vec<JobView>,
}

/// A part of a job's runs.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct JobRunList {
    /// The latest first.
    data: Vec<RunView>,
    /// Where this part stands.
    pagination: Pagination,
}

/// List the jobs with their last runs
#[utoipa::path(
    get, path = "/admin/jobs", tag = "operations", operation_id = "listJobs",
    responses(
        (status = 200, description = "All jobs", body = JobList),
        (status = 401, description = "Not logged in", body = Problem),
        (status = 403, description = "No permission", body = Problem),
    ),
)]
pub async fn list_jobs(
    State(app): State<App>,
    caller: Authorized<OperationsManage>,
) -> ApiResult<Json<JobList>> {
    let mut tx = app.db.read(caller.context()).await?;
    Ok(Json(JobList { data: store::list(&mut tx).await? }))
}

/// List the runs of a job
#[utoipa::path(
    get, path = "/admin/jobs/{name}/runs", tag = "operations", operation_id = "listJobRuns",
    params(("name" = String, Path), PageQuery),
    responses(
        (status = 200, description = "A part of its runs, the latest first", body = JobRunList),
        (status = 400, description = "Malformed", body = Problem),
        (status = 401, description = "Not logged in", body = Problem),
        (status = 403, description = "No permission", body = Problem),
        (status = 404, description = "No such job", body = Problem),
    ),
)]
pub async fn list_job_runs(
    State(app): State<App>,
    caller: Authorized<OperationsManage>,
    Path(name): Path<String>,
    Query(page): Query<PageQuery>,
) -> ApiResult<Json<JobRunList>> {
    let page = page.checked()?;
    let mut tx = app.db.read(caller.context()).await?;
    let found = store::list_runs(&mut tx, &name, page.limit(), page.offset()).await?;
    let (data, total) = found.ok_or_else(ApiError::not_found)?;
    Ok(Json(JobRunList { data, pagination: page.of(total) }))
}

/// Ask for a run of a job as soon as possible
///
/// A worker takes it up within a second or two; while the job is running, afterwards.
#[utoipa::path(
    post, path = "/admin/jobs/{name}/run", tag = "operations", operation_id = "runJob", params(("name" = String, Path)),
    responses(
        (status = 202, description = "Asked for; see its runs"),
        (status = 401, description = "Not logged in", body = Problem),
        (status = 403, description = "No permission", body = Problem),
        (status = 404, description = "No such job", body = Problem),
    ),
)]
pub async fn run_job(
    State(app): State<App>,
    caller: Authorized<OperationsManage>,
    Path(name): Path<String>,
) -> ApiResult<StatusCode> {
    let now = app.now();
    let cx = caller.context();
    transaction!(app.db, cx, "jobs.request", |tx| {
        if !store::request(tx, &name, &cx.name, now).await? {
            return Err(ApiError::not_found());
        }
        let entry = audit::Entry::<(), _> {
            action: "jobs.run",
            entity: "job",
            entity_id: None,
            distributor: None,
            before: None,
            after: Some(&json!({ "name": name })),
        };
        Ok(audit::record(tx, cx, now, entry).await?)
    })?;
    Ok(StatusCode::ACCEPTED)
}
