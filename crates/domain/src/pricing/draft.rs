//! What is to be priced, and the prices.

use crate::price::{self, PriceList};
use crate::{Buyer, Conversion, OrderType, Percent, ProductId, PromotionId, TypedQuantity, UnitPrices};
use chrono::NaiveDate;
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};

/// An order as it was typed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct OrderDraft {
    /// Who buys.
    pub buyer: Buyer,
    /// The business day of the order.
    pub date: NaiveDate,
    /// Pre-sale or van sale.
    pub order_type: OrderType,
    /// What is bought; a product may stand on several lines.
    pub lines: Vec<DraftLine>,
    /// Promotions the rep has picked, besides the automatic ones.
    #[serde(default)]
    pub promotion_ids: BTreeSet<PromotionId>,
    /// Whether the customer has never bought before.
    #[serde(default)]
    pub first_order: bool,
    /// The buyer's choices among free goods; where there is none, the first of the rule's are given.
    #[serde(default)]
    pub choices: Vec<GiftChoice>,
}

/// A choice among the free goods of a promotion.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct GiftChoice {
    /// The promotion.
    pub promotion_id: PromotionId,
    /// Its tier; 1 is the lowest.
    pub tier: u32,
    /// The product that is wanted. Where several may be picked there is a choice for each.
    pub product_id: ProductId,
}

/// A line as it was typed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct DraftLine {
    /// The product.
    pub product_id: ProductId,
    /// How much of it, at least 1 of the unit.
    #[serde(flatten)]
    pub typed: TypedQuantity,
}

/// What a product costs this buyer on this day.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ProductPrice {
    /// Prices before VAT.
    #[serde(flatten)]
    pub prices: UnitPrices,
    /// VAT.
    pub vat: Percent,
    /// Pieces per case.
    pub conversion: Conversion,
}

/// What the products cost this buyer on this day.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct PriceBook(pub BTreeMap<ProductId, ProductPrice>);

impl PriceBook {
    /// The catalogue's prices replaced by those of the price lists that hold for the buyer on the day.
    #[must_use]
    pub fn with_price_lists(mut self, lists: &[PriceList], buyer: &Buyer, on: NaiveDate) -> Self {
        for (product, price) in &mut self.0 {
            if let Some(prices) = price::resolve(lists, *product, buyer, on) {
                price.prices = prices;
            }
        }
        self
    }
}
