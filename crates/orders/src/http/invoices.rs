use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse as _, Response};
use chrono::NaiveDate;
use domain::permission::InvoicesManage;
use domain::{CustomerId, InvoiceId, OrderId};
use platform::{
    ApiResult, App, Authorized, Caller, Command, ListFormat, PageQuery, Pagination, Path, Problem, Query,
};
use serde::{Deserialize, Serialize};
use sheets::{Field, List};
use utoipa::{IntoParams, ToSchema};

use crate::model::{CreateInvoice, InvoiceHead, InvoiceStatus, InvoiceView};
use crate::service;
use crate::store::{self, InvoiceFilter};

/// Which invoices to list.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(rename_all = "camelCase")]
#[into_params(parameter_in = Query, rename_all = "camelCase")]
pub struct ListInvoices {
    /// Only invoices in this state.
    status: Option<InvoiceStatus>,
    /// First business day.
    from: Option<NaiveDate>,
    /// Last business day.
    to: Option<NaiveDate>,
    /// Only invoices of this customer.
    customer_id: Option<CustomerId>,
    /// Only the invoice of this order.
    order_id: Option<OrderId>,
    /// Text in the invoice's number or the customer's name or code.
    search: Option<String>,
    /// Page number, from 1.
    page: Option<i64>,
    /// Rows a page, 1 to 100.
    page_size: Option<i64>,
    /// `json`, or `xlsx` for all that the filter finds, at most 20,000.
    #[serde(default)]
    #[param(inline)]
    format: ListFormat,
}

/// A page of invoices.
#[derive(Debug, Serialize, ToSchema)]
pub struct InvoiceList {
    data: Vec<InvoiceHead>,
    pagination: Pagination,
}

/// List invoices, latest first. With `format=xlsx` a file of all that the filter finds.
#[utoipa::path(get, path = "/invoices", tag = "invoices", operation_id = "listInvoices", params(ListInvoices),
    responses(
        (status = 200, description = "A page of invoices, or the file", body = InvoiceList),
        (status = 400, description = "A parameter is wrong", body = Problem),
        (status = 401, description = "Not signed in", body = Problem),
        (status = 422, description = "Too many for a file", body = Problem),
    ))]
pub async fn list_invoices(
    State(app): State<App>,
    caller: Caller,
    Query(q): Query<ListInvoices>,
) -> ApiResult<Response> {
    let page = PageQuery { search: q.search, page: q.page, page_size: q.page_size }.checked()?;
    let filter = InvoiceFilter {
        status: q.status,
        from: q.from,
        to: q.to,
        customer: q.customer_id,
        order: q.order_id,
    };
    let mut tx = app.db.read(caller.context()).await?;
    let part = sheets::part(q.format, page.clone());
    let (data, count) = store::list_invoices(&mut tx, caller.scope(), &filter, &part).await?;
    drop(tx);
    match q.format {
        ListFormat::Json => Ok(Json(InvoiceList { data, pagination: page.of(count) }).into_response()),
        ListFormat::Xlsx => FILE.file(&data, count, sheets::period(q.from, q.to), app.today()).await,
    }
}

const FILE: List<InvoiceHead> = List {
    name: "Phiếu bán hàng",
    title: "DANH SÁCH PHIẾU BÁN HÀNG",
    file: "phieu-ban-hang",
    fields: &[
        Field::text("Số phiếu", 18.0, |i| i.invoice_number.clone()),
        Field::day("Ngày", |i| Some(i.business_date)),
        Field::text("Trạng thái", 16.0, |i| status_vi(i.status).to_owned()),
        Field::text("Mã khách hàng", 14.0, |i| i.customer_code.clone()),
        Field::text("Khách hàng", 30.0, |i| i.customer_name.clone()),
        Field::text("Địa chỉ", 36.0, |i| i.customer_address.clone()),
        Field::text("Điện thoại", 14.0, |i| i.customer_phone.clone()),
        Field::text("Nhân viên", 22.0, |i| i.rep_name.clone()),
        Field::amount("Thành tiền sau thuế", |i| i.total_amount.dong()),
        Field::amount("Đã ghi nợ", |i| i.charged_amount.dong()),
        Field::text("Lý do", 30.0, |i| i.reason.clone()),
    ],
};

const fn status_vi(status: InvoiceStatus) -> &'static str {
    match status {
        InvoiceStatus::Open => "Chưa xuất kho",
        InvoiceStatus::PartlyIssued => "Xuất một phần",
        InvoiceStatus::Issued => "Đã xuất kho",
        InvoiceStatus::Closed => "Đã đóng",
        InvoiceStatus::Cancelled => "Đã hủy",
    }
}

/// Invoice approved orders of one customer.
#[utoipa::path(post, path = "/invoices", tag = "invoices", operation_id = "createInvoice", request_body = CreateInvoice,
    params(("Idempotency-Key" = Option<String>, Header, description = "Repeats with the same key get the first answer")),
    responses(
        (status = 201, description = "The invoice", body = InvoiceView),
        (status = 400, description = "Malformed", body = Problem),
        (status = 401, description = "Not signed in", body = Problem),
        (status = 403, description = "No permission", body = Problem),
        (status = 404, description = "An order the caller may not see", body = Problem),
        (status = 409, description = "An order isn't approved", body = Problem),
        (status = 422, description = "Orders of different customers or warehouses", body = Problem),
    ))]
pub async fn create_invoice(
    State(app): State<App>,
    caller: Authorized<InvoicesManage>,
    cmd: Command<CreateInvoice>,
) -> ApiResult<(StatusCode, Json<InvoiceView>)> {
    let once = cmd.once(cmd.body.id.map(|id| id.uuid()));
    let invoice = service::create_invoice(&app, &caller, &once, &cmd.body).await?;
    Ok((StatusCode::CREATED, Json(invoice)))
}

/// An invoice with lines and, once its goods have left, the lots they came from; ready to be printed.
#[utoipa::path(get, path = "/invoices/{id}", tag = "invoices", operation_id = "getInvoice",
    params(("id" = InvoiceId, Path, description = "The invoice")),
    responses(
        (status = 200, description = "The invoice", body = InvoiceView),
        (status = 401, description = "Not signed in", body = Problem),
        (status = 404, description = "No such invoice for the caller", body = Problem),
    ))]
pub async fn get_invoice(
    State(app): State<App>,
    caller: Caller,
    Path(id): Path<InvoiceId>,
) -> ApiResult<Json<InvoiceView>> {
    Ok(Json(service::find_invoice(&app, &caller, id).await?))
}
