use std::fmt::Write as _;

use axum::Json;
use axum::extract::State;
use axum::http::HeaderMap;
use axum::http::header::ACCEPT;
use axum::response::{Html, IntoResponse as _, Response};
use domain::{InvoiceId, OrderId};
use platform::{ApiResult, App, Caller, Path, Problem, Query};
use serde::Deserialize;
use utoipa::{IntoParams, ToSchema};

use crate::model::PrintForm;
use crate::service;

/// On which paper.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(rename_all = "camelCase")]
#[into_params(parameter_in = Query, rename_all = "camelCase")]
pub struct PrintQuery {
    /// `a4` or `a5`, for the printable page.
    #[serde(default)]
    #[param(inline)]
    paper: Paper,
}

/// A size of paper.
#[derive(Debug, Clone, Copy, Default, Deserialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub enum Paper {
    /// 210 × 297 mm.
    #[default]
    A4,
    /// 148 × 210 mm, as most delivery notes.
    A5,
}

/// An order's printed form: its data, or with `Accept: text/html` a page to print.
#[utoipa::path(get, path = "/orders/{id}/print", tag = "orders", operation_id = "printOrder",
    params(("id" = OrderId, Path, description = "The order"), PrintQuery),
    responses(
        (status = 200, description = "The form", body = PrintForm),
        (status = 401, description = "Not signed in", body = Problem),
        (status = 404, description = "No such order for the caller", body = Problem),
    ))]
pub async fn print_order(
    State(app): State<App>,
    caller: Caller,
    Path(id): Path<OrderId>,
    Query(query): Query<PrintQuery>,
    headers: HeaderMap,
) -> ApiResult<Response> {
    Ok(answer(service::print_order(&app, &caller, id).await?, query.paper, &headers))
}

/// An invoice's printed form: its data, or with `Accept: text/html` a page to print.
#[utoipa::path(get, path = "/invoices/{id}/print", tag = "invoices", operation_id = "printInvoice",
    params(("id" = InvoiceId, Path, description = "The invoice"), PrintQuery),
    responses(
        (status = 200, description = "The form", body = PrintForm),
        (status = 401, description = "Not signed in", body = Problem),
        (status = 404, description = "No such invoice for the caller", body = Problem),
    ))]
pub async fn print_invoice(
    State(app): State<App>,
    caller: Caller,
    Path(id): Path<InvoiceId>,
    Query(query): Query<PrintQuery>,
    headers: HeaderMap,
) -> ApiResult<Response> {
    Ok(answer(service::print_invoice(&app, &caller, id).await?, query.paper, &headers))
}

fn answer(form: PrintForm, paper: Paper, headers: &HeaderMap) -> Response {
    let accept = headers.get(ACCEPT).and_then(|v| v.to_str().ok()).unwrap_or_default();
    if accept.contains("text/html") {
        Html(page(&form, paper)).into_response()
    } else {
        Json(form).into_response()
    }
}

/// Text that is safe between tags.
struct Escaped<'a>(&'a str);

impl std::fmt::Display for Escaped<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        for c in self.0.chars() {
            match c {
                '&' => f.write_str("&amp;")?,
                '<' => f.write_str("&lt;")?,
                '>' => f.write_str("&gt;")?,
                '"' => f.write_str("&quot;")?,
                c => f.write_char(c)?,
            }
        }
        Ok(())
    }
}

/// The page. It needs nothing from elsewhere, so that it prints offline too.
fn page(form: &PrintForm, paper: Paper) -> String {
    let e = |text: &'_ str| Escaped(text).to_string();
    let size = match paper {
        Paper::A4 => "A4",
        Paper::A5 => "A5 landscape",
    };
    let mut rows = String::new();
    for item in &form.items {
        let gift = match (&item.promotion_name, item.is_free) {
            (Some(name), true) => format!(" <i>(khuyến mại: {})</i>", e(name)),
            (None, true) => " <i>(khuyến mại)</i>".to_owned(),
            _ => String::new(),
        };
        // Writing to a String can't fail.
        let _ = write!(
            rows,
            "<tr><td>{}</td><td>{}</td><td>{}{gift}</td><td>{}</td><td class=n>{}</td><td class=n>{}</td><td class=n>{}</td><td class=n>{}%</td><td class=n>{}</td></tr>",
            item.line_no,
            e(&item.product_code),
            e(&item.product_name),
            e(&item.unit_name),
            item.quantity,
            item.unit_price,
            item.discount_amount,
            item.vat,
            item.line_total,
        );
    }
    let mut rates = String::new();
    for rate in &form.vat_by_rate {
        let _ = write!(
            rates,
            "<tr><td colspan=8>Thuế GTGT {}% trên {}</td><td class=n>{}</td></tr>",
            rate.vat, rate.net_amount, rate.tax_amount
        );
    }
    let orders = match form.order_numbers.is_empty() {
        true => String::new(),
        false => format!("<div>Theo đơn: {}</div>", e(&form.order_numbers.join(", "))),
    };
    format!(
        "<!doctype html><html lang=vi><head><meta charset=utf-8><title>{number}</title><style>\
@page{{size:{size};margin:10mm}}body{{font:12px/1.35 Arial,sans-serif;color:#000}}h1{{font-size:18px;text-align:center;margin:8px 0 0}}\
.c{{text-align:center}}table{{width:100%;border-collapse:collapse;margin:8px 0}}th,td{{border:1px solid #000;padding:2px 4px;vertical-align:top}}\
th{{background:#eee}}.n{{text-align:right;white-space:nowrap}}thead{{display:table-header-group}}tr{{break-inside:avoid}}\
.s{{display:flex;justify-content:space-around;margin-top:16px;text-align:center;break-inside:avoid}}.s div{{width:30%;height:70px}}</style></head><body>\
<div><b>{seller}</b></div><div>{seller_address}</div><div>MST: {tax_code} – ĐT: {seller_phone}</div><div>TK: {account} {bank}</div>\
<h1>{title}</h1><div class=c>Số: <b>{number}</b> – Ngày {date}</div>{orders}\
<div>Khách hàng: <b>{code} – {buyer}</b></div><div>Người liên hệ: {contact} – ĐT: {phone}</div><div>Địa chỉ: {address}</div><div>Nhân viên: {rep}</div>\
<table><thead><tr><th>STT<th>Mã hàng<th>Tên hàng<th>ĐVT<th>SL<th>Đơn giá<th>Chiết khấu<th>VAT<th>Thành tiền</tr></thead><tbody>{rows}\
<tr><td colspan=8>Cộng tiền hàng</td><td class=n>{sub_total}</td></tr><tr><td colspan=8>Chiết khấu</td><td class=n>{discount}</td></tr>{rates}\
<tr><td colspan=8><b>Tổng thanh toán</b></td><td class=n><b>{total}</b></td></tr></tbody></table>\
<div>Bằng chữ: <i>{words}</i></div><div>Ghi chú: {notes}</div>\
<div class=s><div><b>Người lập</b><br>(ký, họ tên)</div><div><b>Người giao</b><br>(ký, họ tên)</div><div><b>Khách hàng</b><br>(ký, họ tên)</div></div></body></html>",
        number = e(&form.number),
        seller = e(&form.seller.name),
        seller_address = e(&form.seller.address),
        tax_code = e(&form.seller.tax_code),
        seller_phone = e(&form.seller.phone),
        account = e(&form.seller.bank_account),
        bank = e(&form.seller.bank_name),
        title = form.title,
        date = form.date.format("%d/%m/%Y"),
        code = e(&form.buyer.code),
        buyer = e(&form.buyer.name),
        contact = e(&form.buyer.contact_person),
        phone = e(&form.buyer.phone),
        address = e(&form.buyer.address),
        rep = e(&form.rep_name),
        sub_total = form.sub_total,
        discount = form.discount_amount,
        total = form.total_amount,
        words = e(&form.amount_in_words),
        notes = e(&form.notes),
    )
}
