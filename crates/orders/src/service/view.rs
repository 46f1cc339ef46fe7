use db::PgConnection;
use domain::{InvoiceId, OrderId};
use platform::{ApiError, App, Caller};

use crate::model::{InvoiceView, IssueView, OrderView};
use crate::store;

/// An order with lines and history.
///
/// # Errors
/// 404 when there is none the caller may see.
pub async fn find_order(app: &App, caller: &Caller, id: OrderId) -> Result<OrderView, ApiError> {
    let mut tx = app.db.read(caller.context()).await?;
    view(&mut tx, caller, id).await
}

/// An invoice with lines and, once its goods have left, the lots they were taken from.
///
/// # Errors
/// 404 when there is none the caller may see.
pub async fn find_invoice(app: &App, caller: &Caller, id: InvoiceId) -> Result<InvoiceView, ApiError> {
    let mut tx = app.db.read(caller.context()).await?;
    invoice_view(&mut tx, caller, id).await
}

pub(super) async fn view(c: &mut PgConnection, caller: &Caller, id: OrderId) -> Result<OrderView, ApiError> {
    let row = store::find_order(c, id)
        .await?
        .filter(|row| caller.scope().includes(row.head.rep_id, row.unit_id))
        .ok_or_else(ApiError::not_found)?;
    Ok(OrderView {
        items: store::list_items(c, row.distributor_id, id).await?,
        history: store::list_history(c, row.distributor_id, id).await?,
        sub_total: row.gross,
        discount_amount: row.discount,
        tax_amount: row.vat,
        explanations: row.explanations,
        head: row.head,
    })
}

pub(super) async fn invoice_view(
    c: &mut PgConnection,
    caller: &Caller,
    id: InvoiceId,
) -> Result<InvoiceView, ApiError> {
    let row = store::find_invoice(c, id)
        .await?
        .filter(|row| caller.scope().includes(row.head.rep_id, row.unit_id))
        .ok_or_else(ApiError::not_found)?;
    let issue = match store::find_issue(c, row.distributor_id, id).await? {
        Some((issue_id, issue_number, business_date)) => {
            let picks = store::list_picks(c, row.distributor_id, issue_id).await?;
            Some(IssueView { issue_id, issue_number, business_date, picks })
        }
        None => None,
    };
    Ok(InvoiceView {
        items: store::list_invoice_items(c, row.distributor_id, id).await?,
        distributor_name: row.distributor_name,
        distributor_address: row.distributor_address,
        distributor_phone: row.distributor_phone,
        order_numbers: row.order_numbers,
        sub_total: row.gross,
        discount_amount: row.discount,
        tax_amount: row.vat,
        total_in_words: row.head.total_amount.in_words(),
        issue,
        head: row.head,
    })
}
