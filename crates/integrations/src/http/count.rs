use axum::Json;
use axum::extract::{Request, State};
use axum::http::HeaderMap;
use axum::response::Response;
use domain::StockCountId;
use domain::permission::InventoryManage;
use platform::{ApiError, ApiResult, App, Authorized, Path, Problem, Query};
use serde::Deserialize;
use sheets::{Cell, Column, Look, Sheet};
use utoipa::IntoParams;

use super::import::{ImportForm, ImportMode, language_of, received};
use crate::report::ImportReport;
use crate::service::run_count;
use crate::{Options, kinds};

/// How a file is loaded.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(rename_all = "camelCase")]
#[into_params(parameter_in = Query, rename_all = "camelCase")]
pub(crate) struct CountImportQuery {
    /// Only try: change nothing, tell what would be.
    #[serde(default)]
    dry_run: bool,
    /// When some rows are bad: load nothing (`all`, when left out) or the good rows (`good`).
    #[serde(default)]
    #[param(inline)]
    mode: ImportMode,
}

/// Loads what was counted from a file, as a form with the field `file` or as the plain body: product code or barcode, lot
/// and expiry date where the product has several, cases and pieces. Rows of one product and lot are summed and replace what
/// was entered before; rows without a quantity were not counted. Loading it twice changes nothing.
#[utoipa::path(
    post, path = "/inventory/counts/{id}/import", tag = "inventory", operation_id = "importCounted",
    params(("id" = StockCountId, Path, description = "The count"), CountImportQuery),
    request_body(content = ImportForm, content_type = "multipart/form-data"),
    responses(
        (status = 200, description = "What was done, and every bad row", body = ImportReport),
        (status = 400, description = "No file", body = Problem),
        (status = 401, description = "Not signed in", body = Problem),
        (status = 403, description = "Not allowed to manage stock", body = Problem),
        (status = 404, description = "No such count for the caller", body = Problem),
        (status = 408, description = "The file came too slowly", body = Problem),
        (status = 409, description = "It is closed or cancelled", body = Problem),
        (status = 413, description = "Over 20 MB", body = Problem),
        (status = 422, description = "The file can't be read, or required columns are missing", body = Problem),
    )
)]
pub(crate) async fn import_counted(
    State(app): State<App>,
    caller: Authorized<InventoryManage>,
    Path(id): Path<StockCountId>,
    Query(query): Query<CountImportQuery>,
    headers: HeaderMap,
    request: Request,
) -> ApiResult<Json<ImportReport>> {
    let bytes = received(&headers, request).await?;
    let options = Options { dry_run: query.dry_run, mode: query.mode.into(), distributor_code: None };
    let report = run_count(&app, &caller, id, bytes, &options).await?;
    Ok(Json(report.view(language_of(&headers))))
}

/// A sheet to count with: what the count expects, without figures, with columns for them. Filled in it can be loaded.
#[utoipa::path(
    get, path = "/inventory/counts/{id}/sheet", tag = "inventory", operation_id = "getCountSheet",
    params(("id" = StockCountId, Path, description = "The count")),
    responses(
        (status = 200, description = "The file", content_type = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", body = Vec<u8>),
        (status = 401, description = "Not signed in", body = Problem),
        (status = 403, description = "Not allowed to manage stock", body = Problem),
        (status = 404, description = "No such count for the caller", body = Problem),
    )
)]
pub(crate) async fn count_sheet(
    State(app): State<App>,
    caller: Authorized<InventoryManage>,
    Path(id): Path<StockCountId>,
) -> ApiResult<Response> {
    let mut tx = app.db.read(caller.context()).await?;
    let count = inventory::import_count::sheet(&mut tx, id).await?.ok_or_else(ApiError::not_found)?;
    let rows = count.lines.into_iter().map(|line| {
        let lot = Some(line.lot_number).filter(|number| !number.is_empty());
        let cells = vec![
            Cell::Text(line.product_code),
            Cell::Text(line.product_name),
            lot.map_or(Cell::Empty, Cell::Text),
            line.expiry.map_or(Cell::Empty, Cell::Date),
            Cell::Empty,
            Cell::Empty,
        ];
        (Look::Plain, cells)
    });
    let sheet = Sheet {
        name: "Kiểm kê",
        title: "PHIẾU KIỂM KÊ",
        subtitle: format!("{} · {} · {}", count.number, count.warehouse, count.date.format("%d/%m/%Y")),
        columns: COLUMNS,
        rows: rows.collect(),
    };
    sheet.download(&format!("{}.xlsx", count.number)).await
}

/// Those of the file to load, in its order.
const COLUMNS: &[Column] = &{
    const WIDTHS: [f64; 6] = [16.0, 40.0, 16.0, 14.0, 12.0, 12.0];
    let mut columns = [Column { header: "", width: 0.0 }; 6];
    let mut at = 0;
    while at < 6 {
        columns[at] = Column { header: kinds::stock_count::COLUMNS[at].name, width: WIDTHS[at] };
        at += 1;
    }
    columns
};
