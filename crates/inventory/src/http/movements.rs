use axum::Json;
use axum::extract::State;
use axum::response::{IntoResponse as _, Response};
use chrono::NaiveDate;
use domain::permission::InventoryManage;
use domain::{DistributorId, DocumentId, ProductId, WarehouseId};
use platform::{ApiError, ApiResult, App, Authorized, Checks, ListFormat, Problem, Query};
use serde::{Deserialize, Serialize};
use sheets::{Field, List, MOST_ROWS};
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

use crate::model::{Reason, StockMovement};
use crate::store::{self, MovementFilter};

/// Which movements, and from where on.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(rename_all = "camelCase")]
#[into_params(parameter_in = Query, rename_all = "camelCase")]
pub(crate) struct MovementQuery {
    /// Only this distributor's.
    distributor_id: Option<DistributorId>,
    /// Only in this warehouse.
    warehouse_id: Option<WarehouseId>,
    /// Only of this product.
    product_id: Option<ProductId>,
    /// Only of this document.
    document_id: Option<DocumentId>,
    /// Only for this reason.
    reason: Option<Reason>,
    /// From this business day.
    from: Option<NaiveDate>,
    /// To this business day.
    to: Option<NaiveDate>,
    /// `nextCursor` of the answer before.
    cursor: Option<String>,
    /// Rows, 1 to 100; 50 when absent.
    #[param(minimum = 1, maximum = 100)]
    limit: Option<i64>,
    /// `json`, or `xlsx` for all that the filter finds, at most 20,000.
    #[serde(default)]
    #[param(inline)]
    format: ListFormat,
}

/// A part of the feed.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct MovementFeed {
    data: Vec<StockMovement>,
    /// Where the next part begins; null when this is the last.
    next_cursor: Option<String>,
}

/// The stock ledger, newest first.
#[utoipa::path(
    get,
    path = "/inventory/movements",
    tag = "inventory",
    operation_id = "listStockMovements",
    params(MovementQuery),
    responses(
        (status = 200, description = "A part of the ledger, or the file", body = MovementFeed),
        (status = 400, description = "A parameter is not valid", body = Problem),
        (status = 401, description = "Not signed in", body = Problem),
        (status = 403, description = "Not allowed to manage stock", body = Problem),
        (status = 422, description = "Too many for a file", body = Problem),
    )
)]
pub(crate) async fn list_movements(
    State(app): State<App>,
    caller: Authorized<InventoryManage>,
    Query(query): Query<MovementQuery>,
) -> ApiResult<Response> {
    let mut checks = Checks::default();
    let limit = checks.range("limit", query.limit.unwrap_or(50), 1..=100);
    checks.done()?;
    let after = query.cursor.as_deref().map(read_cursor).transpose()?;
    let filter = MovementFilter {
        distributor: query.distributor_id,
        warehouse: query.warehouse_id,
        product: query.product_id,
        document: query.document_id,
        reason: query.reason,
        from: query.from,
        to: query.to,
    };
    let mut tx = app.db.read(caller.context()).await?;
    if query.format == ListFormat::Xlsx {
        let rows = store::list_movements(&mut tx, &filter, None, MOST_ROWS + 1).await?;
        drop(tx);
        let total = i64::try_from(rows.len()).map_err(ApiError::internal)?;
        return FILE.file(&rows, total, sheets::period(query.from, query.to), app.today()).await;
    }
    // One more row than asked tells whether there is a next part.
    let mut data = store::list_movements(&mut tx, &filter, after, limit + 1).await?;
    let asked = usize::try_from(limit).map_err(ApiError::internal)?;
    let more = data.len() > asked;
    data.truncate(asked);
    let next_cursor = if more {
        data.last().map(|m| format!("{}.{}", m.business_date, m.movement_id.uuid().simple()))
    } else {
        None
    };
    Ok(Json(MovementFeed { data, next_cursor }).into_response())
}

const FILE: List<StockMovement> = List {
    name: "Nhật ký kho",
    title: "NHẬT KÝ KHO",
    file: "nhat-ky-kho",
    fields: &[
        Field::day("Ngày", |m| Some(m.business_date)),
        Field::text("Số phiếu", 20.0, |m| m.document_number.clone()),
        Field::text("Nghiệp vụ", 16.0, |m| reason_vi(m.reason).to_owned()),
        Field::text("Mã kho", 12.0, |m| m.warehouse_code.clone()),
        Field::text("Mã hàng", 14.0, |m| m.product_code.clone()),
        Field::text("Tên hàng", 36.0, |m| m.product_name.clone()),
        Field::text("Số lô", 14.0, |m| m.lot_number.clone()),
        Field::day("Hạn sử dụng", |m| m.expiry),
        Field::amount("Số lượng (lẻ)", |m| m.pieces.pieces()),
        Field::amount("Giá trị theo giá vốn", |m| m.cost_value.dong()),
        Field::amount("Giá trị theo giá bán", |m| m.selling_value.dong()),
        Field::text("Người ghi", 22.0, |m| m.actor_name.clone()),
    ],
};

const fn reason_vi(reason: Reason) -> &'static str {
    match reason {
        Reason::Opening => "Tồn đầu kỳ",
        Reason::Receipt => "Nhập hàng",
        Reason::Issue => "Xuất bán",
        Reason::Transfer => "Chuyển kho",
        Reason::Adjustment => "Điều chỉnh",
        Reason::Count => "Kiểm kê",
        Reason::Return => "Khách trả",
    }
}

fn read_cursor(cursor: &str) -> ApiResult<(NaiveDate, Uuid)> {
    cursor
        .split_once('.')
        .and_then(|(day, id)| Some((day.parse().ok()?, id.parse().ok()?)))
        .ok_or_else(|| ApiError::invalid_field("cursor", "Không hợp lệ", "Not valid"))
}
