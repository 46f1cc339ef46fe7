use chrono::{DateTime, NaiveDate, Utc};
use domain::order::{CreditProblem, FreeGoods, StatedTotals, TotalsDifference};
use domain::pricing::{Explanation, GiftChoice, NearMiss, NotApplied};
use domain::{
    CustomerId, DistributorId, InvoiceId, Money, OrderId, OrderStatus, OrderType, Overflow, PriceListId,
    ProductId, PromotionId, Quantity, ReceiptId, Unit, UserId, VisitId, WarehouseId,
};
use receivables::PaymentMethod;
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
    /// The customer's choices among free goods.
    #[serde(default)]
    pub gift_choices: Vec<GiftChoice>,
    /// How a van sale is paid; cash when absent.
    pub payment_method: Option<PaymentMethod>,
    /// What was paid of a van sale, in đồng; the rest is owed.
    pub amount_paid: Option<Money>,
    /// The totals that the phone reckoned. When the server's differ, both are kept and the order needs a review.
    pub client_totals: Option<StatedTotals>,
    /// Keep it as a draft, to be edited and submitted later.
    #[serde(default)]
    pub draft: bool,
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

/// The content of an order that replaces what it had. It is priced anew.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct EditOrder {
    /// What is bought: 1 to 200 lines.
    #[schema(min_items = 1, max_items = 200)]
    pub items: Vec<CreateOrderItem>,
    /// Promotions that were picked, besides the automatic ones.
    #[serde(default)]
    pub promotion_ids: Vec<PromotionId>,
    /// The customer's choices among free goods.
    #[serde(default)]
    pub gift_choices: Vec<GiftChoice>,
    /// Where to ship from; as before when absent.
    pub warehouse_id: Option<WarehouseId>,
    /// For the office; at most 2,000 characters; as before when absent.
    #[schema(max_length = 2000)]
    pub notes: Option<String>,
    /// The totals that the phone reckoned.
    pub client_totals: Option<StatedTotals>,
    /// Why, for the order's history; at most 500 characters.
    #[serde(default)]
    #[schema(max_length = 500)]
    pub reason: String,
    /// The version that was edited, unless `If-Match` names it.
    pub version: Option<i64>,
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
    /// The tier of it that did; 1 is the lowest. With promotion and product it is unique in an order.
    pub promotion_tier: Option<i32>,
    /// Its name.
    pub promotion_name: Option<String>,
    /// Whether the goods are free.
    pub is_free: bool,
    /// The price list the price is from; none when it is the catalogue's.
    pub price_list_id: Option<PriceListId>,
    /// Its code.
    pub price_list_code: Option<String>,
    /// The version of the price list, or of the product, that was read.
    pub price_version: i64,
    /// What of the VAT is rounding that splitting an order left to this line; 0 otherwise.
    pub vat_carry: Money,
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
    /// Which promotions gave nothing although they could have been earned: another of the group gives more, it is used up,
    /// it waits to be picked, its gifts are not sold. Those whose tiers were not reached are left out.
    pub not_applied: Vec<NotApplied>,
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
    /// The promotions that were picked.
    pub promotion_ids: Vec<PromotionId>,
    /// The customer's choices among free goods.
    #[serde(default)]
    pub gift_choices: Vec<GiftChoice>,
    /// The promotions that took effect, as they were then.
    pub promotions: Vec<PinnedPromotion>,
    /// The totals that the phone reckoned, when the server's differ.
    pub client_totals: Option<StatedTotals>,
    /// What differs.
    pub differences: Vec<TotalsDifference>,
    /// What its approval was warned of: a credit that doesn't carry it.
    pub warnings: Vec<CreditProblem>,
    /// The order this one is the rest of.
    pub split_from: Option<OrderRef>,
    /// The orders that hold what was not in stock.
    pub split_into: Vec<OrderRef>,
    /// The invoices made from it.
    pub invoices: Vec<InvoiceRef>,
    /// What a van sale was paid with.
    pub receipt: Option<ReceiptRef>,
    /// What happened to it, oldest first.
    pub history: Vec<OrderEvent>,
}

impl OrderView {
    /// What it amounts to, as a phone states its own.
    ///
    /// # Errors
    /// When the pieces are too many to count.
    pub(crate) fn totals(&self) -> Result<StatedTotals, Overflow> {
        Ok(StatedTotals {
            sub_total: self.sub_total,
            discount_amount: self.discount_amount,
            tax_amount: self.tax_amount,
            total_amount: self.head.total_amount,
            free_goods: Some(free_goods(&self.items)?),
        })
    }
}

/// The pieces of each product that the lines give for nothing.
pub(crate) fn free_goods(items: &[OrderItem]) -> Result<FreeGoods, Overflow> {
    let mut goods = FreeGoods::new();
    for item in items.iter().filter(|item| item.is_free) {
        let sum = goods.entry(item.product_id).or_insert(Quantity::ZERO);
        *sum = sum.checked_add(Quantity::new(item.pieces))?;
    }
    Ok(goods)
}

/// A promotion as an order was priced with it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct PinnedPromotion {
    /// The promotion.
    pub promotion_id: PromotionId,
    /// Its code.
    pub code: String,
    /// Its version.
    pub version: i64,
}

/// Another order.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct OrderRef {
    /// The order.
    pub order_id: OrderId,
    /// Its number.
    pub order_number: String,
}

/// An invoice of an order.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct InvoiceRef {
    /// The invoice.
    pub invoice_id: InvoiceId,
    /// Its number.
    pub invoice_number: String,
}

/// A receipt of money.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct ReceiptRef {
    /// The receipt.
    pub receipt_id: ReceiptId,
    /// Its number.
    pub receipt_number: String,
    /// đồng.
    pub amount: Money,
    /// How it was paid.
    pub method: PaymentMethod,
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
    /// Who sells.
    pub distributor_id: DistributorId,
    /// Its code.
    pub distributor_code: String,
    /// Its name.
    pub distributor_name: String,
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
    /// Whether the phone's totals differ from the server's and nobody has accepted that.
    pub needs_review: bool,
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
    /// What an edit replaced (`before`), what differed from the phone's totals (`differences`) and what an approval was
    /// warned of (`warnings`) or accepted (`accepted`, `overridden`), how it was split (`splitInto`, `splitFrom`).
    #[schema(value_type = Option<Object>)]
    pub detail: Option<serde_json::Value>,
}
