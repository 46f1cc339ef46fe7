use axum::Json;
use axum::extract::State;
use axum::response::{IntoResponse as _, Response};
use chrono::NaiveDate;
use domain::WarehouseId;
use platform::{ApiError, ApiResult, App, Caller, ListFormat, PageQuery, Pagination, Path, Problem, Query};
use serde::{Deserialize, Serialize};
use sheets::{Field, List};
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
    /// `json`, or `xlsx` for all that the filter finds, at most 20,000.
    #[serde(default)]
    #[param(inline)]
    format: ListFormat,
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
        (status = 200, description = "A page of products, in the catalogue's order, or the file", body = StockList),
        (status = 400, description = "A parameter is not valid", body = Problem),
        (status = 401, description = "Not signed in", body = Problem),
        (status = 404, description = "No such warehouse", body = Problem),
        (status = 422, description = "Too many for a file", body = Problem),
    )
)]
pub(crate) async fn list_stock(
    State(app): State<App>,
    caller: Caller,
    Path(id): Path<WarehouseId>,
    Query(page): Query<PageQuery>,
    Query(query): Query<StockQuery>,
) -> ApiResult<Response> {
    let page = page.checked()?;
    let filter = StockFilter { low: query.low_stock.unwrap_or(false), expires_by: query.expires_by };
    let mut tx = app.db.read(caller.context()).await?;
    let warehouse =
        store::find_warehouse(&mut tx, caller.scope(), id).await?.ok_or_else(ApiError::not_found)?;
    let part = sheets::part(query.format, page.clone());
    let (data, total) = store::list_stock(&mut tx, &warehouse, &filter, &part).await?;
    drop(tx);
    match query.format {
        ListFormat::Json => Ok(Json(StockList { data, pagination: page.of(total) }).into_response()),
        ListFormat::Xlsx => {
            FILE.file(
                &data,
                total,
                format!(
                    "Kho {} – {}, ngày {}",
                    warehouse.code,
                    warehouse.name,
                    app.today().format("%d/%m/%Y")
                ),
                app.today(),
            )
            .await
        }
    }
}

const FILE: List<ProductStock> = List {
    name: "Tồn kho",
    title: "TỒN KHO",
    file: "ton-kho",
    fields: &[
        Field::text("Mã hàng", 14.0, |p| p.product_code.clone()),
        Field::text("Tên hàng", 36.0, |p| p.product_name.clone()),
        Field::text("ĐVT lẻ", 10.0, |p| p.sub_unit_name.clone()),
        Field::text("ĐVT chẵn", 10.0, |p| p.unit_name.clone()),
        Field::number("Quy đổi", |p| p.conversion_rate.pieces_per_case()),
        Field::amount("Tồn (lẻ)", |p| p.on_hand.pieces()),
        Field::amount("Đã giữ (lẻ)", |p| p.reserved.pieces()),
        Field::amount("Có thể bán (lẻ)", |p| p.available.pieces()),
        Field::amount("Đang chuyển đến (lẻ)", |p| p.in_transit.pieces()),
        Field::day("Hạn gần nhất", |p| p.expiry),
        Field::text("Sắp hết", 10.0, |p| if p.low_stock { "x".to_owned() } else { String::new() }),
    ],
};
