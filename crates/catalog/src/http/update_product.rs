use axum::Json;
use axum::extract::State;
use domain::ProductId;
use domain::permission::CatalogManage;
use platform::{ApiResult, App, Authorized, Checks, Command, IfMatch, Path, Problem, transaction};

use super::product_view::{ProductBody, ProductView, present};
use crate::service;

/// Changes a product; what is left out stays as it is. Past documents keep what they were made with.
#[utoipa::path(
    put, path = "/products/{id}", tag = "catalog", operation_id = "updateProduct",
    request_body = ProductBody,
    params(
        ("id" = ProductId, Path, description = "The product"),
        ("If-Match" = Option<String>, Header, description = "The version that was loaded, unless the body has it"),
    ),
    responses(
        (status = 200, description = "As it is now", body = ProductView),
        (status = 400, description = "Wrong fields", body = Problem),
        (status = 401, description = "Not signed in", body = Problem),
        (status = 403, description = "No catalog.manage", body = Problem),
        (status = 404, description = "None", body = Problem),
        (status = 409, description = "The code is taken", body = Problem),
        (status = 412, description = "Changed meanwhile", body = Problem),
        (status = 422, description = "The units or the conversion factor of a product that is in stock or on documents", body = Problem),
    )
)]
pub(crate) async fn update_product(
    State(app): State<App>,
    caller: Authorized<CatalogManage>,
    Path(id): Path<ProductId>,
    if_match: IfMatch,
    command: Command<ProductBody>,
) -> ApiResult<Json<ProductView>> {
    let body = command.body;
    let version = if_match.version(body.version)?;
    let view = transaction!(app.db, caller.context(), "products.update", |tx| {
        service::update_product(tx, caller.context(), app.now(), id, version, |data| {
            let mut checks = Checks::default();
            let data = body.clone().apply(data, &mut checks);
            checks.done()?;
            Ok(data)
        })
        .await?;
        present(tx, &caller, id).await
    })?;
    Ok(Json(view))
}
