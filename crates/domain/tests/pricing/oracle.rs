//! A second engine, written from the rules and not from the first: slow, plain, for small orders without limits.
//!
//! It knows product, assortment and order promotions with percentages, amounts per unit, amounts and free goods. Only
//! sums are compared, so it needs no rule for sharing beyond what later percentages see of a line.

use crate::sample::Case;
use domain::pricing::{Basis, OrderReward, ProductReward, Promotion, PromotionKind, Tier, Weekday};
use domain::{ProductId, Unit};
use std::collections::{BTreeMap, BTreeSet};

/// What the oracle says of an order.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Verdict {
    pub discount: i128,
    /// Pieces of each product for nothing, by promotion.
    pub gifts: BTreeMap<(uuid::Uuid, ProductId), i128>,
    pub gifts_worth: i128,
    /// The promotions that gave something.
    pub giving: BTreeSet<uuid::Uuid>,
}

struct World<'a> {
    case: &'a Case,
    /// What is left of each product.
    left: BTreeMap<ProductId, i128>,
    order_off: i128,
    verdict: Verdict,
}

/// What the best choice gives, whichever it is.
pub fn best_worth(case: &Case) -> i128 {
    let meant: Vec<&Promotion> =
        case.promotions.iter().filter(|promotion| is_meant(promotion, case)).collect();
    let mut groups: BTreeMap<&str, Vec<&Promotion>> = BTreeMap::new();
    let mut free: Vec<&Promotion> = Vec::new();
    for promotion in meant {
        match &promotion.exclusive_group {
            Some(group) => groups.entry(group).or_default().push(promotion),
            None => free.push(promotion),
        }
    }
    // All selections with exactly one of each group that has one giving something by itself.
    let mut selections: Vec<Vec<&Promotion>> = vec![free];
    for members in groups.values() {
        let useful: Vec<&&Promotion> =
            members.iter().filter(|one| !apply(case, &[one]).giving.is_empty()).collect();
        if useful.is_empty() {
            continue;
        }
        selections = selections
            .iter()
            .flat_map(|selection| {
                useful.iter().map(move |one| {
                    let mut with = selection.clone();
                    with.push(one);
                    with
                })
            })
            .collect();
    }
    selections.iter().map(|selection| worth(&apply(case, selection))).max().unwrap_or(0)
}

pub fn worth(verdict: &Verdict) -> i128 {
    verdict.discount + verdict.gifts_worth
}

fn is_meant(promotion: &Promotion, case: &Case) -> bool {
    let draft = &case.draft;
    let channel = draft.buyer.channel.clone().unwrap();
    promotion.valid_from <= draft.date
        && promotion.valid_to.unwrap() >= draft.date
        && (promotion.automatic || draft.promotion_ids.contains(&promotion.id))
        && (promotion.order_types.is_empty() || promotion.order_types.contains(&draft.order_type))
        && (promotion.weekdays.is_empty() || promotion.weekdays.contains(&Weekday::of(draft.date)))
        && (!promotion.first_order_only || draft.first_order)
        && (promotion.audience.channels.is_empty() || promotion.audience.channels.contains(&channel))
}

/// Reckons exactly these promotions.
pub fn apply(case: &Case, promotions: &[&Promotion]) -> Verdict {
    let mut world = World { case, left: BTreeMap::new(), order_off: 0, verdict: Verdict::default() };
    for (product, (_, gross)) in world.bought() {
        world.left.insert(product, gross);
    }
    let mut sorted = promotions.to_vec();
    sorted
        .sort_by_key(|p| (matches!(p.kind, PromotionKind::Order { .. }), -p.priority, p.code.clone(), p.id));
    for promotion in sorted {
        let before = world.verdict.clone();
        match &promotion.kind {
            PromotionKind::Product { products, basis, tiers } => {
                for product in products {
                    world.on_goods(promotion, &[*product], &[*product], *basis, 0, tiers.as_slice());
                }
            }
            PromotionKind::Assortment { products, basis, min_distinct, discounted, tiers } => {
                let set: Vec<_> = products.iter().copied().collect();
                let on: Vec<_> =
                    if discounted.is_empty() { set.clone() } else { discounted.iter().copied().collect() };
                world.on_goods(promotion, &set, &on, *basis, *min_distinct as usize, tiers.as_slice());
            }
            PromotionKind::Order { tiers } => world.on_order(promotion, tiers.as_slice()),
            other => panic!("the oracle does not know {other:?}"),
        }
        if world.verdict != before {
            world.verdict.giving.insert(promotion.id.uuid());
        }
    }
    world.verdict
}

/// The tiers that count, with how often; as if those did not exist that can't be given.
fn reached<R>(
    tiers: &[Tier<R>],
    measured: i128,
    step: i128,
    can_give: impl Fn(&R) -> bool,
    repeats: impl Fn(&R) -> bool,
) -> Vec<(&R, i128)> {
    let existing = tiers.iter().filter(|tier| can_give(&tier.reward));
    let below: Vec<&Tier<R>> = existing.filter(|tier| i128::from(tier.at_least) * step <= measured).collect();
    let Some(highest) = below.last() else { return vec![] };
    if !repeats(&highest.reward) {
        return vec![(&highest.reward, 1)];
    }
    let mut rest = measured;
    let mut all = vec![];
    for tier in below.iter().rev().filter(|tier| repeats(&tier.reward)) {
        let at = i128::from(tier.at_least) * step;
        let mut times = 0;
        while rest >= at {
            rest -= at;
            times += 1;
        }
        if times > 0 {
            all.push((&tier.reward, times));
        }
    }
    all
}

impl World<'_> {
    /// Pieces and gross of each product.
    fn bought(&self) -> BTreeMap<ProductId, (i128, i128)> {
        let mut all = BTreeMap::new();
        for line in &self.case.draft.lines {
            let price = &self.case.book.0[&line.product_id];
            let quantity = i128::from(line.typed.quantity);
            let (pieces, each) = match line.typed.unit {
                Unit::Whole => {
                    (quantity * i128::from(price.conversion.pieces_per_case()), price.prices.whole)
                }
                Unit::Retail => (quantity, price.prices.retail),
            };
            let sum: &mut (i128, i128) = all.entry(line.product_id).or_default();
            sum.0 += pieces;
            sum.1 += quantity * i128::from(each.dong());
        }
        all
    }

    fn on_goods(
        &mut self,
        promotion: &Promotion,
        set: &[ProductId],
        on: &[ProductId],
        basis: Basis,
        min_distinct: usize,
        tiers: &[Tier<ProductReward>],
    ) {
        let all = self.bought();
        let bought: BTreeMap<ProductId, (i128, i128)> =
            all.iter().filter(|(product, _)| set.contains(product)).map(|(p, b)| (*p, *b)).collect();
        if bought.is_empty() || bought.len() < min_distinct {
            return;
        }
        let per_case =
            |product: &ProductId| i128::from(self.case.book.0[product].conversion.pieces_per_case());
        let (measured, step) = match basis {
            Basis::Pieces => (bought.values().map(|b| b.0).sum(), 1),
            Basis::Value => (bought.values().map(|b| b.1).sum(), 1),
            // Any common multiple will do.
            Basis::Cases => {
                let common: i128 = bought.keys().map(per_case).product();
                (bought.iter().map(|(product, b)| b.0 * common / per_case(product)).sum(), common)
            }
        };
        let most = bought.iter().max_by_key(|(product, b)| (b.0, std::cmp::Reverse(**product))).unwrap();
        let most = *most.0;
        let on: Vec<ProductId> = on.iter().filter(|product| all.contains_key(product)).copied().collect();
        let repeats = |reward: &ProductReward| {
            matches!(
                reward,
                ProductReward::FreeGoods { per_multiple: true, .. }
                    | ProductReward::Amount { per_multiple: true, .. }
            )
        };
        let book = &self.case.book.0;
        let can_give = |reward: &ProductReward| match reward {
            ProductReward::FreeGoods { product_id: Some(gift), .. } => book.contains_key(gift),
            _ => true,
        };
        for (reward, times) in reached(tiers, measured, step, can_give, repeats) {
            match reward {
                ProductReward::Percent { percent } => {
                    let left: i128 = on.iter().map(|product| self.left[product]).sum();
                    let off = (left * i128::from(percent.basis_points()) + 5_000) / 10_000;
                    self.take(&on, off);
                }
                ProductReward::AmountPerUnit { amount, unit } => {
                    for product in &on {
                        let per = if *unit == Unit::Whole { per_case(product) } else { 1 };
                        let off = i128::from(amount.dong()) * (all[product].0 / per);
                        self.take(&[*product], off.min(self.left[product]));
                    }
                }
                ProductReward::FreeGoods { product_id, quantity, unit, .. } => {
                    self.give(
                        promotion,
                        product_id.unwrap_or(most),
                        i128::from(quantity.get()) * times,
                        *unit,
                    );
                }
                other => panic!("the oracle does not know {other:?}"),
            }
        }
    }

    fn on_order(&mut self, promotion: &Promotion, tiers: &[Tier<OrderReward>]) {
        let left: i128 = self.left.values().sum();
        let products: Vec<ProductId> = self.left.keys().copied().collect();
        let repeats =
            |reward: &OrderReward| matches!(reward, OrderReward::FreeGoods { per_multiple: true, .. });
        let book = &self.case.book.0;
        let can_give = |reward: &OrderReward| match reward {
            OrderReward::FreeGoods { product_id, .. } => book.contains_key(product_id),
            _ => true,
        };
        for (reward, times) in reached(tiers, left + self.order_off, 1, can_give, repeats) {
            let off = match reward {
                OrderReward::Percent { percent } => {
                    (left * i128::from(percent.basis_points()) + 5_000) / 10_000
                }
                OrderReward::Amount { amount } => i128::from(amount.dong()).min(left),
                OrderReward::FreeGoods { product_id, quantity, unit, .. } => {
                    self.give(promotion, *product_id, i128::from(quantity.get()) * times, *unit);
                    0
                }
                OrderReward::Choice { .. } => panic!("the oracle does not know choices"),
            };
            self.order_off += off;
            self.take(&products, off);
        }
    }

    /// Shares by largest remainder over products; within a product nothing that is compared depends on the sharing.
    fn take(&mut self, on: &[ProductId], off: i128) {
        let left: i128 = on.iter().map(|product| self.left[product]).sum();
        if left == 0 || off == 0 {
            return;
        }
        self.verdict.discount += off;
        let mut on = on.to_vec();
        on.sort();
        let mut shares: Vec<(i128, usize, i128)> = Vec::new();
        for (index, product) in on.iter().enumerate() {
            let exact = off * self.left[product];
            shares.push((exact % left, index, exact / left));
        }
        let mut rest = off - shares.iter().map(|share| share.2).sum::<i128>();
        shares.sort_by_key(|(remainder, index, _)| (-remainder, *index));
        for (_, index, share) in shares {
            let more = i128::from(rest > 0);
            rest -= more;
            *self.left.get_mut(&on[index]).unwrap() -= share + more;
        }
    }

    fn give(&mut self, promotion: &Promotion, product: ProductId, quantity: i128, unit: Unit) {
        let price = &self.case.book.0[&product];
        let per = if unit == Unit::Whole { price.conversion.pieces_per_case() } else { 1 };
        self.verdict.gifts_worth += quantity * i128::from(price.prices.of(unit).dong());
        *self.verdict.gifts.entry((promotion.id.uuid(), product)).or_default() += quantity * i128::from(per);
    }
}
