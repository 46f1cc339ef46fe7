use chrono::NaiveDate;
use domain::{
    CustomerId, GoodsIssueId, InvoiceId, LotId, Money, OrderId, OrderStatus, Overflow, ProductId, UserId,
    WarehouseId,
};
use inventory::stock::PickedLot;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::OrderItem;

/// Which approved orders of one customer to invoice.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct CreateInvoice {
    /// Made by the client; a repeat with the same id gets the first answer.
    pub id: Option<InvoiceId>,
    /// 1 to 50 approved orders.
    #[schema(min_items = 1, max_items = 50)]
    pub order_ids: Vec<OrderId>,
}

/// Whether the goods of an invoice have left.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub enum InvoiceStatus {
    /// Goods are still here.
    Open,
    /// Some goods have left, with their debt.
    PartlyIssued,
    /// All goods have left; the debt is there.
    Issued,
    /// Some goods have left; the rest will not.
    Closed,
    /// Withdrawn before anything left.
    Cancelled,
}

/// What fulfilling an order made.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct Fulfilled {
    /// The order.
    pub order_id: OrderId,
    /// DH-YYYYMMDD-NNNN
    pub order_number: String,
    /// Where it stands now.
    pub status: OrderStatus,
    /// Its invoice.
    pub invoice_id: InvoiceId,
    /// PB-YYYYMMDD-NNNN
    pub invoice_number: String,
    /// PX-YYYYMMDD-NNNN
    pub issue_number: String,
    /// What the customer owes for it.
    pub total_amount: Money,
}

/// An invoice as lists show it.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct InvoiceHead {
    /// The invoice.
    pub invoice_id: InvoiceId,
    /// PB-YYYYMMDD-NNNN
    pub invoice_number: String,
    /// Whether the goods have left.
    pub status: InvoiceStatus,
    /// Who buys.
    pub customer_id: CustomerId,
    /// Its code.
    pub customer_code: String,
    /// Its name.
    pub customer_name: String,
    /// Where it is delivered.
    pub customer_address: String,
    /// Its telephone.
    pub customer_phone: String,
    /// Whose sale it is.
    pub rep_id: UserId,
    /// Their name.
    pub rep_name: String,
    /// Where it ships from.
    pub warehouse_id: WarehouseId,
    /// Its business day.
    pub business_date: NaiveDate,
    /// What the customer pays.
    pub total_amount: Money,
    /// What of it is owed already: for the goods that have left.
    pub charged_amount: Money,
    /// Why it was cancelled, or closed although goods are missing.
    pub reason: String,
}

/// An invoice with all there is to know, ready to be printed.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct InvoiceView {
    /// Its head.
    #[serde(flatten)]
    pub head: InvoiceHead,
    /// The seller, for the printed form.
    pub distributor_name: String,
    /// The seller's address.
    pub distributor_address: String,
    /// The seller's telephone.
    pub distributor_phone: String,
    /// The orders it is made from.
    pub order_numbers: Vec<String>,
    /// Its lines.
    pub items: Vec<OrderItem>,
    /// Gross, before discounts and VAT.
    pub sub_total: Money,
    /// All discounts.
    pub discount_amount: Money,
    /// VAT.
    pub tax_amount: Money,
    /// The total in Vietnamese words.
    pub total_in_words: String,
    /// The latest goods issue, once goods have left.
    pub issue: Option<IssueView>,
    /// All goods issues, oldest first.
    pub issues: Vec<IssueView>,
    /// How far each line is, in pieces.
    pub progress: Vec<InvoiceLineProgress>,
}

impl InvoiceView {
    /// Goods have left: the invoice as it is after the issue.
    pub(crate) fn goods_left(&mut self, issue: IssueView, status: InvoiceStatus) -> Result<(), Overflow> {
        self.head.status = status;
        self.head.charged_amount = self.head.charged_amount.checked_add(issue.amount)?;
        for line in &mut self.progress {
            for pick in issue.picks.iter().filter(|pick| pick.line_no == line.line_no) {
                line.issued = line.issued.checked_add(pick.pieces).ok_or(Overflow)?;
            }
        }
        self.issue = Some(issue.clone());
        self.issues.push(issue);
        Ok(())
    }
}

/// How much of a line has left and come back, in pieces.
#[derive(Debug, Clone, Copy, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct InvoiceLineProgress {
    /// The line.
    pub line_no: i32,
    /// Sold.
    pub pieces: i64,
    /// Has left.
    pub issued: i64,
    /// Came back, or is asked to come back.
    pub returned: i64,
    /// Whether its order went back to approved: nothing of the line will leave on this invoice.
    pub void: bool,
}

/// A goods issue: which lots left for which line.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct IssueView {
    /// The issue.
    pub issue_id: GoodsIssueId,
    /// PX-YYYYMMDD-NNNN
    pub issue_number: String,
    /// Its business day.
    pub business_date: NaiveDate,
    /// What the customer owes for it, with VAT.
    pub amount: Money,
    /// What was taken from which lot.
    pub picks: Vec<IssuePick>,
}

/// What was taken from a lot for a line.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct IssuePick {
    /// The line of the invoice.
    pub line_no: i32,
    /// The product.
    pub product_id: ProductId,
    /// The lot.
    pub lot_id: LotId,
    /// Its number.
    pub lot_number: String,
    /// When it expires.
    pub expiry: Option<NaiveDate>,
    /// How many pieces.
    pub pieces: i64,
}

impl From<PickedLot> for IssuePick {
    fn from(lot: PickedLot) -> Self {
        IssuePick {
            line_no: lot.line_no,
            product_id: lot.product_id,
            lot_id: lot.lot_id,
            lot_number: lot.lot_number,
            expiry: lot.expiry,
            pieces: lot.pieces.pieces(),
        }
    }
}
