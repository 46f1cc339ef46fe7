use axum::Json;
use axum::extract::State;
use domain::CustomerId;
use domain::permission::CustomersEdit;
use platform::{ApiResult, App, Authorized, Checks, Command, IfMatch, Path, Problem, transaction};

use super::view::{CustomerBody, CustomerView};
use super::{present, viewer};
use crate::service;

/// Changes an outlet's data; what is left out stays as it is.
#[utoipa::path(
    put, path = "/customers/{id}", tag = "customers", operation_id = "updateCustomer",
    request_body = CustomerBody,
    params(
        ("id" = CustomerId, Path, description = "The outlet"),
        ("If-Match" = Option<String>, Header, description = "The version that was loaded, unless the body has it"),
    ),
    responses(
        (status = 200, description = "As it is now", body = CustomerView),
        (status = 400, description = "Wrong fields", body = Problem),
        (status = 401, description = "Not signed in", body = Problem),
        (status = 403, description = "No customers.edit", body = Problem),
        (status = 404, description = "None, or not the caller's to see", body = Problem),
        (status = 409, description = "The code is taken", body = Problem),
        (status = 412, description = "Changed meanwhile", body = Problem),
        (status = 422, description = "Locked, or the status can't be changed like this", body = Problem),
    )
)]
pub(crate) async fn update_customer(
    State(app): State<App>,
    caller: Authorized<CustomersEdit>,
    Path(id): Path<CustomerId>,
    if_match: IfMatch,
    command: Command<CustomerBody>,
) -> ApiResult<Json<CustomerView>> {
    let body = command.body;
    let version = if_match.version(body.version)?;
    let viewer = viewer(&app, &caller);
    let view = transaction!(app.db, caller.context(), "customers.update", |tx| {
        service::update(tx, caller.context(), app.now(), &viewer, id, version, |data| {
            let mut checks = Checks::default();
            let kept_code = data.customer_code.clone();
            let mut data = body.clone().apply(data, &mut checks);
            if data.customer_code.is_empty() {
                data.customer_code = kept_code;
            }
            checks.done()?;
            Ok(data)
        })
        .await?;
        present(tx, &viewer, id).await
    })?;
    Ok(Json(view))
}
