//! What a promotion is.

use super::reward::{ComboReward, DisplayReward, Give, OrderReward, ProductReward, RebateReward, Reward};
use super::tiers::Tiers;
use super::usage::Limits;
use crate::buyer::Audience;
use crate::{OrderType, ProductId, PromotionId, Unit};
use chrono::{Datelike, NaiveDate};
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
    /// Only on these days of the week; empty is all.
    #[serde(default)]
    pub weekdays: BTreeSet<Weekday>,
    /// Only in a customer's first order.
    #[serde(default)]
    pub first_order_only: bool,
    /// What the company gives at most in all.
    #[serde(default)]
    pub budget: Limits,
    /// What one customer gets at most in all.
    #[serde(default)]
    pub per_customer: Limits,
    /// What it asks for and gives.
    pub kind: PromotionKind,
}

text_enum! {
    /// A day of the week.
    pub enum Weekday as "weekday" {
        /// Thứ hai.
        Monday = "monday",
        /// Thứ ba.
        Tuesday = "tuesday",
        /// Thứ tư.
        Wednesday = "wednesday",
        /// Thứ năm.
        Thursday = "thursday",
        /// Thứ sáu.
        Friday = "friday",
        /// Thứ bảy.
        Saturday = "saturday",
        /// Chủ nhật.
        Sunday = "sunday",
    }
}

impl Weekday {
    /// The day of the week of a date.
    pub fn of(date: NaiveDate) -> Self {
        match date.weekday() {
            chrono::Weekday::Mon => Self::Monday,
            chrono::Weekday::Tue => Self::Tuesday,
            chrono::Weekday::Wed => Self::Wednesday,
            chrono::Weekday::Thu => Self::Thursday,
            chrono::Weekday::Fri => Self::Friday,
            chrono::Weekday::Sat => Self::Saturday,
            chrono::Weekday::Sun => Self::Sunday,
        }
    }
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
    /// Looks at these products together.
    #[serde(rename_all = "camelCase")]
    Assortment {
        /// The products that count.
        products: BTreeSet<ProductId>,
        /// What the thresholds count.
        basis: Basis,
        /// How many different products must be among them, at least.
        #[serde(default)]
        min_distinct: u32,
        /// The products that discounts fall upon; empty is those that count.
        #[serde(default)]
        discounted: BTreeSet<ProductId>,
        /// The tiers.
        tiers: Tiers<ProductReward>,
    },
    /// Looks at the value of the order after product discounts, before VAT.
    Order {
        /// The tiers, in đồng.
        tiers: Tiers<OrderReward>,
    },
    /// Looks for complete sets of goods.
    Combo {
        /// What a set consists of; each product once.
        parts: Vec<ComboPart>,
        /// The tiers, in sets.
        tiers: Tiers<ComboReward>,
    },
    /// Looks at what the customer buys over the whole period; credited at settlement, not in an order.
    Accumulation {
        /// The products that count; empty is all.
        #[serde(default)]
        products: BTreeSet<ProductId>,
        /// What the thresholds count; value is net of discounts, before VAT.
        basis: Basis,
        /// The tiers.
        tiers: Tiers<RebateReward>,
    },
    /// Looks at the displays of a month that have passed; given at settlement, not in an order.
    Display {
        /// Code of the display program; empty is any.
        #[serde(default)]
        program: String,
        /// The tiers, in passed displays.
        tiers: Tiers<DisplayReward>,
    },
}

text_enum! {
    /// What the thresholds of a promotion on products count.
    pub enum Basis as "basis" {
        /// Retail pieces, whatever unit was typed.
        Pieces = "pieces",
        /// Cases; pieces count for the part of a case they are.
        Cases = "cases",
        /// Gross value in đồng.
        Value = "value",
    }
}

/// A part of a combo's set.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ComboPart {
    /// The product.
    pub product_id: ProductId,
    /// How many.
    #[cfg_attr(feature = "openapi", schema(value_type = u32))]
    pub quantity: NonZeroU32,
    /// Cases or pieces.
    pub unit: Unit,
}

impl Promotion {
    /// Every product that it looks at or gives: these need a price before it can be reckoned.
    pub fn products(&self) -> BTreeSet<ProductId> {
        let mut all = self.kind.looked_at();
        all.extend(self.gifts());
        all
    }

    /// The products that it may give for nothing in an order. They need a price too, to tell what they are worth.
    pub fn gifts(&self) -> BTreeSet<ProductId> {
        self.kind.gifts()
    }
}

impl PromotionKind {
    /// The products that it looks at or takes something off; for orders, and accumulations over all, none.
    pub fn looked_at(&self) -> BTreeSet<ProductId> {
        match self {
            Self::Product { products, .. } | Self::Accumulation { products, .. } => products.clone(),
            Self::Assortment { products, discounted, .. } => products.union(discounted).copied().collect(),
            Self::Combo { parts, .. } => parts.iter().map(|part| part.product_id).collect(),
            Self::Order { .. } | Self::Display { .. } => BTreeSet::new(),
        }
    }

    /// The products that it may give for nothing, besides those that are bought.
    pub fn gifts(&self) -> BTreeSet<ProductId> {
        let mut all = BTreeSet::new();
        let mut add = |give: Give<'_>| {
            all.extend(give.gifts().as_slice().iter().filter_map(|gift| gift.product_id));
        };
        match self {
            Self::Product { tiers, .. } | Self::Assortment { tiers, .. } => {
                tiers.iter().for_each(|tier| add(tier.reward.give()));
            }
            Self::Order { tiers } => tiers.iter().for_each(|tier| add(tier.reward.give())),
            Self::Combo { tiers, .. } => tiers.iter().for_each(|tier| add(tier.reward.give())),
            Self::Display { tiers, .. } => all.extend(tiers.iter().filter_map(|tier| match tier.reward {
                DisplayReward::FreeGoods { product_id, .. } => Some(product_id),
                DisplayReward::Amount { .. } => None,
            })),
            Self::Accumulation { .. } => {}
        }
        all
    }

    /// Whether some tier gives goods for nothing; else it gives money only.
    pub fn gives_goods(&self) -> bool {
        let goods = |give: Give<'_>| !give.gifts().as_slice().is_empty();
        match self {
            Self::Product { tiers, .. } | Self::Assortment { tiers, .. } => {
                tiers.iter().any(|tier| goods(tier.reward.give()))
            }
            Self::Order { tiers } => tiers.iter().any(|tier| goods(tier.reward.give())),
            Self::Combo { tiers, .. } => tiers.iter().any(|tier| goods(tier.reward.give())),
            Self::Display { tiers, .. } => {
                tiers.iter().any(|tier| matches!(tier.reward, DisplayReward::FreeGoods { .. }))
            }
            Self::Accumulation { .. } => false,
        }
    }

    /// Whether orders earn it; else it is settled at the end of its period.
    pub const fn is_priced(&self) -> bool {
        !matches!(self, Self::Accumulation { .. } | Self::Display { .. })
    }
}
