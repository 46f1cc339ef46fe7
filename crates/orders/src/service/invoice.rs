use db::{audit, numbers};
use domain::{DocumentKind, InvoiceId};
use platform::{ApiError, App, Caller, Once, transaction_once};
use uuid::Uuid;

use super::view::invoice_view;
use super::{Said, step};
use crate::error::OrderError;
use crate::model::{CreateInvoice, InvoiceView};
use crate::store::{self, NewInvoice};

/// Invoices approved orders of one customer that one rep sold, whose revenue it is. What was reserved for them stays reserved until the issue.
///
/// # Errors
/// 400 for malformed fields, 404 for orders the caller may not see, 409 when one isn't approved, 422 when they are
/// not of one customer, warehouse and rep.
pub async fn create_invoice(
    app: &App,
    caller: &Caller,
    once: &Once,
    body: &CreateInvoice,
) -> Result<InvoiceView, ApiError> {
    let mut ids = body.order_ids.clone();
    ids.sort();
    ids.dedup();
    if ids.is_empty() || ids.len() > 50 {
        return Err(ApiError::invalid_field(
            "orderIds",
            "Cần từ 1 đến 50 đơn hàng",
            "1 to 50 orders are needed",
        ));
    }
    let invoice = transaction_once!(app, caller.context(), once, "invoices.create", |tx| {
        let orders = store::lock_orders(tx, &ids).await?;
        let visible = orders.iter().all(|o| caller.scope().includes(o.rep_id, o.unit_id));
        let Some(first) = orders.first().filter(|_| visible && orders.len() == ids.len()) else {
            return Err(ApiError::not_found());
        };
        let same = |o: &store::LockedOrder| {
            (o.distributor_id, o.customer_id, o.warehouse_id, o.rep_id, o.unit_id)
                == (first.distributor_id, first.customer_id, first.warehouse_id, first.rep_id, first.unit_id)
        };
        if !orders.iter().all(same) {
            return Err(OrderError::MixedOrders.into());
        }
        let id = body.id.unwrap_or_else(|| InvoiceId::new(Uuid::now_v7()));
        for order in &orders {
            let to = order.status.invoice().map_err(OrderError::from)?;
            step(app, tx, caller, order, to, "orders.invoice", Said::default()).await?;
        }
        let day = app.today();
        let number = numbers::next(tx, first.distributor_id, DocumentKind::Invoice, day).await?;
        let new = NewInvoice {
            id,
            number: &number,
            orders: &orders,
            business_date: day,
            actor: caller.user_id,
            at: app.now(),
        };
        store::insert_invoice(tx, &new).await?;
        audit::record(
            tx,
            caller.context(),
            app.now(),
            audit::Entry::<(), _> {
                action: "invoices.create",
                entity: "invoice",
                entity_id: Some(id.uuid()),
                distributor: Some(first.distributor_id),
                before: None,
                after: Some(&serde_json::json!({"number": number, "orders": ids})),
            },
        )
        .await?;
        invoice_view(tx, caller, id).await
    })?;
    app.wake.now();
    Ok(invoice)
}
