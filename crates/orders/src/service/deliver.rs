use customers::model::CustomerForSale;
use db::{PgConnection, numbers};
use domain::{DocumentKind, InvoiceId};
use platform::{ApiError, App, Caller};
use uuid::Uuid;

use super::issue::{Goods, Issuing, charge};
use crate::store::{self, LockedOrder, NewInvoice};

/// The papers of goods that leave at once, the same day.
pub(super) struct Papers {
    pub invoice: InvoiceId,
    pub invoice_number: String,
    pub issue_number: String,
}

/// Goods whose invoice is written and whose debt is posted; stock comes last, after whatever else must be locked.
pub(super) struct Leaving<'a> {
    pub papers: Papers,
    issuing: Issuing,
    customer: &'a CustomerForSale,
    order: &'a LockedOrder,
}

/// Invoices one order and charges all of it to the customer. The order is locked and so is the customer's balance; its lines
/// still say what is reserved for them.
pub(super) async fn invoice_at_once<'a>(
    app: &App,
    c: &mut PgConnection,
    caller: &Caller,
    order: &'a LockedOrder,
    customer: &'a CustomerForSale,
) -> Result<Leaving<'a>, ApiError> {
    let kinds = [DocumentKind::Invoice, DocumentKind::GoodsIssue];
    let [invoice_number, issue_number] =
        numbers::next_of(c, order.distributor_id, kinds, app.today()).await?;
    let papers = Papers { invoice: InvoiceId::new(Uuid::now_v7()), invoice_number, issue_number };
    let row = NewInvoice {
        id: papers.invoice,
        number: &papers.invoice_number,
        orders: std::slice::from_ref(order),
        business_date: app.today(),
        actor: caller.user_id,
        at: app.now(),
    };
    store::insert_invoice(c, &row).await?;
    let issuing = Issuing::of_all(c, order.distributor_id, papers.invoice).await?;
    let leaving = Leaving { papers, issuing, customer, order };
    charge(app, c, caller, &leaving.goods()).await?;
    Ok(leaving)
}

impl Leaving<'_> {
    /// What leaves.
    pub(super) fn goods(&self) -> Goods<'_> {
        Goods {
            customer: self.customer,
            invoice: self.papers.invoice,
            invoice_number: &self.papers.invoice_number,
            warehouse: self.order.warehouse_id,
            total: self.order.total,
        }
    }

    /// Takes the goods out of stock and writes the issue. Nothing may be locked after stock.
    pub(super) async fn leave(
        &self,
        app: &App,
        c: &mut PgConnection,
        caller: &Caller,
    ) -> Result<(), ApiError> {
        self.issuing.post(app, c, caller, &self.goods(), &self.papers.issue_number).await
    }
}
