use axum::Json;
use axum::extract::State;
use axum::http::HeaderMap;
use axum::http::header::ACCEPT;
use axum::response::{IntoResponse as _, Response};
use domain::{GoodsIssueId, InvoiceId, Money, OrderId, Overflow, SalesReturnId};
use papers::{Cell, Column, Form, Issuer, Page, Paper, PaperQuery, Sum, Table, short_day, signed};
use platform::{ApiResult, App, Caller, Path, Problem, Query};

use crate::error::OrderError;
use crate::model::{
    BuyerBlock, Condition, IssueForm, IssueFormLine, PrintForm, ReturnStatus, SalesReturnView, Seller,
};
use crate::service;

/// An order's printed form: its data, or with `Accept: text/html` a page to print.
#[utoipa::path(get, path = "/orders/{id}/print", tag = "orders", operation_id = "printOrder",
    params(("id" = OrderId, Path, description = "The order"), PaperQuery),
    responses(
        (status = 200, description = "The form", body = PrintForm),
        (status = 401, description = "Not signed in", body = Problem),
        (status = 404, description = "No such order for the caller", body = Problem),
    ))]
pub async fn print_order(
    State(app): State<App>,
    caller: Caller,
    Path(id): Path<OrderId>,
    Query(query): Query<PaperQuery>,
    headers: HeaderMap,
) -> ApiResult<Response> {
    Ok(answer(service::print_order(&app, &caller, id).await?, query.paper, &headers))
}

/// An invoice's printed form: its data, or with `Accept: text/html` a page to print.
#[utoipa::path(get, path = "/invoices/{id}/print", tag = "invoices", operation_id = "printInvoice",
    params(("id" = InvoiceId, Path, description = "The invoice"), PaperQuery),
    responses(
        (status = 200, description = "The form", body = PrintForm),
        (status = 401, description = "Not signed in", body = Problem),
        (status = 404, description = "No such invoice for the caller", body = Problem),
    ))]
pub async fn print_invoice(
    State(app): State<App>,
    caller: Caller,
    Path(id): Path<InvoiceId>,
    Query(query): Query<PaperQuery>,
    headers: HeaderMap,
) -> ApiResult<Response> {
    Ok(answer(service::print_invoice(&app, &caller, id).await?, query.paper, &headers))
}

/// A goods issue's page to print (phiếu xuất kho).
#[utoipa::path(get, path = "/goods-issues/{id}/print", tag = "invoices", operation_id = "printGoodsIssue",
    params(("id" = GoodsIssueId, Path, description = "The goods issue"), PaperQuery),
    responses(
        (status = 200, description = "The page", body = String, content_type = "text/html"),
        (status = 400, description = "A parameter is wrong", body = Problem),
        (status = 401, description = "Not signed in", body = Problem),
        (status = 404, description = "No such goods issue for the caller", body = Problem),
    ))]
pub async fn print_issue(
    State(app): State<App>,
    caller: Caller,
    Path(id): Path<GoodsIssueId>,
    Query(query): Query<PaperQuery>,
) -> ApiResult<Response> {
    let form = service::print_issue(&app, &caller, id).await?;
    Ok(issue_page(form).map_err(OrderError::from)?.answer(query.paper))
}

/// A return's page to print (phiếu trả hàng).
#[utoipa::path(get, path = "/returns/{id}/print", tag = "returns", operation_id = "printSalesReturn",
    params(("id" = SalesReturnId, Path, description = "The return"), PaperQuery),
    responses(
        (status = 200, description = "The page", body = String, content_type = "text/html"),
        (status = 400, description = "A parameter is wrong", body = Problem),
        (status = 401, description = "Not signed in", body = Problem),
        (status = 404, description = "No such return for the caller", body = Problem),
    ))]
pub async fn print_return(
    State(app): State<App>,
    caller: Caller,
    Path(id): Path<SalesReturnId>,
    Query(query): Query<PaperQuery>,
) -> ApiResult<Response> {
    Ok(return_page(service::find_return(&app, &caller, id).await?).answer(query.paper))
}

fn answer(form: PrintForm, paper: Paper, headers: &HeaderMap) -> Response {
    let accept = headers.get(ACCEPT).and_then(|v| v.to_str().ok()).unwrap_or_default();
    if accept.contains("text/html") { page(form).answer(paper) } else { Json(form).into_response() }
}

fn issuer(seller: Seller) -> Issuer {
    Issuer {
        account: format!("{} {}", seller.bank_account, seller.bank_name).trim().to_owned(),
        name: seller.name,
        address: seller.address,
        tax_code: seller.tax_code,
        phone: seller.phone,
    }
}

fn buyer_facts(buyer: BuyerBlock) -> Vec<(&'static str, String)> {
    vec![
        ("Khách hàng", format!("{} – {}", buyer.code, buyer.name)),
        ("Người liên hệ", format!("{} – ĐT: {}", buyer.contact_person, buyer.phone)),
        ("Địa chỉ", buyer.address),
    ]
}

const SOLD: &[Column] = &[
    Column::code("Mã hàng"),
    Column::text("Tên hàng"),
    Column::code("ĐVT"),
    Column::number("SL"),
    Column::number("Đơn giá"),
    Column::number("Chiết khấu"),
    Column::number("VAT"),
    Column::number("Thành tiền"),
];

/// The page of an order or an invoice.
fn page(form: PrintForm) -> Page {
    let rows = form.items.into_iter().map(|item| {
        let name = match (item.promotion_name, item.is_free) {
            (Some(promotion), true) => format!("{} (khuyến mại: {promotion})", item.product_name),
            (None, true) => format!("{} (khuyến mại)", item.product_name),
            (_, false) => item.product_name,
        };
        vec![
            item.product_code.into(),
            name.into(),
            item.unit_name.into(),
            item.quantity.into(),
            item.unit_price.into(),
            item.discount_amount.into(),
            format!("{}%", item.vat).into(),
            item.gross.into(),
        ]
    });
    let rows = rows.collect();
    let mut sums =
        vec![Sum::of("Cộng tiền hàng", form.sub_total), Sum::of("Chiết khấu", form.discount_amount)];
    sums.extend(
        form.vat_by_rate.iter().map(|rate| {
            Sum::of(format!("Thuế GTGT {}% trên {}", rate.vat, rate.net_amount), rate.tax_amount)
        }),
    );
    sums.push(Sum::total("Tổng thanh toán", form.total_amount));
    let mut facts = buyer_facts(form.buyer);
    facts.push(("Nhân viên", form.rep_name.clone()));
    if !form.order_numbers.is_empty() {
        facts.push(("Theo đơn", form.order_numbers.join(", ")));
    }
    Page {
        issuer: issuer(form.seller),
        form: None,
        title: form.title,
        number: form.number,
        date: form.date,
        stamp: form.stamp,
        facts,
        table: Some(Table { columns: SOLD, rows, sums }),
        closing: vec![("Bằng chữ", form.amount_in_words), ("Ghi chú", form.notes)],
        signatures: signed([("Người lập", ""), ("Người giao", ""), ("Khách hàng", "")]),
    }
}

const ISSUED: &[Column] = &[
    Column::text("Tên hàng"),
    Column::code("Mã số"),
    Column::text("Số lô"),
    Column::code("HSD"),
    Column::code("ĐVT"),
    Column::number("Yêu cầu").under("Số lượng"),
    Column::number("Thực xuất").under("Số lượng"),
    Column::number("Đơn giá"),
    Column::number("Thành tiền"),
];

fn issue_page(form: IssueForm) -> Result<Page, Overflow> {
    let sum = |of: fn(&IssueFormLine) -> Money| Money::sum(form.lines.iter().map(of));
    let (gross, discount, vat) = (sum(|l| l.gross)?, sum(|l| l.discount)?, sum(|l| l.vat)?);
    let total = gross.checked_sub(discount)?.checked_add(vat)?;
    let mut rows = Vec::with_capacity(form.lines.len());
    let mut line_before = None;
    for line in &form.lines {
        let (asked, left, unit) = line.quantities();
        // What was asked for stands beside the first lot of a line only.
        let asked =
            (line_before.replace(line.invoice_line_no) != Some(line.invoice_line_no)).then_some(asked);
        let gift = if line.is_free { " (khuyến mại)" } else { "" };
        rows.push(vec![
            format!("{}{gift}", line.product_name).into(),
            line.product_code.as_str().into(),
            line.lot_number.as_str().into(),
            short_day(line.expiry).into(),
            unit.into(),
            asked.into(),
            left.into(),
            Cell::unit_price(line.gross, left),
            line.gross.into(),
        ]);
    }
    let head = form.head;
    let mut facts = buyer_facts(form.buyer);
    let reason =
        format!("Bán hàng theo phiếu {}, đơn {}", head.invoice_number, head.order_numbers.join(", "));
    facts.push(("Lý do xuất kho", reason));
    facts.push(("Xuất tại kho", format!("{} – {}", head.warehouse_code, head.warehouse_name)));
    facts.push(("Nhân viên bán hàng", head.rep_name));
    Ok(Page {
        issuer: issuer(form.seller),
        form: Some(Form { number: "02 - VT", accounts: true }),
        title: "PHIẾU XUẤT KHO",
        number: head.number,
        date: head.date,
        stamp: None,
        facts,
        table: Some(Table {
            columns: ISSUED,
            rows,
            sums: vec![
                Sum::of("Cộng tiền hàng", gross),
                Sum::of("Chiết khấu", discount),
                Sum::of("Thuế GTGT", vat),
                Sum::total("Tổng cộng", total),
            ],
        }),
        closing: vec![
            ("Tổng số tiền (viết bằng chữ)", total.in_words()),
            ("Số chứng từ gốc kèm theo", String::new()),
        ],
        signatures: signed([
            ("Người lập phiếu", &head.created_by_name),
            ("Người nhận hàng", ""),
            ("Thủ kho", ""),
            ("Kế toán trưởng", ""),
            ("Giám đốc", ""),
        ]),
    })
}

const RETURNED: &[Column] = &[
    Column::code("Mã hàng"),
    Column::text("Tên hàng"),
    Column::text("Tình trạng"),
    Column::code("ĐVT"),
    Column::number("SL"),
    Column::number("Đơn giá"),
    Column::number("Chiết khấu"),
    Column::number("VAT"),
    Column::number("Thành tiền"),
];

fn return_page(view: SalesReturnView) -> Page {
    let head = view.head;
    let rows = view.items.into_iter().map(|item| {
        let name = match (item.is_charge, item.is_free) {
            (true, _) => format!("{} (hàng tặng giữ lại, tính tiền)", item.product_name),
            (false, true) => format!("{} (hàng tặng)", item.product_name),
            (false, false) => item.product_name,
        };
        let condition = match (item.is_charge, item.condition) {
            (true, _) => "",
            (false, Condition::Saleable) => "Còn bán được",
            (false, Condition::Damaged) => "Hư hỏng",
            (false, Condition::Expired) => "Hết hạn",
        };
        vec![
            item.product_code.into(),
            name.into(),
            condition.into(),
            item.unit_name.into(),
            item.quantity.into(),
            item.unit_price.into(),
            item.discount_amount.into(),
            format!("{}%", item.vat).into(),
            item.gross.into(),
        ]
    });
    let rows = rows.collect();
    let mut facts = buyer_facts(view.buyer);
    facts.push(("Theo phiếu bán hàng", head.invoice_number.unwrap_or_default()));
    facts.push(("Lý do trả", head.reason));
    facts.push(("Ngày nhận hàng", short_day(head.received_on)));
    Page {
        issuer: Issuer { account: String::new(), ..issuer(view.seller) },
        form: None,
        title: "PHIẾU TRẢ HÀNG",
        number: head.return_number,
        date: head.business_date,
        stamp: match head.status {
            ReturnStatus::Pending => Some("CHỜ DUYỆT".to_owned()),
            ReturnStatus::Rejected => Some(format!("TỪ CHỐI: {}", head.decision)),
            ReturnStatus::Cancelled => Some(format!("ĐÃ HỦY: {}", head.decision)),
            ReturnStatus::Approved | ReturnStatus::Received => None,
        },
        facts,
        table: Some(Table {
            columns: RETURNED,
            rows,
            sums: vec![
                Sum::of("Cộng tiền hàng", view.sub_total),
                Sum::of("Chiết khấu", view.discount_amount),
                Sum::of("Thuế GTGT", view.tax_amount),
                Sum::total("Tổng giá trị hàng trả", head.total_amount),
            ],
        }),
        closing: vec![("Bằng chữ", view.total_in_words)],
        signatures: signed([
            ("Người lập phiếu", ""),
            ("Khách hàng", ""),
            ("Thủ kho", ""),
            ("Kế toán trưởng", ""),
        ]),
    }
}
