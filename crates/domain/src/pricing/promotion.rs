//! What a promotion is.

use super::tiers::{Repeats, Tiers};
use crate::buyer::Audience;
use crate::{Money, OrderType, Percent, ProductId, PromotionId, Unit};
use chrono::NaiveDate;
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;
use std::num::NonZeroU32;

/// A promotion that is switched on. Drafts, paused and finished ones are not given to the engine.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Promotion {
    /// Its id.
    pub id: PromotionId,
    /// Its code.
    pub code: String,
    /// Its name, as shown to the rep.
    pub name: String,
    /// The first business day on which it holds.
    pub valid_from: NaiveDate,
    /// The last one; none is without end.
    pub valid_to: Option<NaiveDate>,
    /// The highest is reckoned first.
    #[serde(default)]
    pub priority: i32,
    /// At most one promotion of a group takes effect in an order: the one that gives most. None stacks with all.
    #[serde(default)]
    pub exclusive_group: Option<String>,
    /// Whether it applies by itself, or only when the rep picks it.
    #[serde(default = "yes")]
    pub automatic: bool,
    /// Whom it is meant for.
    #[serde(default)]
    pub audience: Audience,
    /// Only for these types of order; empty is all.
    #[serde(default)]
    pub order_types: BTreeSet<OrderType>,
    /// What it asks for and gives.
    pub kind: PromotionKind,
}

const fn yes() -> bool {
    true
}

/// What a promotion looks at, and its tiers.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "camelCase")]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub enum PromotionKind {
    /// Looks at each of these products by itself.
    Product {
        /// The products; the same tiers hold for each.
        products: BTreeSet<ProductId>,
        /// What the thresholds count.
        basis: Basis,
        /// The tiers.
        tiers: Tiers<ProductReward>,
    },
    /// Looks at the value of the order after product discounts, before VAT.
    Order {
        /// The tiers, in đồng.
        tiers: Tiers<OrderReward>,
    },
}

text_enum! {
    /// What the thresholds of a product promotion count.
    pub enum Basis as "basis" {
        /// Retail pieces, whatever unit was typed.
        Pieces = "pieces",
        /// Cases; pieces count for the part of a case they are.
        Cases = "cases",
        /// Gross value in đồng.
        Value = "value",
    }
}

/// What a tier of a product promotion gives.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "camelCase")]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub enum ProductReward {
    /// A percentage off the product.
    Percent {
        /// How much.
        percent: Percent,
    },
    /// An amount off each unit bought, down to nothing.
    AmountPerUnit {
        /// How much per unit.
        amount: Money,
        /// Per piece, or per full case.
        unit: Unit,
    },
    /// Goods for nothing.
    #[serde(rename_all = "camelCase")]
    FreeGoods {
        /// Which product; none is the one that was bought.
        #[serde(default)]
        product_id: Option<ProductId>,
        /// How many.
        #[cfg_attr(feature = "openapi", schema(value_type = u32))]
        quantity: NonZeroU32,
        /// Cases or pieces.
        unit: Unit,
        /// Again for each multiple of the tier, or once.
        per_multiple: bool,
    },
}

/// What a tier of an order promotion gives.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "camelCase")]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub enum OrderReward {
    /// A percentage off the order.
    Percent {
        /// How much.
        percent: Percent,
    },
    /// An amount off the order, down to nothing.
    Amount {
        /// How much.
        amount: Money,
    },
}

impl Repeats for ProductReward {
    fn repeats(&self) -> bool {
        matches!(self, Self::FreeGoods { per_multiple: true, .. })
    }
}

impl Repeats for OrderReward {
    fn repeats(&self) -> bool {
        false
    }
}
