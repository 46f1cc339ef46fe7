use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use domain::permission::CatalogManage;
use platform::{ApiResult, App, Authorized, Checks, Command, Problem, transaction_once};
use uuid::Uuid;

use super::product_view::{ProductBody, ProductView, present};
use crate::model::ProductData;
use crate::service;

/// Adds a product.
#[utoipa::path(
    post, path = "/products", tag = "catalog", operation_id = "createProduct",
    request_body = ProductBody,
    params(("Idempotency-Key" = Option<String>, Header, description = "Makes a repeat harmless")),
    responses(
        (status = 201, description = "Added", body = ProductView),
        (status = 400, description = "Wrong fields", body = Problem),
        (status = 401, description = "Not signed in", body = Problem),
        (status = 403, description = "No catalog.manage", body = Problem),
        (status = 409, description = "The code is taken", body = Problem),
    )
)]
pub(crate) async fn create_product(
    State(app): State<App>,
    caller: Authorized<CatalogManage>,
    command: Command<ProductBody>,
) -> ApiResult<(StatusCode, Json<ProductView>)> {
    let once = command.once(command.body.id.map(|id| id.uuid()));
    let body = command.body;
    let id = body.id.unwrap_or_else(|| Uuid::now_v7().into());
    let mut checks = Checks::default();
    for (field, price) in [("sellingPrice", body.selling_price), ("sellingPriceSub", body.selling_price_sub)]
    {
        if price.is_none() {
            checks.wrong(field, "Bắt buộc", "Required");
        }
    }
    let data = body.apply(ProductData::blank(), &mut checks);
    checks.done()?;
    let view = transaction_once!(app, caller.context(), once, "products.create", |tx| {
        service::create_product(tx, caller.context(), app.now(), id, &data).await?;
        present(tx, &caller, id).await
    })?;
    Ok((StatusCode::CREATED, Json(view)))
}
