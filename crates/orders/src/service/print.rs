use std::collections::BTreeMap;

use domain::{GoodsIssueId, InvoiceId, Money, OrderId, OrderStatus};
use platform::{ApiError, App, Caller};

use super::view::{invoice_view, view};
use crate::error::OrderError;
use crate::model::{InvoiceStatus, IssueForm, OrderItem, PrintForm, VatOfRate};
use crate::store;

/// An order's printed form.
///
/// # Errors
/// 404 when there is none the caller may see.
pub async fn print_order(app: &App, caller: &Caller, id: OrderId) -> Result<PrintForm, ApiError> {
    let mut tx = app.db.read(caller.context()).await?;
    let order = view(&mut tx, caller, id).await?;
    let (seller, buyer) =
        store::find_parties(&mut tx, order.head.customer_id).await?.ok_or_else(ApiError::not_found)?;
    Ok(PrintForm {
        title: "PHIẾU ĐẶT HÀNG",
        number: order.head.order_number,
        date: order.head.business_date,
        seller,
        buyer,
        rep_name: order.head.rep_name,
        order_numbers: Vec::new(),
        vat_by_rate: vat_by_rate(&order.items)?,
        items: order.items,
        sub_total: order.sub_total,
        discount_amount: order.discount_amount,
        net_amount: order.head.total_amount.checked_sub(order.tax_amount).map_err(OrderError::from)?,
        tax_amount: order.tax_amount,
        total_amount: order.head.total_amount,
        amount_in_words: order.head.total_amount.in_words(),
        notes: order.head.notes,
        stamp: match order.head.status {
            OrderStatus::Draft => Some("BẢN NHÁP".to_owned()),
            OrderStatus::Rejected => Some("TỪ CHỐI".to_owned()),
            OrderStatus::Cancelled => Some("ĐÃ HỦY".to_owned()),
            OrderStatus::Pending | OrderStatus::Approved | OrderStatus::Invoiced | OrderStatus::Issued => {
                None
            }
        },
    })
}

/// An invoice's printed form.
///
/// # Errors
/// 404 when there is none the caller may see.
pub async fn print_invoice(app: &App, caller: &Caller, id: InvoiceId) -> Result<PrintForm, ApiError> {
    let mut tx = app.db.read(caller.context()).await?;
    let invoice = invoice_view(&mut tx, caller, id).await?;
    let (seller, buyer) =
        store::find_parties(&mut tx, invoice.head.customer_id).await?.ok_or_else(ApiError::not_found)?;
    Ok(PrintForm {
        title: "PHIẾU BÁN HÀNG",
        number: invoice.head.invoice_number,
        date: invoice.head.business_date,
        seller,
        buyer,
        rep_name: invoice.head.rep_name,
        order_numbers: invoice.order_numbers,
        vat_by_rate: vat_by_rate(&invoice.items)?,
        items: invoice.items,
        sub_total: invoice.sub_total,
        discount_amount: invoice.discount_amount,
        net_amount: invoice.head.total_amount.checked_sub(invoice.tax_amount).map_err(OrderError::from)?,
        tax_amount: invoice.tax_amount,
        total_amount: invoice.head.total_amount,
        amount_in_words: invoice.head.total_amount.in_words(),
        notes: String::new(),
        stamp: match invoice.head.status {
            InvoiceStatus::Cancelled => Some(format!("ĐÃ HỦY: {}", invoice.head.reason)),
            // The lines stay as they were written; what never left is not owed.
            InvoiceStatus::Closed => Some(format!(
                "ĐÃ ĐÓNG, CHỈ TÍNH TIỀN PHẦN ĐÃ XUẤT {}: {}",
                invoice.head.charged_amount, invoice.head.reason
            )),
            InvoiceStatus::Open | InvoiceStatus::PartlyIssued | InvoiceStatus::Issued => None,
        },
    })
}

/// A goods issue's paper; who may see its invoice may see it.
///
/// # Errors
/// 404 when there is none the caller may see.
pub async fn print_issue(app: &App, caller: &Caller, id: GoodsIssueId) -> Result<IssueForm, ApiError> {
    let mut tx = app.db.read(caller.context()).await?;
    let head = store::find_issue(&mut tx, id)
        .await?
        .filter(|head| caller.scope().includes(head.rep_id, head.unit_id))
        .ok_or_else(ApiError::not_found)?;
    let (seller, buyer) =
        store::find_parties(&mut tx, head.customer_id).await?.ok_or_else(ApiError::not_found)?;
    let lines = store::list_issue_lines(&mut tx, head.distributor_id, id).await?;
    Ok(IssueForm { head, seller, buyer, lines })
}

/// Net and VAT per rate, the lowest first; free goods have neither.
fn vat_by_rate(items: &[OrderItem]) -> Result<Vec<VatOfRate>, OrderError> {
    let mut rates: BTreeMap<i16, VatOfRate> = BTreeMap::new();
    for item in items.iter().filter(|i| !i.is_free) {
        let rate = rates.entry(item.vat).or_insert(VatOfRate {
            vat: item.vat,
            net_amount: Money::ZERO,
            tax_amount: Money::ZERO,
        });
        let net = item.line_total.checked_sub(item.tax_amount)?;
        rate.net_amount = rate.net_amount.checked_add(net)?;
        rate.tax_amount = rate.tax_amount.checked_add(item.tax_amount)?;
    }
    Ok(rates.into_values().collect())
}
