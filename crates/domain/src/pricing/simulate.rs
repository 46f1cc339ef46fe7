//! What a promotion would have cost, had it been given in the past.

use super::draft::{OrderDraft, PriceBook};
use super::engine::PricingError;
use super::priced::{Missing, PricedOrder};
use super::promotion::Promotion;
use super::rules::RuleBook;
use super::usage::{Limits, Usage, UsageFacts};
use crate::{CustomerId, Money, OrderId};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// An order of the past, with what it was priced with.
#[derive(Debug, Clone, Copy)]
pub struct PastOrder<'a> {
    /// Its id.
    pub id: OrderId,
    /// What was typed.
    pub draft: &'a OrderDraft,
    /// The prices of then, and of the goods that the new promotion gives.
    pub book: &'a PriceBook,
    /// The promotions of then. Orders that follow each other with the same slice are replayed faster.
    pub active: &'a [Promotion],
}

/// What a promotion would have done to past orders.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Simulation {
    /// Orders replayed.
    pub orders: i64,
    /// Orders that can't be priced any more, and were left out.
    pub skipped: i64,
    /// Orders to which it would have given something.
    pub reached: i64,
    /// What it would have given to them: discounts, and free goods at their price.
    pub given: Money,
    /// What it would have cost beyond what other promotions gave instead; may be negative.
    pub cost: Money,
    /// Net sales of the orders reached, as they were.
    pub sales: Money,
    /// Orders that would have narrowly missed it.
    pub near_misses: i64,
    /// What those would have had to buy more, at their prices before VAT, where that can be told: the uplift that is in
    /// reach.
    pub uplift: Money,
    /// The orders that would have been different or narrowly missed it.
    pub differences: Vec<OrderEffect>,
}

/// What the promotion would have done to one order.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct OrderEffect {
    /// The order.
    pub order_id: OrderId,
    /// Its total without the promotion.
    pub total_before: Money,
    /// Its total with it.
    pub total_after: Money,
    /// What the promotion gives.
    pub given: Money,
    /// Given by all promotions with it, less given by all without it.
    pub cost: Money,
    /// Whether it is narrowly missed.
    pub near_miss: bool,
}

/// Replays orders with the promotion besides (or in place of an earlier version of itself among) the promotions of
/// then, whatever its own period is, and as if reps always picked it. Its weekdays, audience and limits hold; its budget,
/// and each customer's part of it, is shared by the orders in their sequence.
pub fn simulate<'a>(
    promotion: &Promotion,
    orders: impl IntoIterator<Item = PastOrder<'a>>,
) -> Result<Simulation, PricingError> {
    let mut simulation = Simulation::default();
    let mut left = promotion.budget;
    let mut parts: BTreeMap<CustomerId, Limits> = BTreeMap::new();
    let mut books: Option<(&'a [Promotion], RuleBook<'a>, RuleBook<'_>)> = None;
    for order in orders {
        let (before, after) = match &books {
            Some((active, before, after)) if std::ptr::eq(*active, order.active) => (before, after),
            _ => {
                let mut all: Vec<Promotion> =
                    order.active.iter().filter(|other| other.id != promotion.id).cloned().collect();
                let before = RuleBook::new(all.clone());
                all.push(Promotion {
                    valid_from: chrono::NaiveDate::MIN,
                    valid_to: None,
                    automatic: true,
                    ..promotion.clone()
                });
                let (_, before, after) = books.insert((order.active, before, RuleBook::new(all)));
                (&*before, &*after)
            }
        };
        simulation.orders += 1;
        let part = parts.entry(order.draft.buyer.customer_id).or_insert(promotion.per_customer);
        let facts = UsageFacts { budget_left: left, customer_left: *part, accumulated: None };
        let usage = Usage([(promotion.id, facts)].into());
        let priced = before
            .price(order.draft, order.book, &Usage::default())
            .and_then(|before| Ok((before, after.price(order.draft, order.book, &usage)?)));
        let Ok((before, after)) = priced else {
            simulation.skipped += 1;
            continue;
        };
        if let Some(used) = after.uses.iter().find(|used| used.promotion_id == promotion.id) {
            left = left.less(&used.used)?;
            *part = part.less(&used.used)?;
        }
        simulation.add(promotion, order, &before, &after)?;
    }
    Ok(simulation)
}

impl Simulation {
    fn add(
        &mut self,
        promotion: &Promotion,
        order: PastOrder<'_>,
        before: &PricedOrder,
        after: &PricedOrder,
    ) -> Result<(), PricingError> {
        let worth = |order: &PricedOrder| Money::sum(order.uses.iter().map(|used| used.used.amount));
        let uses = after.uses.iter().filter(|used| used.promotion_id == promotion.id);
        let given = Money::sum(uses.map(|used| used.used.amount))?;
        let cost = worth(after)?.checked_sub(worth(before)?)?;
        let miss = after.near_misses.iter().find(|miss| miss.promotion_id == promotion.id);
        if given.is_positive() {
            self.reached += 1;
            self.given = self.given.checked_add(given)?;
            self.sales = self.sales.checked_add(before.totals.net)?;
        }
        self.cost = self.cost.checked_add(cost)?;
        if let Some(miss) = miss {
            self.near_misses += 1;
            let uplift = match &miss.missing {
                Missing::Value { amount } => *amount,
                Missing::Pieces { quantity } => {
                    let price = miss.product_id.and_then(|product| order.book.0.get(&product));
                    price
                        .map_or(Ok(Money::ZERO), |price| price.prices.retail.checked_mul(quantity.pieces()))?
                }
                Missing::Parts { parts } => {
                    let mut sum = Money::ZERO;
                    for part in parts {
                        if let Some(price) = order.book.0.get(&part.product_id) {
                            let worth = price.prices.retail.checked_mul(part.quantity.pieces())?;
                            sum = sum.checked_add(worth)?;
                        }
                    }
                    sum
                }
                Missing::Cases { .. } | Missing::Products { .. } => Money::ZERO,
            };
            self.uplift = self.uplift.checked_add(uplift)?;
        }
        let (total_before, total_after) = (before.totals.total, after.totals.total);
        if given.is_positive() || !cost.is_zero() || miss.is_some() {
            self.differences.push(OrderEffect {
                order_id: order.id,
                total_before,
                total_after,
                given,
                cost,
                near_miss: miss.is_some(),
            });
        }
        Ok(())
    }
}
