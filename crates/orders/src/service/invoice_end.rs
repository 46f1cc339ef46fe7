//! Invoices whose goods don't leave, or not all of them.

use std::collections::BTreeSet;

use db::{PgConnection, audit};
use domain::{InvoiceId, OrderId, ProductId, Quantity};
use platform::{ApiError, App, Caller, Once, transaction_once};

use super::given_back::give_back;
use super::view::invoice_view;
use super::{Said, step};
use crate::error::OrderError;
use crate::invoice_error::InvoiceError;
use crate::model::{InvoiceStatus, InvoiceView};
use crate::store::{self, LockedInvoice, LockedOrder};

/// Cancels an invoice of which nothing has left. Its orders go back to approved: their stock stays reserved, what they
/// count against the customer's credit stays, and they may be invoiced again or withdrawn.
///
/// # Errors
/// 404, 409 when goods have left or it was cancelled before.
pub async fn cancel_invoice(
    app: &App,
    caller: &Caller,
    once: &Once,
    id: InvoiceId,
    reason: &str,
) -> Result<InvoiceView, ApiError> {
    let cancelled = transaction_once!(app, caller.context(), once, "invoices.cancel", |tx| {
        let (invoice, orders) = lock(tx, id).await?;
        match invoice.status {
            InvoiceStatus::Open => {}
            InvoiceStatus::Cancelled => return Err(OrderError::InvoiceNotOpen.into()),
            _ => return Err(InvoiceError::HasLeft.into()),
        }
        let mut freed = Vec::with_capacity(orders.len());
        for order in &orders {
            reopen(app, tx, caller, order, reason).await?;
            freed.push(order.id);
        }
        end(app, tx, caller, id, &invoice, InvoiceStatus::Cancelled, reason, &freed).await?;
        invoice_view(tx, caller, id).await
    })?;
    app.wake.now();
    Ok(cancelled)
}

/// Closes an invoice of which a part has left and the rest will not. What was reserved for the rest of an order of which
/// something left is free again, and the order counts as issued; an order of which nothing left goes back to approved,
/// as when its invoice is cancelled. The customer owes only what has left, and of promotions only that part is used.
///
/// # Errors
/// 404, 409 when it is not partly issued.
pub async fn close_invoice(
    app: &App,
    caller: &Caller,
    once: &Once,
    id: InvoiceId,
    reason: &str,
) -> Result<InvoiceView, ApiError> {
    let closed = transaction_once!(app, caller.context(), once, "invoices.close", |tx| {
        let (invoice, orders) = lock(tx, id).await?;
        if invoice.status != InvoiceStatus::PartlyIssued {
            return Err(InvoiceError::NotPartlyIssued.into());
        }
        let lines = store::list_lines_to_issue(tx, invoice.distributor_id, id).await?;
        let begun: BTreeSet<OrderId> =
            lines.iter().filter(|line| line.issued.is_positive()).map(|line| line.order_id).collect();
        let mut released: Vec<(ProductId, Quantity)> = Vec::new();
        let mut freed = Vec::new();
        for order in orders.iter().filter(|order| order.status == domain::OrderStatus::Invoiced) {
            if begun.contains(&order.id) {
                let of_order = lines.iter().filter(|line| line.order_id == order.id);
                released.extend(of_order.map(|line| (line.product_id, line.reserved)));
                let to = order.status.issue().map_err(OrderError::from)?;
                let said = Said { reason, reserved: Some(false), ..Said::default() };
                step(app, tx, caller, order, to, "orders.close", said).await?;
            } else {
                reopen(app, tx, caller, order, reason).await?;
                freed.push(order.id);
            }
        }
        end(app, tx, caller, id, &invoice, InvoiceStatus::Closed, reason, &freed).await?;
        let ended: Vec<OrderId> = orders.iter().map(|order| order.id).collect();
        give_back(app, tx, caller, (invoice.distributor_id, invoice.customer_id), &ended, id.uuid()).await?;
        inventory::stock::release(tx, invoice.distributor_id, invoice.warehouse_id, &released).await?;
        invoice_view(tx, caller, id).await
    })?;
    app.wake.now();
    Ok(closed)
}

async fn lock(c: &mut PgConnection, id: InvoiceId) -> Result<(LockedInvoice, Vec<LockedOrder>), ApiError> {
    let ids = store::list_orders_of_invoice(c, id).await?;
    let orders = store::lock_orders(c, &ids).await?;
    let invoice = store::lock_invoice(c, id).await?.ok_or_else(ApiError::not_found)?;
    Ok((invoice, orders))
}

async fn reopen(
    app: &App,
    c: &mut PgConnection,
    caller: &Caller,
    order: &LockedOrder,
    reason: &str,
) -> Result<(), ApiError> {
    let to = order.status.reopen().map_err(OrderError::from)?;
    step(app, c, caller, order, to, "orders.reopen", Said { reason, ..Said::default() }).await
}

#[expect(clippy::too_many_arguments, reason = "what the audit row tells")]
async fn end(
    app: &App,
    c: &mut PgConnection,
    caller: &Caller,
    id: InvoiceId,
    invoice: &LockedInvoice,
    status: InvoiceStatus,
    reason: &str,
    freed: &[OrderId],
) -> Result<(), ApiError> {
    store::end_invoice(c, invoice.distributor_id, id, status, reason, freed).await?;
    let action = if status == InvoiceStatus::Closed { "invoices.close" } else { "invoices.cancel" };
    let entry = audit::Entry {
        action,
        entity: "invoice",
        entity_id: Some(id.uuid()),
        distributor: Some(invoice.distributor_id),
        before: Some(&serde_json::json!({"status": invoice.status})),
        after: Some(&serde_json::json!({"status": status, "reason": reason, "freed": freed})),
    };
    audit::record(c, caller.context(), app.now(), entry).await?;
    Ok(())
}
