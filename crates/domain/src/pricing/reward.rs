//! What the tiers of a promotion give.

use super::tiers::Repeats;
use crate::{Money, Percent, ProductId, Unit};
use serde::{Deserialize, Serialize};
use std::num::NonZeroU32;

/// Goods for nothing: so much of a product, each time.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Gift {
    /// Which product; none is the one that was bought, of several the one bought most.
    #[serde(default)]
    pub product_id: Option<ProductId>,
    /// How many.
    #[cfg_attr(feature = "openapi", schema(value_type = u32))]
    pub quantity: NonZeroU32,
    /// Cases or pieces.
    pub unit: Unit,
}

/// What a tier of a product or assortment promotion gives.
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
    /// An amount off the goods together, down to nothing.
    #[serde(rename_all = "camelCase")]
    Amount {
        /// How much.
        amount: Money,
        /// Again for each multiple of the tier, or once.
        #[serde(default)]
        per_multiple: bool,
    },
    /// Another unit price instead, where it is lower; a part of a case costs its part of the price.
    FixedPrice {
        /// The price before VAT.
        price: Money,
        /// Of a piece, or of a case.
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
    /// The buyer's choice among goods for nothing.
    #[serde(rename_all = "camelCase")]
    Choice {
        /// What may be chosen; who does not choose gets the first.
        gifts: Vec<Gift>,
        /// How many different ones may be chosen.
        #[serde(default = "one")]
        #[cfg_attr(feature = "openapi", schema(value_type = u32))]
        pick: NonZeroU32,
        /// Again for each multiple of the tier, or once.
        #[serde(default)]
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
    /// Goods for nothing.
    #[serde(rename_all = "camelCase")]
    FreeGoods {
        /// Which product.
        product_id: ProductId,
        /// How many.
        #[cfg_attr(feature = "openapi", schema(value_type = u32))]
        quantity: NonZeroU32,
        /// Cases or pieces.
        unit: Unit,
        /// Again for each multiple of the tier, or once.
        #[serde(default)]
        per_multiple: bool,
    },
    /// The buyer's choice among goods for nothing.
    #[serde(rename_all = "camelCase")]
    Choice {
        /// What may be chosen; who does not choose gets the first.
        gifts: Vec<Gift>,
        /// How many different ones may be chosen.
        #[serde(default = "one")]
        #[cfg_attr(feature = "openapi", schema(value_type = u32))]
        pick: NonZeroU32,
        /// Again for each multiple of the tier, or once.
        #[serde(default)]
        per_multiple: bool,
    },
}

/// What so many sets of a combo give.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "camelCase")]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub enum ComboReward {
    /// Each complete set costs this, where it is less.
    BundlePrice {
        /// The price of a set before VAT.
        price: Money,
    },
    /// A percentage off the goods of the complete sets.
    Percent {
        /// How much.
        percent: Percent,
    },
    /// Goods for nothing.
    #[serde(rename_all = "camelCase")]
    FreeGoods {
        /// Which product.
        product_id: ProductId,
        /// How many.
        #[cfg_attr(feature = "openapi", schema(value_type = u32))]
        quantity: NonZeroU32,
        /// Cases or pieces.
        unit: Unit,
        /// Again for each multiple of the tier's number of sets, or once.
        #[serde(default)]
        per_multiple: bool,
    },
    /// The buyer's choice among goods for nothing.
    #[serde(rename_all = "camelCase")]
    Choice {
        /// What may be chosen; who does not choose gets the first.
        gifts: Vec<Gift>,
        /// How many different ones may be chosen.
        #[serde(default = "one")]
        #[cfg_attr(feature = "openapi", schema(value_type = u32))]
        pick: NonZeroU32,
        /// Again for each multiple of the tier's number of sets, or once.
        #[serde(default)]
        per_multiple: bool,
    },
}

/// What a tier of an accumulation promotion credits to the customer at settlement.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "camelCase")]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub enum RebateReward {
    /// A percentage of the value bought in the period.
    Percent {
        /// How much.
        percent: Percent,
    },
    /// An amount.
    #[serde(rename_all = "camelCase")]
    Amount {
        /// How much.
        amount: Money,
        /// Again for each multiple of the tier, or once.
        #[serde(default)]
        per_multiple: bool,
    },
}

/// What a tier of a display promotion gives at settlement.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "camelCase")]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub enum DisplayReward {
    /// An amount credited to the customer.
    Amount {
        /// How much.
        amount: Money,
    },
    /// Goods for nothing.
    #[serde(rename_all = "camelCase")]
    FreeGoods {
        /// Which product.
        product_id: ProductId,
        /// How many.
        #[cfg_attr(feature = "openapi", schema(value_type = u32))]
        quantity: NonZeroU32,
        /// Cases or pieces.
        unit: Unit,
    },
}

const fn one() -> NonZeroU32 {
    NonZeroU32::MIN
}

/// What a tier gives, whatever kind of promotion it belongs to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Give<'p> {
    Percent(Percent),
    AmountPerUnit(Money, Unit),
    Amount(Money),
    FixedPrice(Money, Unit),
    BundlePrice(Money),
    Gift(Gift),
    Choice { gifts: &'p [Gift], pick: NonZeroU32 },
}

impl<'p> Give<'p> {
    /// Whether it gives goods for nothing, and not money.
    pub const fn is_goods(self) -> bool {
        matches!(self, Self::Gift(_) | Self::Choice { .. })
    }

    /// The goods it may give, in the order of the rule.
    pub fn gifts(self) -> GiftList<'p> {
        match self {
            Self::Gift(gift) => GiftList::One(gift),
            Self::Choice { gifts, .. } => GiftList::Many(gifts),
            _ => GiftList::Many(&[]),
        }
    }
}

/// The goods of a reward.
#[derive(Debug, Clone, Copy)]
pub(super) enum GiftList<'p> {
    One(Gift),
    Many(&'p [Gift]),
}

impl GiftList<'_> {
    pub fn as_slice(&self) -> &[Gift] {
        match self {
            Self::One(gift) => std::slice::from_ref(gift),
            Self::Many(gifts) => gifts,
        }
    }
}

/// A reward that an order can earn.
pub(super) trait Reward: Repeats {
    fn give(&self) -> Give<'_>;
}

impl Reward for ProductReward {
    fn give(&self) -> Give<'_> {
        match self {
            Self::Percent { percent } => Give::Percent(*percent),
            Self::AmountPerUnit { amount, unit } => Give::AmountPerUnit(*amount, *unit),
            Self::Amount { amount, .. } => Give::Amount(*amount),
            Self::FixedPrice { price, unit } => Give::FixedPrice(*price, *unit),
            Self::FreeGoods { product_id, quantity, unit, .. } => {
                Give::Gift(Gift { product_id: *product_id, quantity: *quantity, unit: *unit })
            }
            Self::Choice { gifts, pick, .. } => Give::Choice { gifts, pick: *pick },
        }
    }
}

impl Repeats for ProductReward {
    fn repeats(&self) -> bool {
        match self {
            Self::Amount { per_multiple, .. }
            | Self::FreeGoods { per_multiple, .. }
            | Self::Choice { per_multiple, .. } => *per_multiple,
            Self::Percent { .. } | Self::AmountPerUnit { .. } | Self::FixedPrice { .. } => false,
        }
    }
}

impl Reward for OrderReward {
    fn give(&self) -> Give<'_> {
        match self {
            Self::Percent { percent } => Give::Percent(*percent),
            Self::Amount { amount } => Give::Amount(*amount),
            Self::FreeGoods { product_id, quantity, unit, .. } => {
                Give::Gift(Gift { product_id: Some(*product_id), quantity: *quantity, unit: *unit })
            }
            Self::Choice { gifts, pick, .. } => Give::Choice { gifts, pick: *pick },
        }
    }
}

impl Repeats for OrderReward {
    fn repeats(&self) -> bool {
        match self {
            Self::FreeGoods { per_multiple, .. } | Self::Choice { per_multiple, .. } => *per_multiple,
            Self::Percent { .. } | Self::Amount { .. } => false,
        }
    }
}

impl Reward for ComboReward {
    fn give(&self) -> Give<'_> {
        match self {
            Self::BundlePrice { price } => Give::BundlePrice(*price),
            Self::Percent { percent } => Give::Percent(*percent),
            Self::FreeGoods { product_id, quantity, unit, .. } => {
                Give::Gift(Gift { product_id: Some(*product_id), quantity: *quantity, unit: *unit })
            }
            Self::Choice { gifts, pick, .. } => Give::Choice { gifts, pick: *pick },
        }
    }
}

impl Repeats for ComboReward {
    fn repeats(&self) -> bool {
        match self {
            Self::FreeGoods { per_multiple, .. } | Self::Choice { per_multiple, .. } => *per_multiple,
            Self::BundlePrice { .. } | Self::Percent { .. } => false,
        }
    }
}

impl Repeats for RebateReward {
    fn repeats(&self) -> bool {
        matches!(self, Self::Amount { per_multiple: true, .. })
    }
}

impl Repeats for DisplayReward {
    fn repeats(&self) -> bool {
        false
    }
}
