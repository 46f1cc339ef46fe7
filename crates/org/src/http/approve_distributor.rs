use axum::Json;
use axum::extract::State;
use domain::DistributorId;
use domain::permission::DistributorsManage;
use platform::{ApiResult, App, Authorized, Command, Path, Problem, transaction_once};
use serde::Deserialize;
use utoipa::ToSchema;

use crate::distributors;
use crate::model::Distributor;

/// The decision.
#[derive(Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct ApproveDistributor {
    /// True approves, false rejects.
    approve: bool,
    /// Why; needed for a rejection.
    #[serde(default)]
    reason: String,
}

/// Approve or reject a distributor that waits
#[utoipa::path(
    post, path = "/distributors/{id}/approve", tag = "distributors", operation_id = "approveDistributor",
    params(("id" = DistributorId, Path)), request_body = ApproveDistributor,
    responses(
        (status = 200, description = "The distributor, active or inactive", body = Distributor),
        (status = 400, description = "Malformed, or a rejection without a reason", body = Problem),
        (status = 401, description = "Not logged in", body = Problem),
        (status = 403, description = "No permission", body = Problem),
        (status = 404, description = "No such distributor", body = Problem),
        (status = 409, description = "`distributors.not_pending`", body = Problem),
    ),
)]
pub async fn approve_distributor(
    State(app): State<App>,
    caller: Authorized<DistributorsManage>,
    Path(id): Path<DistributorId>,
    cmd: Command<ApproveDistributor>,
) -> ApiResult<Json<Distributor>> {
    let ApproveDistributor { approve, reason } = &cmd.body;
    let now = app.now();
    let distributor =
        transaction_once!(app, caller.context(), cmd.once(None), "distributors.approve", |tx| {
            Ok(distributors::decide(tx, caller.context(), now, id, *approve, reason).await?)
        })?;
    Ok(Json(distributor))
}
