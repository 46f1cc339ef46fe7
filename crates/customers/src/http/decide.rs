use axum::Json;
use axum::extract::State;
use domain::CustomerId;
use domain::permission::CustomersApprove;
use platform::{ApiResult, App, Authorized, Checks, Command, Path, Problem, transaction_once};
use serde::Deserialize;
use utoipa::ToSchema;

use super::view::CustomerView;
use super::{present, viewer};
use crate::service;

/// Nothing to say.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct CustomerApproval {}

/// Why an outlet is refused.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct CustomerRejection {
    /// For the one who proposed it.
    reason: String,
}

/// Lets a proposed outlet be visited and sold to.
#[utoipa::path(
    post, path = "/customers/{id}/approve", tag = "customers", operation_id = "approveCustomer",
    request_body = CustomerApproval,
    params(("id" = CustomerId, Path, description = "The outlet")),
    responses(
        (status = 200, description = "As it is now", body = CustomerView),
        (status = 401, description = "Not signed in", body = Problem),
        (status = 403, description = "No customers.approve", body = Problem),
        (status = 404, description = "None, or not the caller's to see", body = Problem),
        (status = 409, description = "Not pending", body = Problem),
    )
)]
pub(crate) async fn approve_customer(
    State(app): State<App>,
    caller: Authorized<CustomersApprove>,
    Path(id): Path<CustomerId>,
    command: Command<CustomerApproval>,
) -> ApiResult<Json<CustomerView>> {
    let viewer = viewer(&app, &caller);
    let view = transaction_once!(app, caller.context(), command.once(None), "customers.approve", |tx| {
        service::approve(tx, caller.context(), app.now(), &viewer, id).await?;
        present(tx, &viewer, id).await
    })?;
    Ok(Json(view))
}

/// Refuses a proposed outlet.
#[utoipa::path(
    post, path = "/customers/{id}/reject", tag = "customers", operation_id = "rejectCustomer",
    request_body = CustomerRejection,
    params(("id" = CustomerId, Path, description = "The outlet")),
    responses(
        (status = 200, description = "As it is now", body = CustomerView),
        (status = 400, description = "No reason", body = Problem),
        (status = 401, description = "Not signed in", body = Problem),
        (status = 403, description = "No customers.approve", body = Problem),
        (status = 404, description = "None, or not the caller's to see", body = Problem),
        (status = 409, description = "Not pending", body = Problem),
    )
)]
pub(crate) async fn reject_customer(
    State(app): State<App>,
    caller: Authorized<CustomersApprove>,
    Path(id): Path<CustomerId>,
    command: Command<CustomerRejection>,
) -> ApiResult<Json<CustomerView>> {
    let mut checks = Checks::default();
    let reason = checks.required("reason", &command.body.reason, 2000);
    checks.done()?;
    let viewer = viewer(&app, &caller);
    let view = transaction_once!(app, caller.context(), command.once(None), "customers.reject", |tx| {
        service::reject(tx, caller.context(), app.now(), &viewer, id, &reason).await?;
        present(tx, &viewer, id).await
    })?;
    Ok(Json(view))
}
