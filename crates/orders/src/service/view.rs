use db::PgConnection;
use domain::order::CreditProblem;
use domain::{InvoiceId, OrderId};
use platform::{ApiError, App, Caller};

use crate::error::OrderError;
use crate::model::{InvoiceView, OrderEvent, OrderView};
use crate::store;

/// An order with lines and history.
///
/// # Errors
/// 404 when there is none the caller may see.
pub async fn find_order(app: &App, caller: &Caller, id: OrderId) -> Result<OrderView, ApiError> {
    let mut tx = app.db.lookup(caller.context()).await?;
    view(&mut tx, caller, id).await
}

/// An invoice with lines and, once its goods have left, the lots they were taken from.
///
/// # Errors
/// 404 when there is none the caller may see.
pub async fn find_invoice(app: &App, caller: &Caller, id: InvoiceId) -> Result<InvoiceView, ApiError> {
    let mut tx = app.db.lookup(caller.context()).await?;
    invoice_view(&mut tx, caller, id).await
}

pub(super) async fn view(c: &mut PgConnection, caller: &Caller, id: OrderId) -> Result<OrderView, ApiError> {
    let row = store::find_order(c, id)
        .await?
        .filter(|row| caller.scope().includes(row.head.rep_id, row.unit_id))
        .ok_or_else(ApiError::not_found)?;
    let links = store::find_links(c, &row).await?;
    let history = store::list_history(c, row.distributor_id, id).await?;
    let mut view = OrderView {
        items: store::list_items(c, row.distributor_id, id).await?,
        sub_total: row.gross,
        discount_amount: row.discount,
        tax_amount: row.vat,
        explanations: row.explanations,
        promotion_ids: row.pinned.picked,
        gift_choices: row.pinned.choices,
        promotions: row.pinned.promotions,
        differences: Vec::new(),
        client_totals: row.client_totals,
        warnings: warnings(&history)?,
        split_from: links.split_from,
        split_into: links.split_into,
        invoices: links.invoices,
        receipt: links.receipt,
        history,
        head: row.head,
    };
    if let Some(client) = &view.client_totals {
        view.differences = client.differences(&view.totals().map_err(OrderError::from)?);
    }
    Ok(view)
}

/// What the last step that was warned of something was warned of.
fn warnings(history: &[OrderEvent]) -> Result<Vec<CreditProblem>, ApiError> {
    let last = history.iter().rev().find_map(|event| event.detail.as_ref()?.get("warnings"));
    last.map_or_else(|| Ok(Vec::new()), |w| serde_json::from_value(w.clone()).map_err(ApiError::internal))
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
    let issues = store::list_issues(c, row.distributor_id, id).await?;
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
        issue: issues.last().cloned(),
        issues,
        progress: store::list_progress(c, row.distributor_id, id).await?,
        head: row.head,
    })
}
