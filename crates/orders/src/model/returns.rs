use chrono::{DateTime, NaiveDate, Utc};
use domain::{
    CustomerId, DistributorId, InvoiceId, LotId, Money, ProductId, PromotionId, SalesReturnId, Unit, UserId,
    WarehouseId,
};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{BuyerBlock, Seller};

/// Where a return stands: pending → approved → received; pending → rejected; pending or approved → cancelled.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema, sqlx::Type)]
#[sqlx(type_name = "text")]
#[schema(as = SalesReturnStatus)]
pub enum ReturnStatus {
    /// Waits for approval.
    Pending,
    /// The goods may come in.
    Approved,
    /// The goods are in stock, the debt is lower.
    Received,
    /// Refused, with a reason.
    Rejected,
    /// Withdrawn.
    Cancelled,
}

/// In what state goods come back.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema, sqlx::Type)]
#[serde(rename_all = "lowercase")]
#[sqlx(type_name = "text", rename_all = "lowercase")]
#[schema(as = SalesReturnCondition)]
pub enum Condition {
    /// They can be sold again.
    Saleable,
    /// They are broken.
    Damaged,
    /// They are out of date.
    Expired,
}

impl Condition {
    /// As it is stored.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Saleable => "saleable",
            Self::Damaged => "damaged",
            Self::Expired => "expired",
        }
    }
}

/// A sales return as lists show it (phiếu trả hàng).
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct SalesReturn {
    /// The return.
    pub return_id: SalesReturnId,
    /// Whose it is.
    pub distributor_id: DistributorId,
    /// PT-YYYYMMDD-NNNN
    pub return_number: String,
    /// Where it stands.
    pub status: ReturnStatus,
    /// Who gives the goods back.
    pub customer_id: CustomerId,
    /// Its code.
    pub customer_code: String,
    /// Its name.
    pub customer_name: String,
    /// The invoice they were sold on.
    pub invoice_id: Option<InvoiceId>,
    /// Its number.
    pub invoice_number: Option<String>,
    /// Whose sale it was.
    pub rep_id: UserId,
    /// Their name.
    pub rep_name: String,
    /// The day it was asked for.
    pub business_date: NaiveDate,
    /// The day the goods came in.
    pub received_on: Option<NaiveDate>,
    /// What the customer owes less.
    pub total_amount: Money,
    /// Why the goods come back.
    pub reason: String,
    /// Why it was rejected or cancelled, or what was said when it was approved.
    pub decision: String,
    /// When it was asked for.
    pub created_at: DateTime<Utc>,
    /// Grows with each change.
    pub version: i64,
}

/// A return with all there is to know, ready to be printed.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct SalesReturnView {
    /// Its head.
    #[serde(flatten)]
    pub head: SalesReturn,
    /// Who takes the goods back.
    pub seller: Seller,
    /// Who gives them back.
    pub buyer: BuyerBlock,
    /// Its lines; charges for free goods that stay with the customer come last.
    pub items: Vec<SalesReturnItem>,
    /// Gross, before discounts and VAT.
    pub sub_total: Money,
    /// All discounts.
    pub discount_amount: Money,
    /// VAT.
    pub tax_amount: Money,
    /// The total in Vietnamese words.
    pub total_in_words: String,
}

/// A line of a return. Amounts are what the customer owes less; those of a charge are below zero.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct SalesReturnItem {
    /// Its place, from 1.
    pub line_no: i32,
    /// The invoice it was sold on: that of the return, but for free goods of another part of a split order.
    pub invoice_id: Option<InvoiceId>,
    /// The line of that invoice.
    pub invoice_line_no: Option<i32>,
    /// The product.
    pub product_id: ProductId,
    /// Its code.
    pub product_code: String,
    /// Its name.
    pub product_name: String,
    /// How many of the unit.
    pub quantity: i64,
    /// Cases or pieces.
    pub unit: Unit,
    /// The unit's name.
    pub unit_name: String,
    /// The same in pieces.
    pub pieces: i64,
    /// đồng per unit, before VAT.
    pub unit_price: Money,
    /// Before discounts.
    pub gross: Money,
    /// Its discounts, given back in proportion.
    pub discount_amount: Money,
    /// VAT in percent.
    pub vat: i16,
    /// VAT in đồng.
    pub tax_amount: Money,
    /// Gross − discounts + VAT.
    pub line_total: Money,
    /// Whether the goods were given for nothing.
    pub is_free: bool,
    /// The promotion that gave them.
    pub promotion_id: Option<PromotionId>,
    /// Whether these free goods were due back and stay with the customer, who pays them.
    pub is_charge: bool,
    /// In what state they come back.
    pub condition: Condition,
    /// The lot they are said to be of.
    pub lot_id: Option<LotId>,
    /// The lots that came in.
    pub lots: Vec<SalesReturnLot>,
}

/// What came in of a lot.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct SalesReturnLot {
    /// The lot.
    pub lot_id: LotId,
    /// Its number; empty when unknown.
    pub lot_number: String,
    /// When it expires.
    pub expiry: Option<NaiveDate>,
    /// Where it came in.
    pub warehouse_id: WarehouseId,
    /// Its code.
    pub warehouse_code: String,
    /// How many pieces.
    pub pieces: i64,
}
