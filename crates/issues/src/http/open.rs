use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use domain::permission::VisitsCreate;
use domain::{CustomerId, DistributorId, IssueId, OrgUnitId, UserId};
use platform::{ApiError, ApiResult, App, Authorized, Checks, Command, Problem, transaction_once};
use serde::Deserialize;
use utoipa::ToSchema;
use uuid::Uuid;

use crate::model::Thread;
use crate::service::{self, NewIssue};

/// Something to look at.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct OpenIssue {
    /// Made by the client, so that a repeat is known.
    id: Option<IssueId>,
    /// The distributor it is about, for those who work for several.
    distributor_id: Option<DistributorId>,
    /// The outlet it is about.
    customer_id: Option<CustomerId>,
    /// What it is about; the beginning of `body` when absent.
    #[schema(max_length = 300)]
    subject: Option<String>,
    /// The words.
    #[schema(min_length = 1, max_length = 2000)]
    body: String,
    /// The people who are asked.
    #[serde(default)]
    #[schema(max_items = 50)]
    users: Vec<UserId>,
    /// The units that are asked.
    #[serde(default)]
    #[schema(max_items = 50)]
    units: Vec<OrgUnitId>,
}

/// Opens a thread outside of a visit; in a visit it is a note with recipients.
#[utoipa::path(
    post,
    path = "/issues",
    tag = "issues",
    operation_id = "openIssue",
    request_body = OpenIssue,
    responses(
        (status = 201, description = "The thread", body = Thread),
        (status = 400, description = "A field is not valid", body = Problem),
        (status = 401, description = "Not signed in", body = Problem),
        (status = 403, description = "No visits.create", body = Problem),
        (status = 404, description = "No such outlet or recipient", body = Problem),
        (status = 409, description = "Something else has the id", body = Problem),
    )
)]
pub async fn open_issue(
    State(app): State<App>,
    caller: Authorized<VisitsCreate>,
    cmd: Command<OpenIssue>,
) -> ApiResult<(StatusCode, Json<Thread>)> {
    let body = &cmd.body;
    let mut checks = Checks::default();
    let words = checks.required("body", &body.body, 2000);
    let subject = body.subject.as_deref().map(|subject| checks.required("subject", subject, 300));
    let asked = body.users.len() + body.units.len();
    if asked == 0 || asked > 50 {
        checks.wrong("users", "Chọn từ 1 đến 50 người nhận hoặc đơn vị", "Name 1 to 50 people or units");
    }
    checks.done()?;
    let distributor = caller.distributor(body.distributor_id.or(caller.distributor_id))?;
    let id = body.id.unwrap_or_else(|| IssueId::new(Uuid::now_v7()));
    let thread =
        transaction_once!(app, caller.context(), cmd.once(body.id.map(IssueId::uuid)), "issues.open", |tx| {
            let new = NewIssue {
                id,
                distributor,
                customer: body.customer_id,
                visit: None,
                unit: caller.primary_unit,
                subject: subject.as_deref(),
                body: &words,
                users: &body.users,
                units: &body.units,
                at: app.now(),
            };
            service::open(tx, &app, &caller, &new).await?;
            service::show(tx, &caller, id).await
        })
        .map_err(id_taken)?;
    app.wake.now();
    Ok((StatusCode::CREATED, Json(thread)))
}

/// A thread that the caller can't see has the id.
fn id_taken(error: ApiError) -> ApiError {
    error.on_constraint("issues_id_uniq", || crate::IssueError::IdTaken.into())
}
