use axum::Json;
use axum::extract::State;
use axum::response::{IntoResponse as _, Response};
use chrono::{Days, NaiveDate};
use domain::permission::ReportsView;
use domain::{DistributorId, LotId, ProductId, Quantity, WarehouseId};
use platform::{ApiError, ApiResult, App, Authorized, Checks, Problem, Query};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::{ReportColumn, ReportFormat, columns, vn};
use crate::store::{self, ExpiringLot};
use sheets::{Cell, Column, Look, Sheet};

/// The most rows; a distributor with more near expiry has another problem than a longer list.
const MOST: i64 = 10_000;

/// What to show, and how.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(rename_all = "camelCase")]
#[into_params(parameter_in = Query, rename_all = "camelCase")]
pub(crate) struct StockExpiryQuery {
    /// Lots that expire within so many days, 0 to 3650; 90 when left out. Expired ones are always shown.
    days: Option<i64>,
    /// Only this distributor's.
    distributor_id: Option<DistributorId>,
    /// Only in this warehouse.
    warehouse_id: Option<WarehouseId>,
    /// `json` or `xlsx`.
    #[serde(default)]
    #[param(inline)]
    format: ReportFormat,
}

/// A lot that expires.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct StockExpiryRow {
    warehouse_id: WarehouseId,
    warehouse_code: String,
    warehouse_name: String,
    product_id: ProductId,
    product_code: String,
    product_name: String,
    /// The name of the piece.
    unit: String,
    lot_id: LotId,
    lot_number: String,
    expiry: NaiveDate,
    /// Days until then; below zero when it has expired.
    days_left: i32,
    /// Pieces there.
    on_hand: Quantity,
}

/// The report.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct StockExpiry {
    columns: Vec<ReportColumn>,
    rows: Vec<StockExpiryRow>,
}

const KEYS: &[&str] = &[
    "warehouseCode",
    "warehouseName",
    "productCode",
    "productName",
    "unit",
    "lotNumber",
    "expiry",
    "daysLeft",
    "onHand",
];
const COLUMNS: &[Column] = &[
    Column { header: "Mã kho", width: 10.0 },
    Column { header: "Tên kho", width: 24.0 },
    Column { header: "Mã hàng", width: 12.0 },
    Column { header: "Tên hàng", width: 36.0 },
    Column { header: "ĐVT", width: 8.0 },
    Column { header: "Số lô", width: 14.0 },
    Column { header: "Hạn dùng", width: 12.0 },
    Column { header: "Số ngày còn lại", width: 10.0 },
    Column { header: "Số lượng", width: 12.0 },
];

/// Lots that have expired or will soon, by warehouse.
#[utoipa::path(
    get,
    path = "/reports/stock-expiry",
    tag = "reports",
    operation_id = "getStockExpiry",
    params(StockExpiryQuery),
    responses(
        (status = 200, description = "The report; with `format=xlsx` an Excel file", body = StockExpiry),
        (status = 400, description = "A parameter is not valid", body = Problem),
        (status = 401, description = "Not signed in", body = Problem),
        (status = 403, description = "Not allowed to read reports", body = Problem),
    )
)]
pub(crate) async fn stock_expiry(
    State(app): State<App>,
    caller: Authorized<ReportsView>,
    Query(query): Query<StockExpiryQuery>,
) -> ApiResult<Response> {
    let mut checks = Checks::default();
    let days = checks.range("days", query.days.unwrap_or(90), 0..=3650);
    checks.done()?;
    let today = app.today();
    let until = today.checked_add_days(Days::new(days.unsigned_abs())).ok_or_else(ApiError::not_found)?;
    let mut tx = app.db.read(caller.context()).await?;
    let of = (query.distributor_id, query.warehouse_id);
    let lots = store::list_expiring(&mut tx, caller.scope(), of, (today, until), MOST).await?;
    drop(tx);
    let rows: Vec<StockExpiryRow> = lots.into_iter().map(row).collect();
    match query.format {
        ReportFormat::Json => Ok(Json(StockExpiry { columns: columns(KEYS, COLUMNS), rows }).into_response()),
        ReportFormat::Xlsx => {
            let sheet = Sheet {
                name: "Hạn dùng",
                title: "BÁO CÁO HÀNG SẮP HẾT HẠN",
                subtitle: format!("Hết hạn đến ngày {}", vn(until)),
                columns: COLUMNS,
                rows: rows.into_iter().map(|row| (Look::Plain, cells(row))).collect(),
            };
            sheet.download(&format!("hang-sap-het-han_{until}.xlsx")).await
        }
    }
}

fn row(lot: ExpiringLot) -> StockExpiryRow {
    StockExpiryRow {
        warehouse_id: lot.warehouse_id,
        warehouse_code: lot.warehouse_code,
        warehouse_name: lot.warehouse_name,
        product_id: lot.product_id,
        product_code: lot.product_code,
        product_name: lot.product_name,
        unit: lot.sub_unit_name,
        lot_id: lot.lot_id,
        lot_number: lot.lot_number,
        expiry: lot.expiry,
        days_left: lot.days_left,
        on_hand: lot.on_hand,
    }
}

fn cells(row: StockExpiryRow) -> Vec<Cell> {
    vec![
        Cell::Text(row.warehouse_code),
        Cell::Text(row.warehouse_name),
        Cell::Text(row.product_code),
        Cell::Text(row.product_name),
        Cell::Text(row.unit),
        Cell::Text(row.lot_number),
        Cell::Date(row.expiry),
        Cell::Number(row.days_left.into()),
        Cell::Number(row.on_hand.pieces()),
    ]
}
