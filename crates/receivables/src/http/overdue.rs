use axum::Json;
use axum::extract::State;
use axum::response::{IntoResponse as _, Response};
use domain::business_day::format_vn_date;
use domain::{CustomerId, DistributorId, UserId};
use platform::{ApiResult, App, Caller, Checks, ListFormat, PageQuery, Pagination, Problem, Query};
use serde::{Deserialize, Serialize};
use sheets::{Cell, Column, Look, Sheet};
use utoipa::{IntoParams, ToSchema};

use super::{MOST_ROWS, money};
use crate::model::{OverdueItem, OverdueTotals};
use crate::store::{self, OverdueFilter};

/// Narrows the list.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(rename_all = "camelCase")]
#[into_params(parameter_in = Query, rename_all = "camelCase")]
pub(crate) struct OverdueQuery {
    /// Due at least so many days ago; 1 when left out.
    days: Option<i64>,
    /// Only what the outlets of this rep owe.
    rep_id: Option<UserId>,
    /// Only what this customer owes.
    customer_id: Option<CustomerId>,
    /// Only what is owed to this distributor.
    distributor_id: Option<DistributorId>,
    /// `json`: a page; `xlsx`: all as an Excel file.
    #[serde(default)]
    #[param(inline)]
    format: ListFormat,
}

/// A page of debts.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct OverdueList {
    data: Vec<OverdueItem>,
    totals: OverdueTotals,
    pagination: Pagination,
}

const COLUMNS: &[Column] = &[
    Column { header: "Mã khách hàng", width: 14.0 },
    Column { header: "Khách hàng", width: 36.0 },
    Column { header: "SĐT", width: 14.0 },
    Column { header: "Số chứng từ", width: 20.0 },
    Column { header: "Ngày", width: 12.0 },
    Column { header: "Hạn thanh toán", width: 12.0 },
    Column { header: "Số ngày quá hạn", width: 10.0 },
    Column { header: "Số tiền", width: 16.0 },
    Column { header: "Còn nợ", width: 16.0 },
];

/// Debts past their due date, the oldest first.
#[utoipa::path(
    get,
    path = "/receivables/overdue",
    tag = "receivables",
    operation_id = "listOverdue",
    params(PageQuery, OverdueQuery),
    responses(
        (status = 200, description = "A page of debts, and sums over all; with `format=xlsx` an Excel file of all", body = OverdueList),
        (status = 400, description = "A parameter is not valid", body = Problem),
        (status = 401, description = "Not signed in", body = Problem),
    )
)]
pub(crate) async fn list_overdue(
    State(app): State<App>,
    caller: Caller,
    Query(page): Query<PageQuery>,
    Query(query): Query<OverdueQuery>,
) -> ApiResult<Response> {
    let page = page.checked()?;
    let mut checks = Checks::default();
    let days = checks.range("days", query.days.unwrap_or(1), 1..=3650);
    checks.done()?;
    let filter = OverdueFilter {
        scope: caller.scope(),
        distributor: query.distributor_id,
        customer: query.customer_id,
        rep: query.rep_id,
        days: i32::try_from(days).unwrap_or(i32::MAX),
        today: app.today(),
        search: page.search.as_deref(),
    };
    let part = match query.format {
        ListFormat::Json => (page.limit(), page.offset()),
        ListFormat::Xlsx => (MOST_ROWS, 0),
    };
    let mut tx = app.db.read(caller.context()).await?;
    let (data, totals) = store::list_overdue(&mut tx, &filter, part).await?;
    drop(tx);
    if query.format == ListFormat::Json {
        return Ok(Json(OverdueList { data, totals, pagination: page.of(totals.items) }).into_response());
    }
    let today = app.today();
    let sheet = Sheet {
        name: "Nợ quá hạn",
        title: "DANH SÁCH NỢ QUÁ HẠN",
        subtitle: format!("Ngày {}, quá hạn từ {days} ngày", format_vn_date(today)),
        columns: COLUMNS,
        rows: data.into_iter().map(|item| (Look::Plain, cells(item))).collect(),
    };
    sheet.download(&format!("no-qua-han_{today}.xlsx")).await
}

fn cells(item: OverdueItem) -> Vec<Cell> {
    vec![
        Cell::Text(item.customer_code),
        Cell::Text(item.customer_name),
        Cell::Text(item.phone),
        Cell::Text(item.document_number),
        Cell::Date(item.business_date),
        Cell::Date(item.due_date),
        Cell::Number(item.days.into()),
        money(item.amount),
        money(item.open_amount),
    ]
}
