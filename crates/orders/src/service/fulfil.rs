use customers::store::find_for_sale;
use db::audit;
use domain::permission::InvoicesManage;
use domain::{OrderId, OrderStatus};
use platform::{ApiError, App, Caller, Once, transaction_once};
use serde_json::{Map, Value, json};

use super::decide::Approve;
use super::deliver::deliver;
use super::view::view;
use super::{Said, credit, lock, step};
use crate::error::OrderError;
use crate::model::Fulfilled;

/// Approves, invoices and issues an order in one step: all of it leaves at once. For the office that decides and ships at
/// the same desk. An order that is approved already is invoiced and issued.
///
/// # Errors
/// 404, 409 when it is past that, 412 when it was changed meanwhile, 422 for totals that differ from the phone's, for
/// credit and for short stock, told line by line; then nothing happens.
pub async fn fulfil(
    app: &App,
    caller: &Caller,
    once: &Once,
    id: OrderId,
    how: Approve,
) -> Result<Fulfilled, ApiError> {
    let done = transaction_once!(app, caller.context(), once, "orders.fulfil", |tx| {
        let order = lock(tx, caller, id, how.version).await?;
        let approved = match order.status {
            OrderStatus::Approved => order.status,
            status => status.approve().map_err(OrderError::from)?,
        };
        let to = approved.invoice().and_then(OrderStatus::issue).map_err(OrderError::from)?;
        if order.needs_review && !how.accept_differences {
            return Err(OrderError::NeedsReview(view(tx, caller, id).await?.differences).into());
        }
        let customer = find_for_sale(tx, order.customer_id).await?.ok_or_else(ApiError::not_found)?;
        let held = credit::hold(tx, order.distributor_id, order.customer_id).await?;
        let mut detail = Map::new();
        // What an approved order comes to was judged at its approval.
        if order.status != OrderStatus::Approved {
            let may_override = how.override_credit && caller.may::<InvoicesManage>();
            let passed = held.judge(tx, app.today(), order.total, may_override).await?;
            if !passed.warnings.is_empty() {
                detail.insert("warnings".into(), json!(passed.warnings));
            }
            if passed.overridden {
                detail.insert("overridden".into(), Value::Bool(true));
            }
        }
        let papers = deliver(app, tx, caller, &order, &customer, app.today()).await?;
        let said = Said {
            detail: (!detail.is_empty()).then_some(Value::Object(detail)),
            reserved: Some(false),
            reviewed: true,
            ..Said::default()
        };
        step(app, tx, caller, &order, to, "orders.fulfil", said).await?;
        let after = json!({"number": papers.invoice_number, "orders": [id], "issue": papers.issue_number, "amount": order.total});
        let entry = audit::Entry::<(), _> {
            action: "invoices.issue",
            entity: "invoice",
            entity_id: Some(papers.invoice.uuid()),
            distributor: Some(order.distributor_id),
            before: None,
            after: Some(&after),
        };
        audit::record(tx, caller.context(), app.now(), entry).await?;
        Ok(Fulfilled {
            order_id: id,
            order_number: order.number.clone(),
            status: to,
            invoice_id: papers.invoice,
            invoice_number: papers.invoice_number,
            issue_number: papers.issue_number,
            total_amount: order.total,
        })
    })?;
    app.wake.now();
    Ok(done)
}
