use chrono::NaiveDate;
use customers::model::CustomerForSale;
use db::{PgConnection, numbers};
use domain::{DocumentKind, InvoiceId};
use platform::{ApiError, App, Caller};
use uuid::Uuid;

use super::issue::{Goods, charge, pick_order};
use crate::model::InvoiceStatus;
use crate::store::{self, LockedOrder, NewInvoice};

/// The papers of goods that left at once, the same day.
pub(super) struct Papers {
    /// The business day they count on, and their numbers are of.
    pub day: NaiveDate,
    pub invoice: InvoiceId,
    pub invoice_number: String,
    pub issue_number: String,
}

/// Invoices one order, takes all of it out of stock and charges it to the customer. The order is locked and so is the
/// customer's balance; its lines still say what is reserved for them. Nothing of stock may be locked afterwards.
///
/// All of it counts on the day on which the goods left, or today when that day's books are closed: see
/// [`inventory::stock::day_of`].
pub(super) async fn deliver(
    app: &App,
    c: &mut PgConnection,
    caller: &Caller,
    order: &LockedOrder,
    customer: &CustomerForSale,
    left_on: NaiveDate,
) -> Result<Papers, ApiError> {
    let lines = store::list_lines_of_order(c, order).await?;
    let invoice = InvoiceId::new(Uuid::now_v7());
    let from = (order.distributor_id, order.warehouse_id);
    let leaving = lines.iter().map(|line| (line.product_id, line.pieces));
    let day = inventory::stock::day_of(c, from, left_on, app.today(), leaving).await?;
    let goods = Goods { customer, invoice, warehouse: order.warehouse_id, day, total: order.total };
    let picked = pick_order(app, c, caller, &goods, &lines).await?;
    // From here on the whole distributor waits for these numbers.
    let kinds = [DocumentKind::Invoice, DocumentKind::GoodsIssue];
    let [invoice_number, issue_number] = numbers::next_of(c, order.distributor_id, kinds, day).await?;
    let row = NewInvoice {
        id: invoice,
        number: &invoice_number,
        orders: std::slice::from_ref(order),
        business_date: day,
        actor: caller.user_id,
        at: app.now(),
    };
    store::insert_invoice(c, &row).await?;
    charge(app, c, caller, &goods, &invoice_number).await?;
    let issue = picked.leave(app, c, caller, &goods, issue_number, InvoiceStatus::Issued).await?;
    Ok(Papers { day, invoice, invoice_number, issue_number: issue.issue_number })
}
