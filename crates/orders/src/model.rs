//! What requests say and answers show.

use chrono::{DateTime, NaiveDate, Utc};
use domain::pricing::{Explanation, NearMiss};
use domain::{
    CustomerId, GoodsIssueId, InvoiceId, LotId, Money, OrderId, OrderStatus, OrderType, ProductId,
    PromotionId, Unit, UserId, VisitId, WarehouseId,
};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// An order as a client sends it, to be quoted or placed.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct CreateOrder {
    /// Made by the client; a repeat with the same id gets the first answer.
    pub id: Option<OrderId>,
    /// Pre-sale or van sale.
    pub order_type: OrderType,
    /// Who buys.
    pub customer_id: CustomerId,
    /// The visit the order was taken in.
    pub visit_id: Option<VisitId>,
    /// Where to ship from; the distributor's main warehouse when absent.
    pub warehouse_id: Option<WarehouseId>,
    /// When the order was taken, by the phone's clock; now when absent. At most 7 days ago.
    pub at: Option<DateTime<Utc>>,
    /// What is bought: 1 to 200 lines.
    #[schema(min_items = 1, max_items = 200)]
    pub items: Vec<CreateOrderItem>,
    /// Promotions the rep picked, besides the automatic ones.
    #[serde(default)]
    pub promotion_ids: Vec<PromotionId>,
    /// How a van sale is paid.
    pub payment_method: Option<String>,
    /// What was paid of a van sale, in đồng.
    pub amount_paid: Option<Money>,
    /// For the office; at most 2,000 characters.
    #[serde(default)]
    #[schema(max_length = 2000)]
    pub notes: String,
}

/// A line of an order as a client sends it.
#[derive(Debug, Clone, Copy, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct CreateOrderItem {
    /// The product.
    pub product_id: ProductId,
    /// How many of the unit.
    #[schema(minimum = 1, maximum = 1_000_000)]
    pub quantity: i64,
    /// Cases (`whole`) or pieces (`retail`).
    pub unit: Unit,
}

/// A priced line.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct OrderItem {
    /// Its place, from 1.
    pub line_no: i32,
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
    /// The unit's name: Thùng, Chai, …
    pub unit_name: String,
    /// The same in pieces.
    pub pieces: i64,
    /// đồng per unit, before VAT.
    pub unit_price: Money,
    /// Quantity × unit price.
    pub gross: Money,
    /// Discount of the line and its share of order discounts.
    pub discount_amount: Money,
    /// Of it, the line's own.
    pub product_discount: Money,
    /// Of it, the share of order discounts.
    pub order_discount: Money,
    /// VAT in percent.
    pub vat: i16,
    /// VAT in đồng, on what remains after both discounts.
    pub tax_amount: Money,
    /// Gross − discounts + VAT.
    pub line_total: Money,
    /// The promotion that gave a free line.
    pub promotion_id: Option<PromotionId>,
    /// Its name.
    pub promotion_name: Option<String>,
    /// Whether the goods are free.
    pub is_free: bool,
}

/// Lines and sums. `subTotal` − `discountAmount` + `taxAmount` = `totalAmount`.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct Quote {
    /// Priced lines, then free goods.
    pub items: Vec<OrderItem>,
    /// Gross, before discounts and VAT.
    pub sub_total: Money,
    /// All discounts.
    pub discount_amount: Money,
    /// VAT.
    pub tax_amount: Money,
    /// What the customer pays.
    pub total_amount: Money,
    /// Which promotion gave what.
    pub explanations: Vec<Explanation>,
    /// Which promotions were narrowly missed, and by how much.
    pub near_misses: Vec<NearMiss>,
}

/// An order with all there is to know.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct OrderView {
    /// Its head.
    #[serde(flatten)]
    pub head: OrderHead,
    /// Priced lines, then free goods.
    pub items: Vec<OrderItem>,
    /// Gross, before discounts and VAT.
    pub sub_total: Money,
    /// All discounts.
    pub discount_amount: Money,
    /// VAT.
    pub tax_amount: Money,
    /// Which promotion gave what.
    pub explanations: Vec<Explanation>,
    /// What happened to it, oldest first.
    pub history: Vec<OrderEvent>,
}

/// An order as lists show it.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct OrderHead {
    /// The order.
    pub order_id: OrderId,
    /// DH-YYYYMMDD-NNNN
    pub order_number: String,
    /// Where it stands.
    pub status: OrderStatus,
    /// Pre-sale or van sale.
    pub order_type: OrderType,
    /// Who buys.
    pub customer_id: CustomerId,
    /// Its code.
    pub customer_code: String,
    /// Its name.
    pub customer_name: String,
    /// Who took it.
    pub rep_id: UserId,
    /// Their name.
    pub rep_name: String,
    /// The visit it was taken in.
    pub visit_id: Option<VisitId>,
    /// Where it ships from.
    pub warehouse_id: WarehouseId,
    /// When it was taken.
    pub ordered_at: DateTime<Utc>,
    /// The business day it counts on.
    pub business_date: NaiveDate,
    /// What the customer pays.
    pub total_amount: Money,
    /// For the office.
    pub notes: String,
    /// Why it was rejected or cancelled.
    pub reason: String,
    /// For `If-Match`.
    pub version: i64,
}

/// A step in an order's life.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct OrderEvent {
    /// When.
    pub at: DateTime<Utc>,
    /// Who.
    pub actor_id: UserId,
    /// Their name, when the caller may know it.
    pub actor_name: Option<String>,
    /// Where it stood.
    pub from_status: Option<OrderStatus>,
    /// Where it stands.
    pub to_status: OrderStatus,
    /// Why.
    pub note: String,
}

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
    /// Goods have left; the debt is there.
    Issued,
    /// Withdrawn.
    Cancelled,
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
    /// The goods issue, once the goods have left.
    pub issue: Option<IssueView>,
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
