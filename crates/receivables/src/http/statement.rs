use axum::Json;
use axum::extract::State;
use axum::response::{IntoResponse as _, Response};
use chrono::{Datelike as _, NaiveDate};
use domain::business_day::format_vn_date;
use domain::{CustomerId, Money};
use platform::{ApiError, ApiResult, App, Caller, ListFormat, PageQuery, Pagination, Path, Problem, Query};
use serde::{Deserialize, Serialize};
use sheets::{Cell, Column, Look, Sheet};
use utoipa::{IntoParams, ToSchema};

use super::{MOST_ROWS, money};
use crate::model::{CustomerBalance, EntryKind, StatementLine, StatementSums};
use crate::store;

/// Which period, and how it is delivered.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(rename_all = "camelCase")]
#[into_params(parameter_in = Query, rename_all = "camelCase")]
pub(crate) struct StatementQuery {
    /// The first business day; the first of the month when left out.
    from: Option<NaiveDate>,
    /// The last business day; today when left out.
    to: Option<NaiveDate>,
    /// `json`: a page; `xlsx`: all as an Excel file.
    #[serde(default)]
    #[param(inline)]
    format: ListFormat,
}

/// What a customer owed before a period, what happened in it, and what was owed after it.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Statement {
    /// The customer, as of today.
    customer: CustomerBalance,
    /// The first business day.
    from: NaiveDate,
    /// The last business day.
    to: NaiveDate,
    #[serde(flatten)]
    sums: StatementSums,
    /// The entries by day, each with what was owed after it.
    data: Vec<StatementLine>,
    pagination: Pagination,
}

const COLUMNS: &[Column] = &[
    Column { header: "Ngày", width: 12.0 },
    Column { header: "Số chứng từ", width: 20.0 },
    Column { header: "Diễn giải", width: 24.0 },
    Column { header: "Hạn thanh toán", width: 14.0 },
    Column { header: "Phát sinh nợ", width: 16.0 },
    Column { header: "Phát sinh có", width: 16.0 },
    Column { header: "Còn nợ", width: 16.0 },
];

/// A customer's statement of account (sổ chi tiết công nợ).
#[utoipa::path(
    get,
    path = "/customers/{id}/statement",
    tag = "receivables",
    operation_id = "getCustomerStatement",
    params(("id" = CustomerId, Path, description = "The customer"), PageQuery, StatementQuery),
    responses(
        (status = 200, description = "The statement, a page of its entries; with `format=xlsx` an Excel file of all", body = Statement),
        (status = 400, description = "A parameter is not valid", body = Problem),
        (status = 401, description = "Not signed in", body = Problem),
        (status = 404, description = "No such customer", body = Problem),
    )
)]
pub(crate) async fn show_statement(
    State(app): State<App>,
    caller: Caller,
    Path(id): Path<CustomerId>,
    Query(page): Query<PageQuery>,
    Query(query): Query<StatementQuery>,
) -> ApiResult<Response> {
    let page = page.checked()?;
    let (from, to) = period(query.from, query.to, app.today())?;
    let part = match query.format {
        ListFormat::Json => (page.limit(), page.offset()),
        ListFormat::Xlsx => (MOST_ROWS, 0),
    };
    let mut tx = app.db.read(caller.context()).await?;
    let customer = store::find_balance(&mut tx, caller.scope(), id, app.today())
        .await?
        .ok_or_else(ApiError::not_found)?;
    let distributor = customer.distributor_id;
    let (sums, entries) = store::sum_statement(&mut tx, distributor, id, (from, to)).await?;
    let data = store::list_statement(&mut tx, distributor, id, (from, to), part).await?;
    drop(tx);
    if query.format == ListFormat::Json {
        let pagination = page.of(entries);
        return Ok(Json(Statement { customer, from, to, sums, data, pagination }).into_response());
    }
    let mut rows = Vec::with_capacity(data.len() + 2);
    rows.push((Look::Sum, edge("Số dư đầu kỳ", None, sums.opening)));
    rows.extend(data.into_iter().map(|line| (Look::Plain, cells(line))));
    rows.push((Look::Sum, edge("Số dư cuối kỳ", Some((sums.debit, sums.credit)), sums.closing)));
    let sheet = Sheet {
        name: "Công nợ",
        title: "SỔ CHI TIẾT CÔNG NỢ",
        subtitle: format!(
            "{} – {}, từ {} đến {}",
            customer.customer_code,
            customer.customer_name,
            format_vn_date(from),
            format_vn_date(to)
        ),
        columns: COLUMNS,
        rows,
    };
    sheet.download(&format!("cong-no_{from}_{to}.xlsx")).await
}

/// From the first to the last day: the month so far where nothing is said.
pub(super) fn period(
    from: Option<NaiveDate>,
    to: Option<NaiveDate>,
    today: NaiveDate,
) -> ApiResult<(NaiveDate, NaiveDate)> {
    let to = to.unwrap_or(today);
    let from = from.unwrap_or_else(|| to.with_day(1).unwrap_or(to));
    if from > to {
        return Err(ApiError::invalid_field(
            "from",
            "Phải trước hoặc bằng ngày cuối",
            "Must not be after `to`",
        ));
    }
    Ok((from, to))
}

/// The first or the last row.
fn edge(text: &str, sums: Option<(Money, Money)>, balance: Money) -> Vec<Cell> {
    let (debit, credit) = sums.map_or((Cell::Empty, Cell::Empty), |(d, c)| (money(d), money(c)));
    vec![Cell::Empty, Cell::Empty, Cell::Text(text.to_owned()), Cell::Empty, debit, credit, money(balance)]
}

fn cells(line: StatementLine) -> Vec<Cell> {
    let (debit, credit) = if line.amount.is_negative() {
        (Cell::Empty, Cell::Number(line.amount.dong().saturating_neg()))
    } else {
        (money(line.amount), Cell::Empty)
    };
    vec![
        Cell::Date(line.date),
        Cell::Text(line.document_number),
        Cell::Text(meaning(line.kind, line.amount).to_owned()),
        line.due_date.map_or(Cell::Empty, Cell::Date),
        debit,
        credit,
        money(line.balance),
    ]
}

pub(super) fn meaning(kind: EntryKind, amount: Money) -> &'static str {
    match kind {
        EntryKind::Opening => "Nợ đầu kỳ",
        EntryKind::Invoice => "Bán hàng",
        EntryKind::Return => "Trả hàng",
        EntryKind::Receipt if amount.is_positive() => "Hủy phiếu thu",
        EntryKind::Receipt => "Thu tiền",
        EntryKind::Adjustment => "Điều chỉnh",
        EntryKind::Refund => "Hoàn tiền",
        EntryKind::Rebate => "Thưởng tích luỹ",
    }
}
