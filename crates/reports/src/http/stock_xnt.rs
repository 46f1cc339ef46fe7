use std::collections::HashMap;

use axum::extract::State;
use axum::http::HeaderValue;
use axum::http::header::CONTENT_TYPE;
use axum::response::{IntoResponse as _, Response};
use chrono::NaiveDate;
use db::PgConnection;
use domain::permission::ReportsView;
use domain::{DistributorId, Money, ProductId, Quantity, WarehouseId};
use platform::{ApiError, ApiResult, App, Authorized, Problem, Query};
use serde::{Deserialize, Serialize};
use sheets::{Cell, Column, Look, Sheet};
use utoipa::{IntoParams, ToSchema};

use super::{ReportColumn, ReportFormat, columns, period, vn};
use crate::snapshots::{sources, split};
use crate::store::{self, ProductLabel, WarehouseName, XntFilter, XntSums};

/// What to show, and how.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(rename_all = "camelCase")]
#[into_params(parameter_in = Query, rename_all = "camelCase")]
pub(crate) struct StockXntQuery {
    /// The first business day; the first of the month when left out.
    from: Option<NaiveDate>,
    /// The last business day; today when left out. At most 366 days in all.
    to: Option<NaiveDate>,
    /// Only this distributor's.
    distributor_id: Option<DistributorId>,
    /// Only in this warehouse.
    warehouse_id: Option<WarehouseId>,
    /// Only of this product.
    product_id: Option<ProductId>,
    /// `json` or `xlsx`.
    #[serde(default)]
    #[param(inline)]
    format: ReportFormat,
}

/// The figures of a row or a sum. Whole is what was posted in cases, retail what was posted in pieces, quantity all of
/// it in pieces; closing = opening + in − out in every column.
#[derive(Debug, Clone, Copy, Default, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct XntFigures {
    /// Pieces.
    opening_quantity: Quantity,
    /// Cases.
    opening_whole: i64,
    /// Pieces; may exceed a case, or have the other sign.
    opening_retail: i64,
    /// đồng at selling price.
    opening_value: Money,
    /// Pieces.
    in_quantity: Quantity,
    /// Cases.
    in_whole: i64,
    /// Pieces.
    in_retail: i64,
    /// đồng at selling price.
    in_value: Money,
    /// đồng at purchase price.
    in_cost: Money,
    /// Pieces.
    out_quantity: Quantity,
    /// Cases.
    out_whole: i64,
    /// Pieces.
    out_retail: i64,
    /// đồng at selling price.
    out_value: Money,
    /// đồng at the price sold.
    out_sold: Money,
    /// Pieces.
    closing_quantity: Quantity,
    /// Cases.
    closing_whole: i64,
    /// Pieces.
    closing_retail: i64,
    /// đồng at selling price.
    closing_value: Money,
}

impl XntFigures {
    /// None when a figure is out of range.
    fn of(s: &XntSums) -> Option<Self> {
        let closing = |opening: i64, came: i64, went: i64| opening.checked_add(came)?.checked_sub(went);
        Some(XntFigures {
            opening_quantity: Quantity::new(s.opening_pieces),
            opening_whole: s.opening_whole,
            opening_retail: s.opening_retail,
            opening_value: Money::new(s.opening_value),
            in_quantity: Quantity::new(s.in_pieces),
            in_whole: s.in_whole,
            in_retail: s.in_retail,
            in_value: Money::new(s.in_value),
            in_cost: Money::new(s.in_cost),
            out_quantity: Quantity::new(s.out_pieces),
            out_whole: s.out_whole,
            out_retail: s.out_retail,
            out_value: Money::new(s.out_value),
            out_sold: Money::new(s.out_sold),
            closing_quantity: Quantity::new(closing(s.opening_pieces, s.in_pieces, s.out_pieces)?),
            closing_whole: closing(s.opening_whole, s.in_whole, s.out_whole)?,
            closing_retail: closing(s.opening_retail, s.in_retail, s.out_retail)?,
            closing_value: Money::new(closing(s.opening_value, s.in_value, s.out_value)?),
        })
    }

    /// None when a sum is out of range.
    fn plus(self, o: &Self) -> Option<Self> {
        let quantity = |a: Quantity, b: Quantity| a.pieces().checked_add(b.pieces()).map(Quantity::new);
        let money = |a: Money, b: Money| a.checked_add(b).ok();
        Some(XntFigures {
            opening_quantity: quantity(self.opening_quantity, o.opening_quantity)?,
            opening_whole: self.opening_whole.checked_add(o.opening_whole)?,
            opening_retail: self.opening_retail.checked_add(o.opening_retail)?,
            opening_value: money(self.opening_value, o.opening_value)?,
            in_quantity: quantity(self.in_quantity, o.in_quantity)?,
            in_whole: self.in_whole.checked_add(o.in_whole)?,
            in_retail: self.in_retail.checked_add(o.in_retail)?,
            in_value: money(self.in_value, o.in_value)?,
            in_cost: money(self.in_cost, o.in_cost)?,
            out_quantity: quantity(self.out_quantity, o.out_quantity)?,
            out_whole: self.out_whole.checked_add(o.out_whole)?,
            out_retail: self.out_retail.checked_add(o.out_retail)?,
            out_value: money(self.out_value, o.out_value)?,
            out_sold: money(self.out_sold, o.out_sold)?,
            closing_quantity: quantity(self.closing_quantity, o.closing_quantity)?,
            closing_whole: self.closing_whole.checked_add(o.closing_whole)?,
            closing_retail: self.closing_retail.checked_add(o.closing_retail)?,
            closing_value: money(self.closing_value, o.closing_value)?,
        })
    }

    fn cells(&self) -> impl Iterator<Item = Cell> {
        [
            self.opening_quantity.pieces(),
            self.opening_whole,
            self.opening_retail,
            self.opening_value.dong(),
            self.in_quantity.pieces(),
            self.in_whole,
            self.in_retail,
            self.in_value.dong(),
            self.in_cost.dong(),
            self.out_quantity.pieces(),
            self.out_whole,
            self.out_retail,
            self.out_value.dong(),
            self.out_sold.dong(),
            self.closing_quantity.pieces(),
            self.closing_whole,
            self.closing_retail,
            self.closing_value.dong(),
        ]
        .into_iter()
        .map(Cell::Number)
    }
}

/// A product in a warehouse.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct StockXntRow<'a> {
    warehouse_id: WarehouseId,
    warehouse_code: &'a str,
    warehouse_name: &'a str,
    product_id: ProductId,
    product_code: &'a str,
    product_name: &'a str,
    /// The name of the piece.
    unit: &'a str,
    #[serde(flatten)]
    figures: XntFigures,
}

/// The sums of a warehouse.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct StockXntSum<'a> {
    warehouse_id: WarehouseId,
    warehouse_code: &'a str,
    warehouse_name: &'a str,
    #[serde(flatten)]
    figures: XntFigures,
}

/// The report.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct StockXnt<'a> {
    /// The first business day.
    from: NaiveDate,
    /// The last business day.
    to: NaiveDate,
    /// The columns of the rows, with their headers.
    columns: Vec<ReportColumn>,
    /// Rows by warehouse and product; products that had no stock and no movement are left out.
    rows: Vec<StockXntRow<'a>>,
    /// A sum per warehouse, in the order of the rows.
    subtotals: Vec<StockXntSum<'a>>,
    /// The sum of all.
    total: XntFigures,
}

const KEYS: &[&str] = &[
    "#",
    "warehouseCode",
    "warehouseName",
    "productCode",
    "productName",
    "unit",
    "openingQuantity",
    "openingWhole",
    "openingRetail",
    "openingValue",
    "inQuantity",
    "inWhole",
    "inRetail",
    "inValue",
    "inCost",
    "outQuantity",
    "outWhole",
    "outRetail",
    "outValue",
    "outSold",
    "closingQuantity",
    "closingWhole",
    "closingRetail",
    "closingValue",
];
const COLUMNS: &[Column] = &[
    Column { header: "STT", width: 7.0 },
    Column { header: "Mã kho", width: 12.0 },
    Column { header: "Tên kho", width: 24.0 },
    Column { header: "Mã hàng", width: 12.0 },
    Column { header: "Tên hàng", width: 36.0 },
    Column { header: "ĐVT", width: 8.0 },
    Column { header: "Tồn đầu kỳ: Số lượng", width: 12.0 },
    Column { header: "Tồn đầu kỳ: SL chẵn", width: 12.0 },
    Column { header: "Tồn đầu kỳ: SL lẻ", width: 12.0 },
    Column { header: "Tồn đầu kỳ: Giá trị", width: 16.0 },
    Column { header: "Nhập trong kỳ: Số lượng", width: 12.0 },
    Column { header: "Nhập trong kỳ: SL chẵn", width: 12.0 },
    Column { header: "Nhập trong kỳ: SL lẻ", width: 12.0 },
    Column { header: "Nhập trong kỳ: Giá trị", width: 16.0 },
    Column { header: "Nhập trong kỳ: Giá trị nhập", width: 16.0 },
    Column { header: "Xuất trong kỳ: Số lượng", width: 12.0 },
    Column { header: "Xuất trong kỳ: SL chẵn", width: 12.0 },
    Column { header: "Xuất trong kỳ: SL lẻ", width: 12.0 },
    Column { header: "Xuất trong kỳ: Giá trị", width: 16.0 },
    Column { header: "Xuất trong kỳ: Giá trị bán", width: 16.0 },
    Column { header: "Tồn cuối kỳ: Số lượng", width: 12.0 },
    Column { header: "Tồn cuối kỳ: SL chẵn", width: 12.0 },
    Column { header: "Tồn cuối kỳ: SL lẻ", width: 12.0 },
    Column { header: "Tồn cuối kỳ: Giá trị", width: 16.0 },
];

/// Báo cáo nhập xuất tồn: opening, in, out and closing stock per warehouse and product, with a sum per warehouse.
/// Every column is a sum over postings.
#[utoipa::path(
    get,
    path = "/reports/stock-xnt",
    tag = "reports",
    operation_id = "getStockXnt",
    params(StockXntQuery),
    responses(
        (status = 200, description = "The report; with `format=xlsx` an Excel file", body = StockXnt),
        (status = 400, description = "A parameter is not valid", body = Problem),
        (status = 401, description = "Not signed in", body = Problem),
        (status = 403, description = "Not allowed to read reports", body = Problem),
        (status = 422, description = "The sums are out of range", body = Problem),
    )
)]
pub(crate) async fn stock_xnt(
    State(app): State<App>,
    caller: Authorized<ReportsView>,
    Query(query): Query<StockXntQuery>,
) -> ApiResult<Response> {
    let (from, to) = period(query.from, query.to, app.today())?;
    // One picture of the database: a snapshot that is built meanwhile is there whole or not at all.
    let mut tx = app.db.snapshot(caller.context()).await?;
    store::prepare_for_sums(&mut tx).await?;
    let warehouses = store::list_warehouses(&mut tx).await?;
    let products = store::list_products(&mut tx).await?;
    // Rows are found by their distributor first, so a warehouse alone would be looked for among all of them.
    let owner = query
        .warehouse_id
        .and_then(|id| warehouses.iter().find(|w| w.id == id))
        .map(|warehouse| warehouse.distributor_id);
    let filter = XntFilter {
        distributor: query.distributor_id.or(owner),
        warehouse: query.warehouse_id,
        product: query.product_id,
    };
    let sums = sums(&mut tx, &filter, from, to).await?;
    drop(tx);
    let format = query.format;
    // Sixty thousand rows take a while to write: apart from the threads that serve requests.
    let report = move || -> ApiResult<Written> {
        let report = put_together((from, to), sums, &warehouses, &products)?;
        Ok(match format {
            ReportFormat::Json => Written::Json(serde_json::to_vec(&report).map_err(ApiError::internal)?),
            ReportFormat::Xlsx => Written::Sheet(sheet(&report)),
        })
    };
    match tokio::task::spawn_blocking(report).await.map_err(ApiError::internal)?? {
        Written::Json(bytes) => {
            Ok(([(CONTENT_TYPE, HeaderValue::from_static("application/json"))], bytes).into_response())
        }
        Written::Sheet(sheet) => sheet.download(&format!("nhap-xuat-ton_{from}_{to}.xlsx")).await,
    }
}

/// The sums of the period, put together from snapshots and postings.
async fn sums(
    c: &mut PgConnection,
    filter: &XntFilter,
    from: NaiveDate,
    to: NaiveDate,
) -> ApiResult<Vec<XntSums>> {
    let sources = sources(from, to, store::find_built(c).await?);
    if let Some(month) = sources.closed_month() {
        return Ok(store::list_closed_month(c, filter, month).await?);
    }
    let mut parts = Vec::new();
    if let Some(month) = sources.closing_of {
        parts.push(store::list_closing(c, filter, month).await?);
    }
    if let Some(months) = sources.months {
        parts.push(store::list_months(c, filter, months, sources.opening_of).await?);
    }
    for days in sources.days {
        let [before, within] = split(days, from);
        if let Some(days) = before {
            parts.push(store::list_postings_before(c, filter, days).await?);
        }
        if let Some(days) = within {
            parts.push(store::list_postings(c, filter, days).await?);
        }
    }
    let mut parts = parts.into_iter();
    let mut sums = parts.next().unwrap_or_default();
    let mut places: HashMap<(WarehouseId, ProductId), usize> =
        sums.iter().map(|s| (s.warehouse_id, s.product_id)).zip(0..).collect();
    for s in parts.flatten() {
        match places.get(&(s.warehouse_id, s.product_id)).and_then(|place| sums.get_mut(*place)) {
            Some(sum) => *sum = sum.plus(&s).ok_or_else(out_of_range)?,
            None => {
                places.insert((s.warehouse_id, s.product_id), sums.len());
                sums.push(s);
            }
        }
    }
    Ok(sums)
}

enum Written {
    Json(Vec<u8>),
    Sheet(Sheet),
}

fn put_together<'a>(
    (from, to): (NaiveDate, NaiveDate),
    mut sums: Vec<XntSums>,
    warehouses: &'a [WarehouseName],
    products: &'a [ProductLabel],
) -> ApiResult<StockXnt<'a>> {
    let warehouse_places: HashMap<WarehouseId, usize> = warehouses.iter().map(|w| w.id).zip(0..).collect();
    let product_places: HashMap<ProductId, usize> = products.iter().map(|p| p.id).zip(0..).collect();
    let place = |s: &XntSums| {
        let last = usize::MAX;
        (
            *warehouse_places.get(&s.warehouse_id).unwrap_or(&last),
            *product_places.get(&s.product_id).unwrap_or(&last),
        )
    };
    sums.retain(|s| !s.is_nothing());
    sums.sort_by_cached_key(place);
    let mut rows = Vec::with_capacity(sums.len());
    let mut subtotals: Vec<StockXntSum<'a>> = Vec::new();
    let mut total = XntFigures::default();
    for s in &sums {
        let figures = XntFigures::of(s).ok_or_else(out_of_range)?;
        let (warehouse, product) = place(s);
        let (warehouse, product) = (warehouses.get(warehouse), products.get(product));
        let (warehouse_code, warehouse_name) =
            warehouse.map_or(("", ""), |w| (w.code.as_str(), w.name.as_str()));
        match subtotals.last_mut() {
            Some(sum) if sum.warehouse_id == s.warehouse_id => {
                sum.figures = sum.figures.plus(&figures).ok_or_else(out_of_range)?;
            }
            _ => subtotals.push(StockXntSum {
                warehouse_id: s.warehouse_id,
                warehouse_code,
                warehouse_name,
                figures,
            }),
        }
        rows.push(StockXntRow {
            warehouse_id: s.warehouse_id,
            warehouse_code,
            warehouse_name,
            product_id: s.product_id,
            product_code: product.map_or("", |p| p.code.as_str()),
            product_name: product.map_or("", |p| p.name.as_str()),
            unit: product.map_or("", |p| p.sub_unit_name.as_str()),
            figures,
        });
    }
    for sum in &subtotals {
        total = total.plus(&sum.figures).ok_or_else(out_of_range)?;
    }
    Ok(StockXnt { from, to, columns: columns(KEYS, COLUMNS), rows, subtotals, total })
}

fn out_of_range() -> ApiError {
    ApiError::unprocessable(
        "reports.out_of_range",
        "Tổng vượt quá phạm vi cho phép. Hãy thu hẹp bộ lọc.",
        "The sums are out of range. Narrow the filters.",
    )
}

fn sheet(report: &StockXnt<'_>) -> Sheet {
    let text = |text: &str| Cell::Text(text.to_owned());
    let mut rows = Vec::with_capacity(report.rows.len() + report.subtotals.len() + 1);
    let mut subtotals = report.subtotals.iter().peekable();
    let mut number = 0;
    for row in &report.rows {
        // The sum of a warehouse stands below its rows.
        if let Some(sum) = subtotals.next_if(|sum| sum.warehouse_id != row.warehouse_id) {
            rows.push((Look::Sum, sum_cells(sum.warehouse_code, sum.warehouse_name, &sum.figures)));
        }
        number += 1;
        let head = [
            Cell::Number(number),
            text(row.warehouse_code),
            text(row.warehouse_name),
            text(row.product_code),
            text(row.product_name),
            text(row.unit),
        ];
        rows.push((Look::Plain, head.into_iter().chain(row.figures.cells()).collect()));
    }
    for sum in subtotals {
        rows.push((Look::Sum, sum_cells(sum.warehouse_code, sum.warehouse_name, &sum.figures)));
    }
    rows.push((Look::Sum, sum_cells("", "Tổng cộng", &report.total)));
    Sheet {
        name: "XNT",
        title: "BÁO CÁO NHẬP XUẤT TỒN",
        subtitle: format!("Từ ngày {} đến ngày {}", vn(report.from), vn(report.to)),
        columns: COLUMNS,
        rows,
    }
}

fn sum_cells(code: &str, name: &str, figures: &XntFigures) -> Vec<Cell> {
    let text = |text: &str| Cell::Text(text.to_owned());
    let head = [Cell::Empty, text(code), text(name), Cell::Empty, Cell::Empty, Cell::Empty];
    head.into_iter().chain(figures.cells()).collect()
}
