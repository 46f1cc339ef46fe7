use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use chrono::{DateTime, Utc};
use domain::CustomerId;
use domain::permission::CustomersCreate;
use platform::{ApiResult, App, Authorized, Caller, Checks, Command, Problem, Scope, transaction_once};
use serde::Deserialize;
use sqlx::PgConnection;
use uuid::Uuid;

use super::view::{CustomerBody, CustomerView};
use super::{present, viewer};
use crate::model::{CustomerData, CustomerStatus};
use crate::{service, store};

/// Adds an outlet. Those of reps and supervisors are pending until they are approved; those of admins are active.
#[utoipa::path(
    post, path = "/customers", tag = "customers", operation_id = "createCustomer",
    request_body = CustomerBody,
    params(("Idempotency-Key" = Option<String>, Header, description = "Makes a repeat harmless")),
    responses(
        (status = 201, description = "Added", body = CustomerView),
        (status = 400, description = "Wrong fields", body = Problem),
        (status = 401, description = "Not signed in", body = Problem),
        (status = 403, description = "No customers.create", body = Problem),
        (status = 409, description = "The code is taken", body = Problem),
    )
)]
pub(crate) async fn create_customer(
    State(app): State<App>,
    caller: Authorized<CustomersCreate>,
    command: Command<CustomerBody>,
) -> ApiResult<(StatusCode, Json<CustomerView>)> {
    let once = command.once(command.body.id.map(|id| id.uuid()));
    let mut body = command.body;
    let distributor = caller.distributor(body.distributor_id)?;
    let id = body.id.unwrap_or_else(|| Uuid::now_v7().into());
    let status = match caller.scope() {
        Scope::All => CustomerStatus::Active,
        Scope::Own(_) | Scope::Units(_) => CustomerStatus::Pending,
    };
    body.status = None;
    let mut checks = Checks::default();
    let data = body.apply(CustomerData::blank(status), &mut checks);
    checks.done()?;
    let viewer = viewer(&app, &caller);
    let view = transaction_once!(app, caller.context(), once, "customers.create", |tx| {
        service::create(tx, caller.context(), app.now(), app.now(), distributor, id, data.clone()).await?;
        present(tx, &viewer, id).await
    })?;
    Ok((StatusCode::CREATED, Json(view)))
}

/// Adds an outlet that a rep found in the field at that time, whatever the app sent of it; it is pending. One that is there already
/// stays as it is.
///
/// # Errors
/// 400 for wrong fields, 409 when another outlet has the code or the id.
pub async fn propose(
    c: &mut PgConnection,
    app: &App,
    caller: &Caller,
    id: CustomerId,
    outlet: NewOutlet,
    found_at: DateTime<Utc>,
) -> ApiResult<()> {
    let mut body = outlet.0;
    let distributor = caller.distributor(body.distributor_id)?;
    if store::is_proposed_by(c, id, caller.user_id).await? {
        return Ok(());
    }
    body.status = None;
    let mut checks = Checks::default();
    let data = body.apply(CustomerData::blank(CustomerStatus::Pending), &mut checks);
    checks.done()?;
    service::create(c, caller.context(), found_at, app.now(), distributor, id, data).await
}

/// An outlet as a phone proposes it: the form of `POST /customers`.
#[derive(Debug, Deserialize)]
#[serde(transparent)]
pub struct NewOutlet(CustomerBody);
