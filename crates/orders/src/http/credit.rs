use axum::Json;
use axum::extract::State;
use domain::CustomerId;
use platform::{ApiResult, App, Caller, Path, Problem};

use crate::model::CustomerCredit;
use crate::service;

/// A customer's credit: what it owes, what is promised to it and not delivered, what may still be sold to it.
#[utoipa::path(get, path = "/customers/{id}/credit", tag = "customers", operation_id = "getCustomerCredit",
    params(("id" = CustomerId, Path, description = "The customer")),
    responses(
        (status = 200, description = "Its credit", body = CustomerCredit),
        (status = 401, description = "Not signed in", body = Problem),
        (status = 404, description = "No such customer for the caller", body = Problem),
    ))]
pub async fn customer_credit(
    State(app): State<App>,
    caller: Caller,
    Path(id): Path<CustomerId>,
) -> ApiResult<Json<CustomerCredit>> {
    Ok(Json(service::customer_credit(&app, &caller, id).await?))
}
