//! A rule book: the promotions of a day, sorted and indexed once, to price many orders with.

use super::cart::Cart;
use super::choose;
use super::draft::{OrderDraft, PriceBook};
use super::engine::PricingError;
use super::finish::finish;
use super::prepare::Prepared;
use super::priced::{NotApplied, PricedOrder, WhyNot};
use super::promotion::{Promotion, PromotionKind, Weekday};
use super::run::Run;
use super::usage::Usage;
use crate::{ProductId, PromotionId};
use std::borrow::Cow;

/// The promotions of a day, ready to price orders with.
#[derive(Debug, Clone)]
pub struct RuleBook<'p> {
    promotions: Cow<'p, [Promotion]>,
    /// Indexes of promotions in the order in which they are reckoned.
    order: Vec<u32>,
    /// Which places of `order` look at a product; sorted.
    by_product: Vec<(ProductId, u32)>,
    /// The places of `order` that look at every order.
    always: Vec<u32>,
}

/// A promotion and the groups of the cart that it looks at.
struct Candidate<'p> {
    promotion: &'p Promotion,
    groups: Vec<usize>,
}

impl<'p> RuleBook<'p> {
    /// Sorts and indexes the promotions. Promotions on products come first and those on orders last, each from the
    /// highest priority down, equals by code and then by id.
    pub fn new(promotions: impl Into<Cow<'p, [Promotion]>>) -> Self {
        let promotions = promotions.into();
        // More than 2³² promotions don't fit into memory.
        let mut order: Vec<u32> = (0..).take(promotions.len()).collect();
        order.sort_by(|a, b| {
            let (a, b) = (&promotions[*a as usize], &promotions[*b as usize]);
            let stage = |promotion: &Promotion| matches!(promotion.kind, PromotionKind::Order { .. });
            (stage(a), b.priority, &a.code, a.id).cmp(&(stage(b), a.priority, &b.code, b.id))
        });
        let (mut by_product, mut always) = (Vec::new(), Vec::new());
        for (place, index) in (0..).zip(&order) {
            let mut all = |products: &mut dyn Iterator<Item = ProductId>| {
                by_product.extend(products.map(|product| (product, place)));
            };
            match &promotions[*index as usize].kind {
                PromotionKind::Product { products, .. } | PromotionKind::Assortment { products, .. } => {
                    all(&mut products.iter().copied());
                }
                PromotionKind::Combo { parts, .. } => all(&mut parts.iter().map(|part| part.product_id)),
                PromotionKind::Accumulation { products, .. } if !products.is_empty() => {
                    all(&mut products.iter().copied());
                }
                PromotionKind::Order { .. } | PromotionKind::Accumulation { .. } => always.push(place),
                PromotionKind::Display { .. } => {}
            }
        }
        by_product.sort_unstable();
        Self { promotions, order, by_product, always }
    }

    /// Prices an order.
    pub fn price(
        &self,
        draft: &OrderDraft,
        book: &PriceBook,
        usage: &Usage,
    ) -> Result<PricedOrder, PricingError> {
        let cart = Cart::new(draft, book)?;
        let mut not_applied = Vec::new();
        let candidates = self.candidates(&cart, &mut not_applied);
        let mut rules = Vec::with_capacity(candidates.len());
        for candidate in candidates {
            rules.push(Prepared::new(&cart, candidate.promotion, candidate.groups, usage)?);
        }
        let mut run = Run::new(&cart, &rules);
        let mut excluded = choose::excluded(&mut run)?;
        run.reset(true);
        for rule in 0..rules.len() {
            if excluded[rule].is_none() {
                run.apply(rule)?;
                if !run.used[rule].is_nothing() {
                    choose::exclude_rest(&run, rule, &mut excluded);
                }
            }
        }
        finish(run, &excluded, not_applied)
    }

    /// The promotions that look at something of the cart and are meant for its buyer, in the order in which they are
    /// reckoned.
    fn candidates(&self, cart: &Cart<'_>, not_applied: &mut Vec<NotApplied>) -> Vec<Candidate<'_>> {
        let mut hits: Vec<(u32, usize)> = self.always.iter().map(|place| (*place, usize::MAX)).collect();
        for (index, group) in cart.groups.iter().enumerate() {
            let from = self.by_product.partition_point(|(product, _)| *product < group.product_id);
            let same = self.by_product[from..].iter().take_while(|(product, _)| *product == group.product_id);
            hits.extend(same.map(|(_, place)| (*place, index)));
        }
        hits.sort_unstable();
        let mut candidates: Vec<Candidate<'_>> = Vec::new();
        for hits in hits.chunk_by(|a, b| a.0 == b.0) {
            let promotion = &self.promotions[self.order[hits[0].0 as usize] as usize];
            if !promotion.is_meant_for(cart.draft) {
                continue;
            }
            if !promotion.automatic && !cart.draft.promotion_ids.contains(&promotion.id) {
                let reason = WhyNot::NotPicked;
                not_applied.push(NotApplied { promotion_id: promotion.id, reason, better: None });
                continue;
            }
            let groups = hits.iter().map(|(_, group)| *group).filter(|group| *group != usize::MAX).collect();
            candidates.push(Candidate { promotion, groups });
        }
        candidates
    }

    /// The promotions it was made of.
    pub fn promotions(&self) -> &[Promotion] {
        &self.promotions
    }

    /// The promotion with this id.
    pub fn promotion(&self, id: PromotionId) -> Option<&Promotion> {
        self.promotions.iter().find(|promotion| promotion.id == id)
    }
}

impl Promotion {
    /// Whether it holds on the day of the draft, for its buyer and its type of order.
    pub fn is_meant_for(&self, draft: &OrderDraft) -> bool {
        self.valid_from <= draft.date
            && self.valid_to.is_none_or(|last| draft.date <= last)
            && (self.weekdays.is_empty() || self.weekdays.contains(&Weekday::of(draft.date)))
            && (!self.first_order_only || draft.first_order)
            && (self.order_types.is_empty() || self.order_types.contains(&draft.order_type))
            && self.audience.includes(&draft.buyer)
    }
}
