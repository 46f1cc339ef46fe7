use axum::Json;
use axum::extract::State;
use axum::response::{IntoResponse as _, Response};
use chrono::NaiveDate;
use domain::permission::ReportsView;
use domain::{CustomerId, DistributorId, Money, OrgUnitId, Overflow, ProductId, UserId, WarehouseId};
use platform::{ApiError, ApiResult, App, Authorized, Problem, Query};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::{ReportColumn, ReportFormat, columns, period, vn};
use crate::store::{self, Basis, SalesFilter, SalesLevel, SalesLine};
use sheets::{Cell, Column, Look, Sheet};

/// What to show, and how.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(rename_all = "camelCase")]
#[into_params(parameter_in = Query, rename_all = "camelCase")]
pub(crate) struct SalesByRepQuery {
    /// The first business day; the first of the month when left out.
    from: Option<NaiveDate>,
    /// The last business day; today when left out. At most 366 days in all.
    to: Option<NaiveDate>,
    /// `issued`: goods issued, on the day of the issue; `ordered`: orders, on the day of the order.
    #[serde(default)]
    #[param(inline)]
    basis: Basis,
    /// Only this distributor's.
    distributor_id: Option<DistributorId>,
    /// Only of this unit and those below it.
    unit_id: Option<OrgUnitId>,
    /// Only of this rep.
    rep_id: Option<UserId>,
    /// Only to this customer.
    customer_id: Option<CustomerId>,
    /// Only of this product.
    product_id: Option<ProductId>,
    /// Only out of this warehouse.
    warehouse_id: Option<WarehouseId>,
    /// `json` or `xlsx`.
    #[serde(default)]
    #[param(inline)]
    format: ReportFormat,
}

/// Amounts of a line, in đồng.
#[derive(Debug, Clone, Copy)]
struct Amounts {
    net_revenue: Money,
    revenue: Money,
}

/// One product of a rep at one price, priced or given away.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct SalesByRepRow {
    rep_id: Option<UserId>,
    unit_name: String,
    rep_name: String,
    product_code: String,
    product_name: String,
    /// The name of the unit it was sold in.
    unit: String,
    /// Orders it was in.
    order_count: i64,
    /// How many of the unit.
    quantity: i64,
    /// đồng, before VAT.
    unit_price: Money,
    /// \[1\] VAT, in đồng.
    vat: Money,
    /// \[2\] Quantity × price, in đồng.
    gross: Money,
    /// \[3\] Discounts of products, in đồng.
    product_discount: Money,
    /// \[4\] The lines' shares of discounts of orders, in đồng.
    order_discount: Money,
    /// \[5 = 2−3−4\] in đồng.
    net_revenue: Money,
    /// \[6 = 5+1\] in đồng.
    revenue: Money,
    /// Whether it was given away.
    is_free: bool,
}

/// The sums of a rep, or of all.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct SalesByRepSum {
    /// The rep; null in the grand total.
    rep_id: Option<UserId>,
    unit_name: String,
    rep_name: String,
    /// Orders, each counted once.
    order_count: i64,
    /// Units sold, cases and pieces alike.
    quantity: i64,
    /// đồng.
    vat: Money,
    /// đồng.
    gross: Money,
    /// đồng.
    product_discount: Money,
    /// đồng.
    order_discount: Money,
    /// đồng.
    net_revenue: Money,
    /// đồng.
    revenue: Money,
}

/// The report.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct SalesByRep {
    /// The first business day.
    from: NaiveDate,
    /// The last business day.
    to: NaiveDate,
    /// What counts.
    basis: Basis,
    /// The columns of the rows, with their headers.
    columns: Vec<ReportColumn>,
    /// Rows, by unit, rep and product.
    rows: Vec<SalesByRepRow>,
    /// A sum per rep, in the order of the rows.
    subtotals: Vec<SalesByRepSum>,
    /// The grand total.
    total: SalesByRepSum,
}

const KEYS: &[&str] = &[
    "#",
    "unitName",
    "repName",
    "productCode",
    "productName",
    "unit",
    "orderCount",
    "quantity",
    "unitPrice",
    "vat",
    "gross",
    "productDiscount",
    "orderDiscount",
    "netRevenue",
    "revenue",
];
const COLUMNS: &[Column] = &[
    Column { header: "#", width: 6.0 },
    Column { header: "Phòng/nhóm", width: 24.0 },
    Column { header: "Tên nhân viên", width: 24.0 },
    Column { header: "Mã sản phẩm", width: 14.0 },
    Column { header: "Tên sản phẩm", width: 36.0 },
    Column { header: "ĐVT", width: 8.0 },
    Column { header: "Số đơn", width: 8.0 },
    Column { header: "SL", width: 10.0 },
    Column { header: "Đơn giá", width: 14.0 },
    Column { header: "VAT [1]", width: 14.0 },
    Column { header: "Thành tiền [2]", width: 16.0 },
    Column { header: "Chiết khấu SP [3]", width: 16.0 },
    Column { header: "Chiết khấu ĐH [4]", width: 16.0 },
    Column { header: "Doanh thu thuần [5 = 2−3−4]", width: 18.0 },
    Column { header: "Doanh thu [6 = 5+1]", width: 18.0 },
];

/// Sales per rep and product: priced lines and free goods on rows of their own, a sum per rep, a grand total.
#[utoipa::path(
    get,
    path = "/reports/sales-by-rep",
    tag = "reports",
    operation_id = "getSalesByRep",
    params(SalesByRepQuery),
    responses(
        (status = 200, description = "The report; with `format=xlsx` an Excel file", body = SalesByRep),
        (status = 400, description = "A parameter is not valid", body = Problem),
        (status = 401, description = "Not signed in", body = Problem),
        (status = 403, description = "Not allowed to read reports", body = Problem),
        (status = 422, description = "The sums are out of range", body = Problem),
    )
)]
pub(crate) async fn sales_by_rep(
    State(app): State<App>,
    caller: Authorized<ReportsView>,
    Query(query): Query<SalesByRepQuery>,
) -> ApiResult<Response> {
    let (from, to) = period(query.from, query.to, app.today())?;
    let filter = SalesFilter {
        scope: caller.scope(),
        basis: query.basis,
        from,
        to,
        distributor: query.distributor_id,
        unit: query.unit_id,
        rep: query.rep_id,
        customer: query.customer_id,
        product: query.product_id,
        warehouse: query.warehouse_id,
    };
    let mut tx = app.db.read(caller.context()).await?;
    let lines = store::list_sales_by_rep(&mut tx, &filter).await?;
    drop(tx);
    match query.format {
        ReportFormat::Json => Ok(Json(report(from, to, query.basis, lines)?).into_response()),
        ReportFormat::Xlsx => {
            let name = format!("bao-cao-ban-hang-theo-nhan-vien_{from}_{to}.xlsx");
            sheet(from, to, query.basis, lines)?.download(&name).await
        }
    }
}

fn amounts(line: &SalesLine) -> ApiResult<Amounts> {
    let sums = || {
        let net_revenue = line.gross.checked_sub(line.product_discount)?.checked_sub(line.order_discount)?;
        Ok::<_, Overflow>(Amounts { net_revenue, revenue: net_revenue.checked_add(line.vat)? })
    };
    sums().map_err(ApiError::internal)
}

fn report(from: NaiveDate, to: NaiveDate, basis: Basis, lines: Vec<SalesLine>) -> ApiResult<SalesByRep> {
    let (mut rows, mut subtotals, mut total) = (Vec::with_capacity(lines.len()), Vec::new(), None);
    for line in lines {
        let Amounts { net_revenue, revenue } = amounts(&line)?;
        let sum = SalesByRepSum {
            rep_id: line.rep_id,
            unit_name: line.unit_name,
            rep_name: line.rep_name,
            order_count: line.order_count,
            quantity: line.quantity,
            vat: line.vat,
            gross: line.gross,
            product_discount: line.product_discount,
            order_discount: line.order_discount,
            net_revenue,
            revenue,
        };
        match line.level {
            SalesLevel::Rep => subtotals.push(sum),
            SalesLevel::Total => total = Some(sum),
            SalesLevel::Product => rows.push(SalesByRepRow {
                rep_id: sum.rep_id,
                unit_name: sum.unit_name,
                rep_name: sum.rep_name,
                product_code: line.product_code,
                product_name: line.product_name,
                unit: line.unit,
                order_count: line.order_count,
                quantity: line.quantity,
                unit_price: line.unit_price,
                vat: line.vat,
                gross: line.gross,
                product_discount: line.product_discount,
                order_discount: line.order_discount,
                net_revenue,
                revenue,
                is_free: line.is_free,
            }),
        }
    }
    let total = total.ok_or_else(|| ApiError::internal("a report without its total"))?;
    Ok(SalesByRep { from, to, basis, columns: columns(KEYS, COLUMNS), rows, subtotals, total })
}

fn sheet(from: NaiveDate, to: NaiveDate, basis: Basis, lines: Vec<SalesLine>) -> ApiResult<Sheet> {
    let mut rows = Vec::with_capacity(lines.len());
    let mut number = 0;
    for line in lines {
        let Amounts { net_revenue, revenue } = amounts(&line)?;
        let mut cells = match line.level {
            SalesLevel::Product => {
                number += 1;
                vec![
                    Cell::Number(number),
                    Cell::Text(line.unit_name),
                    Cell::Text(line.rep_name),
                    Cell::Text(line.product_code),
                    Cell::Text(line.product_name),
                    Cell::Text(line.unit),
                ]
            }
            SalesLevel::Rep => {
                let mut cells = vec![Cell::Empty; 6];
                cells[1] = Cell::Text(line.unit_name);
                cells[2] = Cell::Text(format!("Cộng {}", line.rep_name));
                cells
            }
            SalesLevel::Total => {
                let mut cells = vec![Cell::Empty; 6];
                cells[1] = Cell::Text("Tổng cộng".to_owned());
                cells
            }
        };
        let plain = line.level == SalesLevel::Product;
        cells.extend([Cell::Number(line.order_count), Cell::Number(line.quantity)]);
        cells.push(if plain { Cell::Number(line.unit_price.dong()) } else { Cell::Empty });
        let money = [line.vat, line.gross, line.product_discount, line.order_discount, net_revenue, revenue];
        cells.extend(money.map(|amount| Cell::Number(amount.dong())));
        rows.push((if plain { Look::Plain } else { Look::Sum }, cells));
    }
    let counted = match basis {
        Basis::Issued => "theo phiếu xuất kho",
        Basis::Ordered => "theo đơn đặt hàng",
    };
    Ok(Sheet {
        name: "Bán hàng theo nhân viên",
        title: "BÁO CÁO BÁN HÀNG THEO NHÂN VIÊN",
        subtitle: format!("Từ ngày {} đến ngày {}, {counted}", vn(from), vn(to)),
        columns: COLUMNS,
        rows,
    })
}
