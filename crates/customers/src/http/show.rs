use axum::Json;
use axum::extract::State;
use domain::CustomerId;
use platform::{ApiResult, App, Caller, Path, Problem};

use super::view::CustomerView;
use super::{present, viewer};

/// One outlet.
#[utoipa::path(
    get, path = "/customers/{id}", tag = "customers", operation_id = "getCustomer",
    params(("id" = CustomerId, Path, description = "The outlet")),
    responses(
        (status = 200, description = "The outlet", body = CustomerView),
        (status = 401, description = "Not signed in", body = Problem),
        (status = 404, description = "None, or not the caller's to see", body = Problem),
    )
)]
pub(crate) async fn get_customer(
    State(app): State<App>,
    caller: Caller,
    Path(id): Path<CustomerId>,
) -> ApiResult<Json<CustomerView>> {
    let mut tx = app.db.read(caller.context()).await?;
    Ok(Json(present(&mut tx, &viewer(&app, &caller), id).await?))
}
