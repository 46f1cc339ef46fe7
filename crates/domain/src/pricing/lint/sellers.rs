//! Gifts that not everybody may give who can earn them for their customers.

use super::super::promotion::{Promotion, PromotionKind};
use super::super::reward::Reward;
use super::super::tiers::Tiers;
use super::{FindingCode, Findings, Sellers};
use crate::{DistributorId, ProductId};
use std::collections::BTreeSet;

pub(super) fn check(promotion: &Promotion, sellers: &Sellers, findings: &mut Findings) {
    let tiers = match &promotion.kind {
        PromotionKind::Product { tiers, .. } | PromotionKind::Assortment { tiers, .. } => gifts(tiers),
        PromotionKind::Order { tiers } => gifts(tiers),
        PromotionKind::Combo { tiers, .. } => gifts(tiers),
        // What a settlement gives is owed, whoever sells it.
        PromotionKind::Accumulation { .. } | PromotionKind::Display { .. } => return,
    };
    let earning = earning(promotion, sellers);
    for (index, gifts) in tiers.into_iter().enumerate() {
        // What was bought is sold there. Of a choice what is sold can be given.
        let giving = any_of(gifts.into_iter().map(|gift| gift.and_then(|gift| sellers.of(gift))));
        let all_may = match (&giving, &earning) {
            (None, _) => true,
            (Some(_), None) => false,
            (Some(giving), Some(earning)) => earning.is_subset(giving),
        };
        if !all_may {
            findings.warning(
                FindingCode::GiftNotEverywhere,
                format!("kind.tiers[{index}].reward"),
                "Không phải nhà phân phối nào trong chương trình cũng được bán hàng tặng này; khách của họ sẽ nhận mức thấp hơn hoặc không nhận gì. Hãy cho họ bán, hoặc chọn hàng khác.",
                "Not every distributor of the promotion may sell this gift; the customers of the others get a lower tier, or nothing. Let them sell it, or choose other goods.",
            );
        }
    }
}

/// The products that each tier gives; none is what was bought.
fn gifts<R: Reward>(tiers: &Tiers<R>) -> Vec<Vec<Option<ProductId>>> {
    let of = |reward: &R| reward.give().gifts().as_slice().iter().map(|gift| gift.product_id).collect();
    tiers.iter().map(|tier| of(&tier.reward)).collect()
}

/// The distributors whose customers can earn it; none is everybody.
fn earning(promotion: &Promotion, sellers: &Sellers) -> Option<BTreeSet<DistributorId>> {
    let mut selling: Option<BTreeSet<DistributorId>> = None;
    match &promotion.kind {
        // A set needs all of its parts, the others any product.
        PromotionKind::Combo { parts, .. } => {
            for some in parts.iter().filter_map(|part| sellers.of(part.product_id)) {
                selling = Some(match selling {
                    Some(before) => before.intersection(some).copied().collect(),
                    None => some.clone(),
                });
            }
        }
        PromotionKind::Product { products, .. } | PromotionKind::Assortment { products, .. } => {
            selling = any_of(products.iter().map(|product| sellers.of(*product)));
        }
        _ => {}
    }
    let meant = Some(&promotion.audience.distributors).filter(|meant| !meant.is_empty());
    match (selling, meant) {
        (Some(selling), Some(meant)) => Some(selling.intersection(meant).copied().collect()),
        (Some(selling), None) => Some(selling),
        (None, meant) => meant.cloned(),
    }
}

/// Those who may sell any of these; none is everybody, as it is of nothing.
fn any_of<'a>(
    of: impl Iterator<Item = Option<&'a BTreeSet<DistributorId>>>,
) -> Option<BTreeSet<DistributorId>> {
    let all: Option<Vec<_>> = of.collect();
    all.filter(|all| !all.is_empty()).map(|all| all.into_iter().flatten().copied().collect())
}
