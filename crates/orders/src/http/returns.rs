use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse as _, Response};
use chrono::NaiveDate;
use domain::permission::{OrdersCreate, ReturnsManage};
use domain::{CustomerId, InvoiceId, LotId, Money, ProductId, SalesReturnId, Unit, WarehouseId};
use platform::{
    ApiResult, App, Authorized, Caller, Checks, Command, ListFormat, PageQuery, Pagination, Path, Problem,
    Query,
};
use serde::{Deserialize, Serialize};
use sheets::{Field, List};
use utoipa::{IntoParams, ToSchema};

use crate::model::{Condition, ReturnStatus, SalesReturn, SalesReturnView};
use crate::service::{self, AskedLine, AskedReturn, ReturnInto, ReturnStep};
use crate::store::{self, ReturnFilter};

/// The most lines of a return.
const MAX_LINES: usize = 500;
/// The most of one unit on a line.
const MAX_QUANTITY: i64 = 10_000_000;
/// The highest price of a unit, in đồng.
const MAX_PRICE: i64 = 1_000_000_000_000;

/// Goods that come back.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct CreateSalesReturn {
    /// Made by the client; a repeat with the same id gets the first answer.
    id: Option<SalesReturnId>,
    /// The invoice they were sold on; without it the office says the prices.
    invoice_id: Option<InvoiceId>,
    /// Who gives them back.
    customer_id: CustomerId,
    /// Why.
    #[schema(min_length = 1, max_length = 2000)]
    reason: String,
    /// 1 to 500 lines.
    lines: Vec<CreateSalesReturnLine>,
}

/// A line of goods that come back.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct CreateSalesReturnLine {
    /// The line of the invoice.
    invoice_line_no: Option<i32>,
    /// The product; needed without an invoice.
    product_id: Option<ProductId>,
    /// How many of the unit.
    #[schema(minimum = 1)]
    quantity: i64,
    /// Pieces, or the invoice line's own unit; that one (or pieces, without an invoice) when absent.
    unit: Option<Unit>,
    /// In what state they are.
    condition: Condition,
    /// The lot, when it is known.
    lot_id: Option<LotId>,
    /// đồng per unit before VAT; only without an invoice, and needed then.
    unit_price: Option<Money>,
}

/// Ask for goods to be taken back: from an invoice at the price sold (not more than was delivered and is not back yet,
/// discounts given back in proportion, free goods claimed back or charged), or without one at the office's price.
#[utoipa::path(post, path = "/returns", tag = "returns", operation_id = "createSalesReturn", request_body = CreateSalesReturn,
    params(("Idempotency-Key" = Option<String>, Header, description = "Repeats with the same key get the first answer")),
    responses(
        (status = 201, description = "The return, pending", body = SalesReturnView),
        (status = 400, description = "Malformed", body = Problem),
        (status = 401, description = "Not signed in", body = Problem),
        (status = 403, description = "No permission", body = Problem),
        (status = 404, description = "An invoice or customer the caller may not see", body = Problem),
        (status = 409, description = "The id is taken", body = Problem),
        (status = 422, description = "More comes back than was delivered, or not of this invoice", body = Problem),
    ))]
pub async fn create_return(
    State(app): State<App>,
    caller: Authorized<OrdersCreate>,
    cmd: Command<CreateSalesReturn>,
) -> ApiResult<(StatusCode, Json<SalesReturnView>)> {
    let body = &cmd.body;
    let mut checks = Checks::default();
    let reason = checks.required("reason", &body.reason, 2000);
    if body.lines.is_empty() || body.lines.len() > MAX_LINES {
        checks.wrong("lines", "Phải có từ 1 đến 500 dòng", "Must have 1 to 500 lines");
    }
    let mut lines = Vec::with_capacity(body.lines.len().min(MAX_LINES));
    for (index, line) in body.lines.iter().enumerate().take(MAX_LINES) {
        let field = |name: &str| format!("lines[{index}].{name}");
        let quantity = checks.range(&field("quantity"), line.quantity, 1..=MAX_QUANTITY);
        if body.invoice_id.is_some() {
            if line.invoice_line_no.is_none() {
                checks.wrong(&field("invoiceLineNo"), "Bắt buộc", "Required");
            }
            if line.unit_price.is_some() {
                let vi = "Giá lấy theo phiếu bán";
                checks.wrong(&field("unitPrice"), vi, "The price is that of the invoice");
            }
        } else {
            if line.product_id.is_none() {
                checks.wrong(&field("productId"), "Bắt buộc", "Required");
            }
            if line.invoice_line_no.is_some() {
                checks.wrong(&field("invoiceLineNo"), "Cần chọn phiếu bán", "Name the invoice");
            }
            match line.unit_price {
                Some(price) => {
                    checks.range(&field("unitPrice"), price.dong(), 0..=MAX_PRICE);
                }
                None => checks.wrong(&field("unitPrice"), "Bắt buộc", "Required"),
            }
        }
        lines.push(AskedLine {
            invoice_line_no: line.invoice_line_no,
            product: line.product_id,
            quantity,
            unit: line.unit,
            condition: line.condition,
            lot: line.lot_id,
            unit_price: line.unit_price,
        });
    }
    checks.done()?;
    let once = cmd.once(body.id.map(SalesReturnId::uuid));
    let asked =
        AskedReturn { id: body.id, invoice: body.invoice_id, customer: body.customer_id, reason, lines };
    Ok((StatusCode::CREATED, Json(service::create_return(&app, &caller, &once, &asked).await?)))
}

/// What is said about a decision.
#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct DecideSalesReturn {
    /// Why; needed to reject or cancel.
    #[serde(default)]
    #[schema(max_length = 2000)]
    reason: String,
}

/// Approve a return: the goods may come in.
#[utoipa::path(post, path = "/returns/{id}/approve", tag = "returns", operation_id = "approveSalesReturn", request_body = DecideSalesReturn,
    params(("id" = SalesReturnId, Path, description = "The return"), ("Idempotency-Key" = Option<String>, Header, description = "Repeats with the same key get the first answer")),
    responses(
        (status = 200, description = "The return, approved", body = SalesReturnView),
        (status = 400, description = "Malformed", body = Problem),
        (status = 401, description = "Not signed in", body = Problem),
        (status = 403, description = "No permission", body = Problem),
        (status = 404, description = "No such return for the caller", body = Problem),
        (status = 409, description = "It isn't pending", body = Problem),
    ))]
pub async fn approve_return(
    State(app): State<App>,
    caller: Authorized<ReturnsManage>,
    Path(id): Path<SalesReturnId>,
    cmd: Command<DecideSalesReturn>,
) -> ApiResult<Json<SalesReturnView>> {
    decide(&app, &caller, id, &cmd, ReturnStep::Approve).await
}

/// Reject a return, with the reason.
#[utoipa::path(post, path = "/returns/{id}/reject", tag = "returns", operation_id = "rejectSalesReturn", request_body = DecideSalesReturn,
    params(("id" = SalesReturnId, Path, description = "The return"), ("Idempotency-Key" = Option<String>, Header, description = "Repeats with the same key get the first answer")),
    responses(
        (status = 200, description = "The return, rejected", body = SalesReturnView),
        (status = 400, description = "Malformed", body = Problem),
        (status = 401, description = "Not signed in", body = Problem),
        (status = 403, description = "No permission", body = Problem),
        (status = 404, description = "No such return for the caller", body = Problem),
        (status = 409, description = "It isn't pending", body = Problem),
    ))]
pub async fn reject_return(
    State(app): State<App>,
    caller: Authorized<ReturnsManage>,
    Path(id): Path<SalesReturnId>,
    cmd: Command<DecideSalesReturn>,
) -> ApiResult<Json<SalesReturnView>> {
    decide(&app, &caller, id, &cmd, ReturnStep::Reject).await
}

/// Cancel a return whose goods have not come in. Who asked for it may, while it is pending.
#[utoipa::path(post, path = "/returns/{id}/cancel", tag = "returns", operation_id = "cancelSalesReturn", request_body = DecideSalesReturn,
    params(("id" = SalesReturnId, Path, description = "The return"), ("Idempotency-Key" = Option<String>, Header, description = "Repeats with the same key get the first answer")),
    responses(
        (status = 200, description = "The return, cancelled", body = SalesReturnView),
        (status = 400, description = "Malformed", body = Problem),
        (status = 401, description = "Not signed in", body = Problem),
        (status = 403, description = "No permission", body = Problem),
        (status = 404, description = "No such return for the caller", body = Problem),
        (status = 409, description = "It is too late", body = Problem),
    ))]
pub async fn cancel_return(
    State(app): State<App>,
    caller: Caller,
    Path(id): Path<SalesReturnId>,
    cmd: Command<DecideSalesReturn>,
) -> ApiResult<Json<SalesReturnView>> {
    decide(&app, &caller, id, &cmd, ReturnStep::Cancel).await
}

async fn decide(
    app: &App,
    caller: &Caller,
    id: SalesReturnId,
    cmd: &Command<DecideSalesReturn>,
    step: ReturnStep,
) -> ApiResult<Json<SalesReturnView>> {
    let mut checks = Checks::default();
    let reason = match step {
        ReturnStep::Approve => checks.text("reason", &cmd.body.reason, 2000),
        ReturnStep::Reject | ReturnStep::Cancel => checks.required("reason", &cmd.body.reason, 2000),
    };
    checks.done()?;
    Ok(Json(service::decide_return(app, caller, &cmd.once(None), id, step, &reason).await?))
}

/// Where the goods go.
#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct ReceiveSalesReturn {
    /// Those that can be sold again; the main warehouse when absent.
    warehouse_id: Option<WarehouseId>,
    /// Damaged and expired ones; the warehouse of kind `return` when absent.
    return_warehouse_id: Option<WarehouseId>,
}

/// Receive the goods of an approved return: they are in stock, and the customer owes less.
#[utoipa::path(post, path = "/returns/{id}/receive", tag = "returns", operation_id = "receiveSalesReturn", request_body = ReceiveSalesReturn,
    params(("id" = SalesReturnId, Path, description = "The return"), ("Idempotency-Key" = Option<String>, Header, description = "Repeats with the same key get the first answer")),
    responses(
        (status = 200, description = "The return, received", body = SalesReturnView),
        (status = 400, description = "Malformed", body = Problem),
        (status = 401, description = "Not signed in", body = Problem),
        (status = 403, description = "No permission", body = Problem),
        (status = 404, description = "No such return for the caller", body = Problem),
        (status = 409, description = "It isn't approved", body = Problem),
        (status = 422, description = "No warehouse for the goods, or it is being counted", body = Problem),
    ))]
pub async fn receive_return(
    State(app): State<App>,
    caller: Authorized<ReturnsManage>,
    Path(id): Path<SalesReturnId>,
    cmd: Command<ReceiveSalesReturn>,
) -> ApiResult<Json<SalesReturnView>> {
    let into =
        ReturnInto { warehouse: cmd.body.warehouse_id, return_warehouse: cmd.body.return_warehouse_id };
    Ok(Json(service::receive_return(&app, &caller, &cmd.once(None), id, into).await?))
}

/// A return with its lines, ready to be printed.
#[utoipa::path(get, path = "/returns/{id}", tag = "returns", operation_id = "getSalesReturn",
    params(("id" = SalesReturnId, Path, description = "The return")),
    responses(
        (status = 200, description = "The return", body = SalesReturnView),
        (status = 401, description = "Not signed in", body = Problem),
        (status = 404, description = "No such return for the caller", body = Problem),
    ))]
pub async fn get_return(
    State(app): State<App>,
    caller: Caller,
    Path(id): Path<SalesReturnId>,
) -> ApiResult<Json<SalesReturnView>> {
    Ok(Json(service::find_return(&app, &caller, id).await?))
}

/// Which returns to list.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(rename_all = "camelCase")]
#[into_params(parameter_in = Query, rename_all = "camelCase")]
pub struct ListReturns {
    /// Only in this state.
    status: Option<ReturnStatus>,
    /// Only of this customer.
    customer_id: Option<CustomerId>,
    /// Only from this invoice.
    invoice_id: Option<InvoiceId>,
    /// First business day.
    from: Option<NaiveDate>,
    /// Last business day.
    to: Option<NaiveDate>,
    /// `json`, or `xlsx` for all that the filter finds, at most 20,000.
    #[serde(default)]
    #[param(inline)]
    format: ListFormat,
}

/// A page of returns.
#[derive(Debug, Serialize, ToSchema)]
pub struct SalesReturnList {
    data: Vec<SalesReturn>,
    pagination: Pagination,
}

/// List returns, latest first; `search` finds by number and customer. With `format=xlsx` a file of all that the filter finds.
#[utoipa::path(get, path = "/returns", tag = "returns", operation_id = "listSalesReturns", params(PageQuery, ListReturns),
    responses(
        (status = 200, description = "A page of returns, or the file", body = SalesReturnList),
        (status = 400, description = "A parameter is wrong", body = Problem),
        (status = 401, description = "Not signed in", body = Problem),
        (status = 422, description = "Too many for a file", body = Problem),
    ))]
pub async fn list_returns(
    State(app): State<App>,
    caller: Caller,
    Query(page): Query<PageQuery>,
    Query(q): Query<ListReturns>,
) -> ApiResult<Response> {
    let page = page.checked()?;
    let filter = ReturnFilter {
        status: q.status,
        customer: q.customer_id,
        invoice: q.invoice_id,
        from: q.from,
        to: q.to,
    };
    let mut tx = app.db.read(caller.context()).await?;
    let part = sheets::part(q.format, page.clone());
    let (data, count) = store::list_returns(&mut tx, caller.scope(), &filter, &part).await?;
    drop(tx);
    match q.format {
        ListFormat::Json => Ok(Json(SalesReturnList { data, pagination: page.of(count) }).into_response()),
        ListFormat::Xlsx => FILE.file(&data, count, sheets::period(q.from, q.to), app.today()).await,
    }
}

const FILE: List<SalesReturn> = List {
    name: "Phiếu trả hàng",
    title: "DANH SÁCH PHIẾU TRẢ HÀNG",
    file: "phieu-tra-hang",
    fields: &[
        Field::text("Số phiếu", 18.0, |r| r.return_number.clone()),
        Field::day("Ngày", |r| Some(r.business_date)),
        Field::text("Trạng thái", 14.0, |r| status_vi(r.status).to_owned()),
        Field::text("Mã khách hàng", 14.0, |r| r.customer_code.clone()),
        Field::text("Khách hàng", 30.0, |r| r.customer_name.clone()),
        Field::text("Phiếu bán", 18.0, |r| r.invoice_number.clone().unwrap_or_default()),
        Field::text("Nhân viên", 22.0, |r| r.rep_name.clone()),
        Field::day("Ngày nhận hàng", |r| r.received_on),
        Field::amount("Giá trị trả", |r| r.total_amount.dong()),
        Field::text("Lý do", 30.0, |r| r.reason.clone()),
    ],
};

const fn status_vi(status: ReturnStatus) -> &'static str {
    match status {
        ReturnStatus::Pending => "Chờ duyệt",
        ReturnStatus::Approved => "Đã duyệt",
        ReturnStatus::Received => "Đã nhận hàng",
        ReturnStatus::Rejected => "Từ chối",
        ReturnStatus::Cancelled => "Đã hủy",
    }
}
