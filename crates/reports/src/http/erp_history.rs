use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use chrono::{DateTime, NaiveDate, Utc};
use domain::permission::ReportsView;
use domain::{Money, Quantity};
use platform::{ApiError, ApiResult, App, Authorized, PageQuery, Pagination, Problem, Query};
use serde::Serialize;
use utoipa::ToSchema;

use super::erp_export::sees_the_company;
use crate::store::{self, ExportRow};

/// A file that was made for the ERP.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct ErpExport {
    /// The business day.
    date: NaiveDate,
    /// From 1; a further one is made when documents of the day came late.
    version: i32,
    /// When.
    made_at: DateTime<Utc>,
    /// The SHA-256 of its bytes.
    content: String,
    /// Its bytes.
    size_bytes: i64,
    /// The SHA-256 over its rows, as sheet `Đối chiếu` says it.
    fingerprint: String,
    /// Rows of sheet `Bán hàng`.
    sales_rows: i64,
    /// In đồng.
    net_revenue: Money,
    /// In đồng.
    vat: Money,
    /// In đồng, with VAT.
    revenue: Money,
    /// Rows of sheet `Nhập xuất kho`.
    stock_rows: i64,
    /// Pieces that came in.
    in_quantity: Quantity,
    /// Pieces that went out.
    out_quantity: Quantity,
    /// Whether the file is kept; older versions are not.
    stored: bool,
}

impl From<ExportRow> for ErpExport {
    fn from(e: ExportRow) -> Self {
        ErpExport {
            date: e.business_date,
            version: e.version,
            made_at: e.made_at,
            content: e.content,
            size_bytes: e.size_bytes,
            fingerprint: e.fingerprint,
            sales_rows: e.sales_rows,
            net_revenue: Money::new(e.net),
            vat: Money::new(e.vat),
            revenue: Money::new(e.total),
            stock_rows: e.stock_rows,
            in_quantity: Quantity::new(e.in_pieces),
            out_quantity: Quantity::new(e.out_pieces),
            stored: e.stored,
        }
    }
}

/// A part of the history.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct ErpExportList {
    /// The latest days and versions first.
    data: Vec<ErpExport>,
    /// Where this part stands.
    pagination: Pagination,
}

/// The files that were made for the ERP in the nights, for those who see the whole company
#[utoipa::path(
    get,
    path = "/exports/erp/history",
    tag = "exports",
    operation_id = "listErpExports",
    params(PageQuery),
    responses(
        (status = 200, description = "A part of the history", body = ErpExportList),
        (status = 400, description = "Malformed", body = Problem),
        (status = 401, description = "Not signed in", body = Problem),
        (status = 403, description = "Not allowed to read reports, or not of the whole company", body = Problem),
    )
)]
pub(crate) async fn list_erp_exports(
    State(app): State<App>,
    caller: Authorized<ReportsView>,
    Query(page): Query<PageQuery>,
) -> ApiResult<Json<ErpExportList>> {
    if !sees_the_company(&caller) {
        return Err(ApiError::new(
            StatusCode::FORBIDDEN,
            "exports.company_only",
            "Chỉ người xem được toàn công ty mới xem được danh sách này.",
            "Only those who see the whole company can see this list.",
        ));
    }
    let page = page.checked()?;
    let mut tx = app.db.read(caller.context()).await?;
    let (rows, total) = store::list_exports(&mut tx, page.limit(), page.offset()).await?;
    Ok(Json(ErpExportList {
        data: rows.into_iter().map(ErpExport::from).collect(),
        pagination: page.of(total),
    }))
}
