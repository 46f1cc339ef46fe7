//! What goes wrong only together with other promotions.

use super::super::promotion::{Promotion, PromotionKind};
use super::super::reward::{Give, Reward};
use super::{FindingCode, Findings};
use crate::{Audience, ProductId};
use std::collections::BTreeSet;

pub(super) fn check(promotion: &Promotion, others: &[Promotion], findings: &mut Findings) {
    let others: Vec<&Promotion> =
        others.iter().filter(|other| other.id != promotion.id && may_meet(promotion, other)).collect();
    if takes_money_off(promotion) {
        for other in &others {
            if is_ambiguous(promotion, other) {
                findings.error(
                    FindingCode::AmbiguousPriority,
                    "priority",
                    format!("Cùng mức ưu tiên và cùng giảm giá các hàng như chương trình {}. Hãy đổi mức ưu tiên, hoặc cho cả hai vào một nhóm loại trừ.", other.code),
                    format!("It has the priority of {} and takes money off the same goods. Change the priority, or put both into one exclusive group.", other.code),
                );
            }
        }
    }
    gift_cycle(promotion, &others, findings);
}

/// Whether both may hold for the same order.
fn may_meet(a: &Promotion, b: &Promotion) -> bool {
    let starts_before_end = |a: &Promotion, b: &Promotion| b.valid_to.is_none_or(|last| a.valid_from <= last);
    fn meet<T: Ord>(a: &BTreeSet<T>, b: &BTreeSet<T>) -> bool {
        a.is_empty() || b.is_empty() || !a.is_disjoint(b)
    }
    let Audience { channels, customer_groups, customer_types, areas, distributors, customers } = &a.audience;
    starts_before_end(a, b)
        && starts_before_end(b, a)
        && meet(&a.weekdays, &b.weekdays)
        && meet(&a.order_types, &b.order_types)
        && meet(channels, &b.audience.channels)
        && meet(customer_groups, &b.audience.customer_groups)
        && meet(customer_types, &b.audience.customer_types)
        && meet(areas, &b.audience.areas)
        && meet(distributors, &b.audience.distributors)
        && meet(customers, &b.audience.customers)
}

fn is_ambiguous(promotion: &Promotion, other: &Promotion) -> bool {
    let same_group =
        promotion.exclusive_group.is_some() && promotion.exclusive_group == other.exclusive_group;
    if same_group || promotion.priority != other.priority || !takes_money_off(other) {
        return false;
    }
    match (&promotion.kind, &other.kind) {
        (PromotionKind::Order { .. }, PromotionKind::Order { .. }) => true,
        (PromotionKind::Order { .. }, _) | (_, PromotionKind::Order { .. }) => false,
        (mine, others) => !discounted(mine).is_disjoint(&discounted(others)),
    }
}

/// The products that it takes money off.
fn discounted(kind: &PromotionKind) -> BTreeSet<ProductId> {
    match kind {
        PromotionKind::Assortment { discounted, .. } if !discounted.is_empty() => discounted.clone(),
        kind => kind.looked_at(),
    }
}

fn takes_money_off(promotion: &Promotion) -> bool {
    let money = |give: Give<'_>| !matches!(give, Give::Gift(_) | Give::Choice { .. });
    match &promotion.kind {
        PromotionKind::Product { tiers, .. } | PromotionKind::Assortment { tiers, .. } => {
            tiers.iter().any(|tier| money(tier.reward.give()))
        }
        PromotionKind::Order { tiers } => tiers.iter().any(|tier| money(tier.reward.give())),
        PromotionKind::Combo { tiers, .. } => tiers.iter().any(|tier| money(tier.reward.give())),
        PromotionKind::Accumulation { .. } | PromotionKind::Display { .. } => false,
    }
}

/// Follows the gifts: what they earn by other promotions, and so on, until one earns this promotion again.
fn gift_cycle(promotion: &Promotion, others: &[&Promotion], findings: &mut Findings) {
    let own = promotion.kind.looked_at();
    let mut seen: BTreeSet<ProductId> = promotion.kind.gifts().difference(&own).copied().collect();
    let mut next: Vec<ProductId> = seen.iter().copied().collect();
    while let Some(gift) = next.pop() {
        for other in others {
            if !other.kind.is_priced() || !other.kind.looked_at().contains(&gift) {
                continue;
            }
            for earned in other.kind.gifts() {
                if own.contains(&earned) {
                    findings.warning(
                        FindingCode::GiftCycle,
                        "kind.tiers",
                        format!("Hàng tặng lại được tặng kèm hàng của chương trình này theo {}. Hãy kiểm tra có đúng ý không.", other.code),
                        format!("By {} its gift earns the goods of this promotion again. Check whether that is meant.", other.code),
                    );
                    return;
                }
                if seen.insert(earned) {
                    next.push(earned);
                }
            }
        }
    }
}
