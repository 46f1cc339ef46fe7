use axum::Json;
use axum::extract::State;
use chrono::NaiveDate;
use domain::WarehouseId;
use platform::{ApiError, ApiResult, App, Caller, PageQuery, Pagination, Path, Problem, Query};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use crate::model::ProductStock;
use crate::store::{self, StockFilter};

/// Narrows the list.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(rename_all = "camelCase")]
#[into_params(parameter_in = Query, rename_all = "camelCase")]
pub(crate) struct StockQuery {
    /// Only products at or below their warning threshold.
    low_stock: Option<bool>,
    /// Only products of which something expires up to this day.
    expires_by: Option<NaiveDate>,
}

/// A page of products.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct StockList {
    data: Vec<ProductStock>,
    pagination: Pagination,
}

/// What is in a warehouse, per product with its lots.
#[utoipa::path(
    get,
    path = "/warehouses/{id}/stock",
    tag = "inventory",
    operation_id = "listStock",
    params(("id" = WarehouseId, Path, description = "The warehouse"), PageQuery, StockQuery),
    responses(
        (status = 200, description = "A page of products, in the catalogue's order", body = StockList),
        (status = 400, description = "A parameter is not valid", body = Problem),
        (status = 401, description = "Not signed in", body = Problem),
        (status = 404, description = "No such warehouse", body = Problem),
    )
)]
pub(crate) async fn list_stock(
    State(app): State<App>,
    caller: Caller,
    Path(id): Path<WarehouseId>,
    Query(page): Query<PageQuery>,
    Query(query): Query<StockQuery>,
) -> ApiResult<Json<StockList>> {
    let page = page.checked()?;
    let filter = StockFilter { low: query.low_stock.unwrap_or(false), expires_by: query.expires_by };
    let mut tx = app.db.read(caller.context()).await?;
    let warehouse =
        store::find_warehouse(&mut tx, caller.scope(), id).await?.ok_or_else(ApiError::not_found)?;
    let (data, total) = store::list_stock(&mut tx, &warehouse, &filter, &page).await?;
    Ok(Json(StockList { data, pagination: page.of(total) }))
}
