use chrono::{DateTime, Utc};
use db::PgConnection;
use domain::{DocumentId, OrderId, OrderStatus, ReceiptId};
use platform::{ApiError, App, Caller, Once, transaction_once};
use receivables::{Payment, PaymentMethod, Pays};
use uuid::Uuid;

use super::credit::{self, Passed};
use super::deliver::deliver;
use super::place::{New, cart_of, id_taken, insert, prepare, warehouse_of};
use super::price::{book, still_first};
use super::view::view;
use crate::error::OrderError;
use crate::model::{CreateOrder, OrderView};
use crate::store;

/// Sells from the caller's van: order, invoice, issue from the van's stock, debt and what is paid of it, all at once.
/// All of it counts on the day it was made, however late the phone tells of it: the goods left then. When the van's books of that
/// day are closed, the papers and postings are of today; the order and the rep's cash stay on their day.
///
/// # Errors
/// 400 for malformed fields, 404 for a customer the caller may not see, 422 when the caller has no van, the van has
/// too little, the customer's credit doesn't carry what is not paid, or more is paid than is sold.
pub(super) async fn sell(
    app: &App,
    caller: &Caller,
    once: &Once,
    body: &CreateOrder,
    ordered_at: DateTime<Utc>,
) -> Result<OrderView, ApiError> {
    let sold = transaction_once!(app, caller.context(), once, "orders.sell", |tx| {
        sell_on(app, tx, caller, body, ordered_at).await
    })
    .map_err(id_taken)?;
    app.wake.now();
    Ok(sold)
}

/// As [`sell`], on a connection of the caller's, who keeps the answer.
pub(super) async fn sell_on(
    app: &App,
    tx: &mut PgConnection,
    caller: &Caller,
    body: &CreateOrder,
    ordered_at: DateTime<Utc>,
) -> Result<OrderView, ApiError> {
    let paid = body.amount_paid.unwrap_or_default();
    if paid.is_negative() {
        return Err(ApiError::invalid_field("amountPaid", "Phải từ 0 trở lên", "Must be 0 or more"));
    }
    if body.draft {
        return Err(ApiError::invalid_field(
            "draft",
            "Bán hàng theo xe giao ngay nên không có nháp",
            "A van sale is delivered at once; there is no draft of it",
        ));
    }
    let cart = cart_of(caller, body, ordered_at);
    let sale = store::find_sale(tx, &cart.of, None).await?.ok_or_else(ApiError::not_found)?;
    warehouse_of(&sale, body.order_type)?;
    let priced = prepare(app, tx, caller, &cart, sale).await?;
    let customer = priced.sale.customer.clone();
    let held = credit::hold(tx, customer.distributor_id, customer.id).await?;
    let id = body.id.unwrap_or_else(|| OrderId::new(Uuid::now_v7()));
    let priced = still_first(app, tx, &cart, priced).await?;
    let priced = book(app, tx, caller, &cart, id, priced).await?;
    let total = priced.order.totals.total;
    // The phone may have asked for more than the server would have: what was paid was paid.
    let asked = body.client_totals.as_ref().map_or(total, |client| client.total_amount.max(total));
    if paid > asked {
        return Err(OrderError::Overpaid.into());
    }
    let owed = total.checked_sub(paid).map_err(OrderError::from)?;
    let passed = match owed.is_positive() {
        true => held.judge(tx, app.today(), owed, false).await?,
        false => Passed::default(),
    };
    let new = New { id, ordered_at, status: OrderStatus::Issued, warnings: passed.warnings, once: None };
    let order = insert(app, tx, caller, body, priced, new).await?.head.order_id;

    let mut orders = store::lock_orders(tx, &[order]).await?;
    let order = orders.pop().ok_or_else(ApiError::not_found)?;
    let papers = deliver(app, tx, caller, &order, &customer, cart.day).await?;
    if paid.is_positive() {
        // The rep carries it until it is handed over.
        let payment = Payment {
            customer: customer.id,
            amount: paid,
            method: body.payment_method.unwrap_or(PaymentMethod::Cash),
            note: String::new(),
            day: cart.day,
            booked_on: papers.day,
            collected_by: None,
            pays: Pays::FirstTo(DocumentId::new(papers.invoice.uuid())),
        };
        let receipt = ReceiptId::new(Uuid::now_v7());
        receivables::receive(tx, app, caller, receipt, &payment).await?;
        store::update_receipt(tx, customer.distributor_id, order.id, receipt).await?;
    }
    view(tx, caller, order.id).await
}
