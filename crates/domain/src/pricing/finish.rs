//! Turns a run into a priced order: VAT, totals, explanations, in the order of the draft.

use super::cart::Cart;
use super::choose::Excluded;
use super::engine::PricingError;
use super::priced::{
    DiscountLevel, Explanation, FreeGoods, LineDiscount, NearMiss, NotApplied, OrderTotals, PricedLine,
    PricedOrder, PromotionUse, WhyNot,
};
use super::promotion::Promotion;
use super::run::{Given, Run};
use crate::{Money, Overflow, Percent, ProductId, PromotionId, Quantity, TypedQuantity, Unit};
use std::collections::BTreeMap;

pub(super) fn finish(
    run: Run<'_, '_>,
    excluded: &[Option<Excluded>],
    mut not_applied: Vec<NotApplied>,
) -> Result<PricedOrder, PricingError> {
    let promotion = |rule: usize| -> &Promotion { run.rules[rule].promotion };
    let mut lines = paid_lines(&run)?;
    let mut gifts: BTreeMap<(PromotionId, u32, ProductId), (TypedQuantity, Quantity)> = BTreeMap::new();
    for given in &run.gifts {
        let key = (promotion(given.rule).id, given.tier, given.product_id);
        let both = match gifts.get(&key) {
            None => (given.typed, given.pieces),
            Some(earlier) => together(*earlier, given)?,
        };
        gifts.insert(key, both);
    }
    lines.extend(gifts.into_iter().map(|((promotion_id, tier, product_id), (typed, pieces))| {
        free_line(product_id, typed, pieces, FreeGoods { promotion_id, tier })
    }));
    let sum = |of: fn(&PricedLine) -> Money| Money::sum(lines.iter().map(of));
    let totals = OrderTotals {
        gross: sum(|line| line.gross)?,
        product_discount: sum(|line| line.product_discount)?,
        order_discount: sum(|line| line.order_discount)?,
        net: sum(|line| line.net)?,
        vat: sum(|line| line.vat)?,
        total: sum(|line| line.total)?,
    };
    let mut uses = Vec::new();
    for (rule, used) in run.used.iter().enumerate() {
        let promotion_id = promotion(rule).id;
        if !used.is_nothing() {
            uses.push(PromotionUse { promotion_id, used: *used });
        } else if let Some(Excluded { reason, better }) = excluded[rule] {
            let better = Some(better).filter(|_| reason == WhyNot::Excluded);
            not_applied.push(NotApplied { promotion_id, reason, better });
        } else if promotion(rule).kind.is_priced() {
            let reason = run.short[rule].unwrap_or(WhyNot::NotReached);
            not_applied.push(NotApplied { promotion_id, reason, better: None });
        }
    }
    uses.sort_by_key(|used| used.promotion_id);
    not_applied.sort_by_key(|not| not.promotion_id);
    let explanations = run.told.iter().map(|told| Explanation {
        promotion_id: promotion(told.rule).id,
        promotion_code: promotion(told.rule).code.clone(),
        promotion_name: promotion(told.rule).name.clone(),
        tier: told.tier,
        product_id: told.product_id,
        product_ids: match told.product_id {
            Some(_) => Vec::new(),
            None => run.rules[told.rule].set.iter().map(|group| run.cart.groups[*group].product_id).collect(),
        },
        benefit: told.benefit,
        limited: told.limited,
        choices: told.choices.clone(),
    });
    let near_misses = run.misses.iter().map(|(rule, miss)| NearMiss {
        promotion_id: promotion(*rule).id,
        promotion_code: promotion(*rule).code.clone(),
        promotion_name: promotion(*rule).name.clone(),
        tier: miss.tier,
        product_id: miss.product_id,
        missing: miss.missing.clone(),
        gain: miss.gain,
    });
    let (explanations, near_misses) = (explanations.collect(), near_misses.collect());
    Ok(PricedOrder { lines, totals, explanations, near_misses, uses, not_applied })
}

/// The lines of the draft, in its order.
fn paid_lines(run: &Run<'_, '_>) -> Result<Vec<PricedLine>, Overflow> {
    let Cart { lines, groups, .. } = run.cart;
    let mut discounts: Vec<Vec<LineDiscount>> = vec![Vec::new(); lines.len()];
    for off in &run.offs {
        let promotion_id = run.rules[off.rule].promotion.id;
        discounts[off.line].push(LineDiscount { promotion_id, level: off.level, amount: off.amount });
    }
    let mut paid: Vec<(usize, PricedLine)> = Vec::with_capacity(lines.len() + run.gifts.len());
    for group in groups {
        for index in group.lines.clone() {
            let (line, net) = (&lines[index], run.left[index]);
            let discounts = std::mem::take(&mut discounts[index]);
            let off = |level| {
                Money::sum(discounts.iter().filter(|part| part.level == level).map(|part| part.amount))
            };
            let vat = net.percent(group.price.vat)?;
            let priced = PricedLine {
                product_id: line.product_id,
                quantity: line.typed.quantity,
                unit: line.typed.unit,
                pieces: line.pieces,
                unit_price: line.unit_price,
                gross: line.gross,
                product_discount: off(DiscountLevel::Product)?,
                order_discount: off(DiscountLevel::Order)?,
                net,
                vat_rate: group.price.vat,
                vat,
                total: net.checked_add(vat)?,
                discounts,
                free: None,
            };
            paid.push((line.place, priced));
        }
    }
    paid.sort_by_key(|(place, _)| *place);
    Ok(paid.into_iter().map(|(_, line)| line).collect())
}

/// A gift earned twice, by two products of a promotion or by two tiers that repeat.
fn together(
    earlier: (TypedQuantity, Quantity),
    given: &Given,
) -> Result<(TypedQuantity, Quantity), Overflow> {
    let (typed, pieces) = (earlier.0, earlier.1.checked_add(given.pieces)?);
    let typed = if typed.unit == given.typed.unit {
        let quantity = typed.quantity.checked_add(given.typed.quantity).ok_or(Overflow)?;
        TypedQuantity { quantity, unit: typed.unit }
    } else {
        TypedQuantity { quantity: pieces.pieces(), unit: Unit::Retail }
    };
    Ok((typed, pieces))
}

fn free_line(product_id: ProductId, typed: TypedQuantity, pieces: Quantity, source: FreeGoods) -> PricedLine {
    PricedLine {
        product_id,
        quantity: typed.quantity,
        unit: typed.unit,
        pieces,
        unit_price: Money::ZERO,
        gross: Money::ZERO,
        product_discount: Money::ZERO,
        order_discount: Money::ZERO,
        discounts: Vec::new(),
        net: Money::ZERO,
        vat_rate: Percent::ZERO,
        vat: Money::ZERO,
        total: Money::ZERO,
        free: Some(source),
    }
}
