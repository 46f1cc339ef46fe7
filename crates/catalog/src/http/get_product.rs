use axum::Json;
use axum::extract::State;
use domain::ProductId;
use platform::{ApiResult, App, Caller, Path, Problem};

use super::product_view::{ProductView, present};

/// One product.
#[utoipa::path(
    get, path = "/products/{id}", tag = "catalog", operation_id = "getProduct",
    params(("id" = ProductId, Path, description = "The product")),
    responses(
        (status = 200, description = "The product", body = ProductView),
        (status = 401, description = "Not signed in", body = Problem),
        (status = 404, description = "None", body = Problem),
    )
)]
pub(crate) async fn get_product(
    State(app): State<App>,
    caller: Caller,
    Path(id): Path<ProductId>,
) -> ApiResult<Json<ProductView>> {
    let mut tx = app.db.read(caller.context()).await?;
    Ok(Json(present(&mut tx, &caller, id).await?))
}
