use axum::extract::State;
use axum::http::StatusCode;
use domain::ProductId;
use domain::permission::CatalogManage;
use platform::{ApiResult, App, Authorized, IfMatch, Path, Problem, transaction};

use crate::service;

/// Takes a product out of the catalogue; past documents keep it.
#[utoipa::path(
    delete, path = "/products/{id}", tag = "catalog", operation_id = "deleteProduct",
    params(
        ("id" = ProductId, Path, description = "The product"),
        ("If-Match" = Option<String>, Header, description = "The version that was loaded, if it matters"),
    ),
    responses(
        (status = 204, description = "Deleted"),
        (status = 401, description = "Not signed in", body = Problem),
        (status = 403, description = "No catalog.manage", body = Problem),
        (status = 404, description = "None", body = Problem),
        (status = 412, description = "Changed meanwhile", body = Problem),
    )
)]
pub(crate) async fn delete_product(
    State(app): State<App>,
    caller: Authorized<CatalogManage>,
    Path(id): Path<ProductId>,
    IfMatch(version): IfMatch,
) -> ApiResult<StatusCode> {
    transaction!(app.db, caller.context(), "products.delete", |tx| {
        service::delete_product(tx, caller.context(), app.now(), id, version).await
    })?;
    Ok(StatusCode::NO_CONTENT)
}
