//! A priced order, and why its prices are what they are.

use crate::{Money, Percent, ProductId, PromotionId, Quantity, Unit};
use serde::{Deserialize, Serialize};

/// An order with its prices.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct PricedOrder {
    /// The lines of the draft in its order, then the free goods.
    pub lines: Vec<PricedLine>,
    /// The sums of the lines.
    pub totals: OrderTotals,
    /// Which promotion gave what.
    pub explanations: Vec<Explanation>,
    /// Which promotions were narrowly missed, and by how much.
    pub near_misses: Vec<NearMiss>,
}

/// A line with its prices.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct PricedLine {
    /// The product.
    pub product_id: ProductId,
    /// How many of the unit.
    pub quantity: i64,
    /// The unit it was typed in.
    pub unit: Unit,
    /// The same quantity in retail pieces.
    pub pieces: Quantity,
    /// Price of one of the unit, before VAT.
    pub unit_price: Money,
    /// Quantity × unit price (thành tiền).
    pub gross: Money,
    /// What product promotions take off (chiết khấu sản phẩm).
    pub product_discount: Money,
    /// The line's share of what order promotions take off (chiết khấu đơn hàng).
    pub order_discount: Money,
    /// Which promotions took off how much; adds up to both discounts.
    pub discounts: Vec<LineDiscount>,
    /// Gross less both discounts (doanh thu thuần).
    pub net: Money,
    /// VAT rate.
    pub vat_rate: Percent,
    /// VAT on the net.
    pub vat: Money,
    /// Net and VAT.
    pub total: Money,
    /// For free goods, where they come from.
    pub free: Option<FreeGoods>,
}

/// A promotion's part in the discount of a line.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct LineDiscount {
    /// The promotion.
    pub promotion_id: PromotionId,
    /// Whether it is part of the product or of the order discount.
    pub level: DiscountLevel,
    /// How much.
    pub amount: Money,
}

text_enum! {
    /// Which discount of a line a promotion adds to.
    pub enum DiscountLevel as "discount level" {
        /// Chiết khấu sản phẩm.
        Product = "product",
        /// Chiết khấu đơn hàng.
        Order = "order",
    }
}

/// What free goods are given for. With the product it is unique in an order.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct FreeGoods {
    /// The promotion.
    pub promotion_id: PromotionId,
    /// Its tier; 1 is the lowest.
    pub tier: u32,
}

/// Sums over the lines of an order.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct OrderTotals {
    /// Thành tiền.
    pub gross: Money,
    /// Chiết khấu sản phẩm.
    pub product_discount: Money,
    /// Chiết khấu đơn hàng.
    pub order_discount: Money,
    /// Doanh thu thuần: gross less both discounts.
    pub net: Money,
    /// VAT.
    pub vat: Money,
    /// What the buyer pays: net and VAT.
    pub total: Money,
}

/// What a promotion gave.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Explanation {
    /// The promotion.
    pub promotion_id: PromotionId,
    /// Its code.
    pub promotion_code: String,
    /// Its name.
    pub promotion_name: String,
    /// The tier reached; 1 is the lowest.
    pub tier: u32,
    /// The product that earned it; none when the whole order did.
    pub product_id: Option<ProductId>,
    /// What it gave.
    pub benefit: Benefit,
}

/// What was given.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "camelCase")]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub enum Benefit {
    /// Money off.
    Discount {
        /// How much.
        amount: Money,
    },
    /// Goods for nothing.
    #[serde(rename_all = "camelCase")]
    FreeGoods {
        /// Which.
        product_id: ProductId,
        /// How many.
        quantity: i64,
        /// Of which unit.
        unit: Unit,
    },
}

/// A promotion that was narrowly missed: with so much more, it would give this.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct NearMiss {
    /// The promotion.
    pub promotion_id: PromotionId,
    /// Its code.
    pub promotion_code: String,
    /// Its name.
    pub promotion_name: String,
    /// The tier that would be reached; 1 is the lowest.
    pub tier: u32,
    /// The product that is short; none when it is the order's value.
    pub product_id: Option<ProductId>,
    /// What is missing.
    pub missing: Missing,
    /// What it would give.
    pub gain: Gain,
}

/// How much is missing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "camelCase")]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub enum Missing {
    /// So many retail pieces.
    Pieces {
        /// How many.
        quantity: Quantity,
    },
    /// So much value before VAT.
    Value {
        /// How much.
        amount: Money,
    },
}

/// What reaching a tier would give.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "camelCase")]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub enum Gain {
    /// A percentage off.
    Percent {
        /// How much.
        percent: Percent,
    },
    /// An amount off each unit.
    AmountPerUnit {
        /// How much.
        amount: Money,
        /// Per piece or per case.
        unit: Unit,
    },
    /// An amount off the order.
    Amount {
        /// How much.
        amount: Money,
    },
    /// Goods for nothing.
    #[serde(rename_all = "camelCase")]
    FreeGoods {
        /// Which.
        product_id: ProductId,
        /// How many.
        quantity: i64,
        /// Of which unit.
        unit: Unit,
    },
}
