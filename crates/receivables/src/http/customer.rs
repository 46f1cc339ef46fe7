use axum::Json;
use axum::extract::State;
use domain::CustomerId;
use platform::{ApiError, ApiResult, App, Caller, Path, Problem};
use serde::Serialize;
use utoipa::ToSchema;

use crate::model::{CustomerBalance, Entry};
use crate::store;

/// The most entries shown.
const LAST_ENTRIES: i64 = 200;
/// The most open items shown; far above what a customer ever has.
const OPEN_ITEMS: i64 = 1_000;

/// A customer's account.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct CustomerAccount {
    /// What is owed.
    customer: CustomerBalance,
    /// Debts that are not paid in full and credits that are left, the oldest due first.
    open_items: Vec<Entry>,
    /// The last 200 entries, newest first.
    entries: Vec<Entry>,
}

/// A customer's account: what is owed, what is open, and the last entries.
#[utoipa::path(
    get,
    path = "/receivables/customers/{customerId}",
    tag = "receivables",
    operation_id = "getCustomerAccount",
    params(("customerId" = CustomerId, Path, description = "The customer")),
    responses(
        (status = 200, description = "The account", body = CustomerAccount),
        (status = 401, description = "Not signed in", body = Problem),
        (status = 404, description = "No such customer", body = Problem),
    )
)]
pub(crate) async fn show_account(
    State(app): State<App>,
    caller: Caller,
    Path(id): Path<CustomerId>,
) -> ApiResult<Json<CustomerAccount>> {
    let mut tx = app.db.read(caller.context()).await?;
    let customer = store::find_balance(&mut tx, caller.scope(), id, app.today())
        .await?
        .ok_or_else(ApiError::not_found)?;
    let distributor = customer.distributor_id;
    let open_items = store::list_entries(&mut tx, distributor, id, true, OPEN_ITEMS).await?;
    let entries = store::list_entries(&mut tx, distributor, id, false, LAST_ENTRIES).await?;
    Ok(Json(CustomerAccount { customer, open_items, entries }))
}
