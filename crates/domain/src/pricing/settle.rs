//! What is settled after a period instead of being priced in an order.

use super::measure::{Bought, Measure};
use super::promotion::{Promotion, PromotionKind};
use super::reward::{DisplayReward, RebateReward};
use super::tiers::climb;
use super::usage::Limits;
use crate::{Money, Overflow, ProductId, Unit};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// What an accumulation credits to a customer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Rebate {
    /// The highest tier reached; 1 is the lowest.
    pub tier: u32,
    /// How much is credited.
    pub amount: Money,
    /// Whether it would have been more, had there been more left of the budget or for this customer.
    pub limited: bool,
}

/// What passed displays give.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "camelCase")]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub enum Settled {
    /// An amount credited to the customer.
    Credit(Rebate),
    /// Goods for nothing.
    #[serde(rename_all = "camelCase")]
    Goods {
        /// The tier reached; 1 is the lowest.
        tier: u32,
        /// Which.
        product_id: ProductId,
        /// How many.
        quantity: i64,
        /// Of which unit.
        unit: Unit,
    },
}

/// What a customer gets who bought so much in the period of an accumulation: of each product what was kept, returns
/// taken off, with its value net of discounts before VAT. Products that don't count may be among them. None when no
/// tier was reached, nothing is left of it, or the promotion is no accumulation.
pub fn settle_accumulation(
    promotion: &Promotion,
    bought: &BTreeMap<ProductId, Bought>,
    left: Limits,
) -> Result<Option<Rebate>, Overflow> {
    let PromotionKind::Accumulation { products, basis, tiers } = &promotion.kind else { return Ok(None) };
    let counted = bought.iter().filter(|(product, _)| products.is_empty() || products.contains(product));
    let counted = counted.map(|(_, bought)| *bought);
    let measure = Measure::of(*basis, counted.clone())?;
    let value = Money::sum(counted.map(|product| product.value))?;
    let reached = climb(tiers.as_slice(), measure.amount, measure.unit).reached;
    let Some(tier) = reached.first().map(|first| first.tier) else { return Ok(None) };
    let mut amount = Money::ZERO;
    for reached in &reached {
        amount = amount.checked_add(match reached.reward {
            RebateReward::Percent { percent } => value.percent(*percent)?,
            RebateReward::Amount { amount, .. } => amount.checked_mul(reached.times)?,
        })?;
    }
    Ok(within(promotion, left, tier, amount))
}

/// How much of the goods that an accumulation counts was bought, in pieces, whole cases or đồng as its thresholds count:
/// what [`super::UsageFacts::accumulated`] wants. 0 for promotions of other kinds.
pub fn accumulated(promotion: &Promotion, bought: &BTreeMap<ProductId, Bought>) -> Result<i64, Overflow> {
    let PromotionKind::Accumulation { products, basis, .. } = &promotion.kind else { return Ok(0) };
    let counted = bought.iter().filter(|(product, _)| products.is_empty() || products.contains(product));
    let measure = Measure::of(*basis, counted.map(|(_, bought)| *bought))?;
    Ok(measure.amount / measure.unit)
}

/// What so many passed displays give. None when no tier was reached, nothing is left of it, or the promotion is not
/// for displays. Goods are given whole or not at all.
pub fn settle_display(promotion: &Promotion, passed: i64, left: Limits) -> Option<Settled> {
    let PromotionKind::Display { tiers, .. } = &promotion.kind else { return None };
    let reached = climb(tiers.as_slice(), passed, 1).reached;
    let highest = reached.first()?;
    match highest.reward {
        DisplayReward::Amount { amount } => {
            within(promotion, left, highest.tier, *amount).map(Settled::Credit)
        }
        DisplayReward::FreeGoods { product_id, quantity, unit } => {
            let room = left.tighter(promotion.budget).tighter(promotion.per_customer);
            let fits = room.times.is_none_or(|times| times > 0);
            fits.then_some(Settled::Goods {
                tier: highest.tier,
                product_id: *product_id,
                quantity: i64::from(quantity.get()),
                unit: *unit,
            })
        }
    }
}

fn within(promotion: &Promotion, left: Limits, tier: u32, amount: Money) -> Option<Rebate> {
    let room = left.tighter(promotion.budget).tighter(promotion.per_customer);
    if room.times.is_some_and(|times| times < 1) {
        return None;
    }
    let given = room.amount.map_or(amount, |left| left.min(amount));
    given.is_positive().then_some(Rebate { tier, amount: given, limited: given < amount })
}
