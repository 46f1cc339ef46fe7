//! A priced order, and why its prices are what they are.

use super::usage::Used;
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
    /// What was used up of each promotion that gave something, by its id.
    #[serde(default)]
    pub uses: Vec<PromotionUse>,
    /// Which promotions might have given something but did not, and why.
    #[serde(default)]
    pub not_applied: Vec<NotApplied>,
}

/// What an order uses up of a promotion.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct PromotionUse {
    /// The promotion.
    pub promotion_id: PromotionId,
    /// How much.
    #[serde(flatten)]
    pub used: Used,
}

/// A promotion that looks at what was bought, is meant for the buyer, and gave nothing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct NotApplied {
    /// The promotion.
    pub promotion_id: PromotionId,
    /// Why.
    pub reason: WhyNot,
    /// The promotion of its exclusive group that gave more.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub better: Option<PromotionId>,
}

text_enum! {
    /// Why a promotion gave nothing.
    pub enum WhyNot as "reason" {
        /// Its lowest tier was not reached, or it would give nothing on these goods.
        NotReached = "notReached",
        /// Another of its exclusive group gives more.
        Excluded = "excluded",
        /// Its budget, or the customer's part, is used up.
        UsedUp = "usedUp",
        /// It applies only when the rep picks it.
        NotPicked = "notPicked",
        /// The goods that it would give are not sold any more, or not by the customer's distributor.
        GiftNotSold = "giftNotSold",
    }
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
    /// The product that earned it; none when a set or the whole order did.
    pub product_id: Option<ProductId>,
    /// The goods of the set that earned it; empty when one product did, or the whole order.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub product_ids: Vec<ProductId>,
    /// What it gave.
    pub benefit: Benefit,
    /// Whether it would have given more, had there been more left of its budget or for this customer.
    #[serde(default, skip_serializing_if = "is_false")]
    pub limited: bool,
    /// What the buyer may choose among instead.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub choices: Vec<GiftOption>,
}

impl Explanation {
    /// Whether the product is among what earned it.
    pub fn is_earned_by(&self, product: ProductId) -> bool {
        match self.product_id {
            Some(one) => one == product,
            None => self.product_ids.is_empty() || self.product_ids.contains(&product),
        }
    }
}

/// Whether the product is among what earned the promotion; all that was paid did when nothing is told of the promotion.
pub fn is_earned_by(explanations: &[Explanation], promotion: PromotionId, product: ProductId) -> bool {
    let mut told = explanations.iter().filter(|e| e.promotion_id == promotion).peekable();
    told.peek().is_none() || told.any(|e| e.is_earned_by(product))
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "the form that serde asks for")]
const fn is_false(value: &bool) -> bool {
    !*value
}

/// Free goods that may be chosen, for one time.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct GiftOption {
    /// Which.
    pub product_id: ProductId,
    /// How many.
    pub quantity: i64,
    /// Of which unit.
    pub unit: Unit,
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
    /// The product that is short; none when it is a set's or the order's total.
    pub product_id: Option<ProductId>,
    /// What is missing.
    pub missing: Missing,
    /// What it would give.
    pub gain: Gain,
}

/// How much is missing.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
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
    /// So many cases of any product of the set.
    Cases {
        /// How many, rounded up.
        quantity: i64,
    },
    /// So many more different products of the set.
    Products {
        /// How many.
        count: u32,
    },
    /// These goods for one more set of a combo.
    Parts {
        /// What is short.
        parts: Vec<MissingPart>,
    },
}

/// What a set of a combo lacks of a product.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct MissingPart {
    /// The product.
    pub product_id: ProductId,
    /// How many retail pieces.
    pub quantity: Quantity,
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
    /// An amount off the order or the set, or credited at settlement.
    Amount {
        /// How much.
        amount: Money,
    },
    /// Another unit price.
    FixedPrice {
        /// The price.
        price: Money,
        /// Of a piece or of a case.
        unit: Unit,
    },
    /// A price for the set.
    BundlePrice {
        /// The price.
        price: Money,
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
