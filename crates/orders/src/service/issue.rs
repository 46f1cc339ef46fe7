use chrono::Days;
use db::{audit, numbers};
use domain::{DocumentId, DocumentKind, GoodsIssueId, InvoiceId, Money, ProductId};
use inventory::stock::{IssueLine, Posting};
use platform::{ApiError, App, Caller, Once, transaction_once};
use receivables::ledger::{Charge, EntryKind};
use uuid::Uuid;

use super::step;
use super::view::invoice_view;
use crate::error::{self, OrderError};
use crate::model::{InvoiceStatus, InvoiceView};
use crate::store::{self, NewIssue};

/// Issues the goods of an invoice from stock, first expiry first: stock goes down, the customer's debt goes up, due
/// after its payment term. A repeat gets the first answer.
///
/// # Errors
/// 404, 409 when the goods have left already, 422 when stock is short.
pub async fn issue(app: &App, caller: &Caller, once: &Once, id: InvoiceId) -> Result<InvoiceView, ApiError> {
    let issued = transaction_once!(app, caller.context(), once, "invoices.issue", |tx| {
        // Orders before their invoice, as everywhere; what the invoice holds never changes.
        let order_ids = store::list_orders_of_invoice(tx, id).await?;
        let orders = store::lock_orders(tx, &order_ids).await?;
        let invoice = store::lock_invoice(tx, id).await?.ok_or_else(ApiError::not_found)?;
        if invoice.status != InvoiceStatus::Open {
            return Err(OrderError::InvoiceNotOpen.into());
        }
        let (now, day) = (app.now(), app.today());
        let distributor = invoice.distributor_id;
        let customer = customers::store::find_for_sale(tx, invoice.customer_id)
            .await?
            .ok_or_else(ApiError::not_found)?;
        receivables::ledger::lock_balance(tx, distributor, invoice.customer_id).await?;

        let lines = store::list_lines_to_issue(tx, distributor, id).await?;
        let products: Vec<ProductId> = lines.iter().map(|l| l.product_id).collect();
        let names = catalog::store::find_products(tx, &products).await?;
        let mut to_issue = Vec::with_capacity(lines.len());
        for line in &lines {
            let (selling, cost) = names
                .get(&line.product_id)
                .map_or((Money::ZERO, Money::ZERO), |n| (n.selling.of(line.unit), n.purchase.of(line.unit)));
            to_issue.push(IssueLine {
                line_no: line.line_no,
                product_id: line.product_id,
                pieces: line.pieces,
                typed_quantity: line.quantity,
                unit: line.unit,
                selling_value: selling.checked_mul(line.quantity).map_err(OrderError::from)?,
                cost_value: cost.checked_mul(line.quantity).map_err(OrderError::from)?,
                sold_value: line.gross,
                reserved: line.reserved,
            });
        }
        let issue_id = GoodsIssueId::new(Uuid::now_v7());
        let number = numbers::next(tx, distributor, DocumentKind::GoodsIssue, day).await?;
        let posting = Posting {
            distributor,
            warehouse: invoice.warehouse_id,
            document_id: DocumentId::new(issue_id.uuid()),
            number: &number,
            business_date: day,
            at: now,
            actor: caller.user_id,
        };
        let picks = match inventory::stock::issue(tx, &posting, &to_issue).await {
            Ok(picks) => picks,
            Err(e) => return Err(error::stock(e, &names)),
        };
        let new = NewIssue {
            distributor_id: distributor,
            id: issue_id,
            number: &number,
            invoice_id: id,
            warehouse_id: invoice.warehouse_id,
            business_date: day,
            actor: caller.user_id,
            at: now,
        };
        store::insert_issue(tx, &new, &picks).await?;
        if invoice.total.is_positive() {
            let charge = Charge {
                distributor,
                customer: invoice.customer_id,
                kind: EntryKind::Invoice,
                amount: invoice.total,
                document_id: DocumentId::new(id.uuid()),
                number: &invoice.number,
                business_date: day,
                due_date: day + Days::new(u64::from(customer.payment_term_days)),
                at: now,
                actor: caller.user_id,
            };
            receivables::ledger::charge(tx, &charge).await?;
        }
        for order in &orders {
            let to = order.status.issue().map_err(OrderError::from)?;
            store::update_reserved(tx, order, false).await?;
            step(app, tx, caller, order, to, "", "orders.issue").await?;
        }
        audit::record(
            tx,
            caller.context(),
            now,
            audit::Entry {
                action: "invoices.issue",
                entity: "invoice",
                entity_id: Some(id.uuid()),
                distributor: Some(distributor),
                before: Some(&serde_json::json!({"status": invoice.status})),
                after: Some(&serde_json::json!({"status": InvoiceStatus::Issued, "issue": number})),
            },
        )
        .await?;
        invoice_view(tx, caller, id).await
    })?;
    app.wake.now();
    Ok(issued)
}
