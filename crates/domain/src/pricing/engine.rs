//! Which promotions take effect, and in which order. What each does to the order is the sheet's work.

use super::draft::{OrderDraft, PriceBook};
use super::priced::PricedOrder;
use super::promotion::{Promotion, PromotionKind};
use super::sheet::Sheet;
use crate::{Money, Overflow, ProductId, PromotionId};
use std::collections::BTreeMap;

/// Why an order can't be priced.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum PricingError {
    /// The price book does not have the product, which was bought or would be given.
    #[error("product {product_id} has no price for this customer; remove it, or give it a price")]
    UnknownProduct {
        /// The product.
        product_id: ProductId,
    },
    /// A line of nothing, or of less.
    #[error("line {line}: the quantity must be 1 or more, not {quantity}")]
    Quantity {
        /// The line's place in the draft; 1 is the first.
        line: usize,
        /// What it says.
        quantity: i64,
    },
    /// A sum left the range of 64 bits.
    #[error(transparent)]
    Overflow(#[from] Overflow),
}

/// Prices an order.
pub fn price(
    draft: &OrderDraft,
    book: &PriceBook,
    promotions: &[Promotion],
) -> Result<PricedOrder, PricingError> {
    let bare = Sheet::new(draft, book)?;
    let mut sheet = bare.clone();
    for promotion in chosen(&bare, candidates(draft, promotions))? {
        sheet.apply(promotion)?;
    }
    sheet.finish()
}

/// The promotions that may take effect, in the order in which they are reckoned.
fn candidates<'p>(draft: &OrderDraft, promotions: &'p [Promotion]) -> Vec<&'p Promotion> {
    let mut candidates: Vec<&Promotion> = promotions
        .iter()
        .filter(|promotion| {
            promotion.valid_from <= draft.date
                && promotion.valid_to.is_none_or(|last| draft.date <= last)
                && (promotion.automatic || draft.promotion_ids.contains(&promotion.id))
                && (promotion.order_types.is_empty() || promotion.order_types.contains(&draft.order_type))
                && promotion.audience.includes(&draft.buyer)
        })
        .collect();
    candidates.sort_by(|a, b| {
        let stage = |promotion: &Promotion| matches!(promotion.kind, PromotionKind::Order { .. });
        (stage(a), b.priority, &a.code, a.id).cmp(&(stage(b), a.priority, &b.code, b.id))
    });
    candidates
}

/// Leaves of each exclusive group the one that gives most on the bare order; of equals, the first. A group of which
/// none gives anything stays whole, so that its near misses are told.
fn chosen<'p>(bare: &Sheet<'_>, candidates: Vec<&'p Promotion>) -> Result<Vec<&'p Promotion>, PricingError> {
    let mut best: BTreeMap<&str, (Money, PromotionId)> = BTreeMap::new();
    for promotion in &candidates {
        let Some(group) = promotion.exclusive_group.as_deref() else { continue };
        let mut alone = bare.clone();
        alone.apply(promotion)?;
        let worth = alone.worth()?;
        if worth.is_positive() && best.get(group).is_none_or(|(most, _)| worth > *most) {
            best.insert(group, (worth, promotion.id));
        }
    }
    let stays = |promotion: &&Promotion| {
        let group = promotion.exclusive_group.as_deref();
        group.and_then(|group| best.get(group)).is_none_or(|(_, id)| *id == promotion.id)
    };
    Ok(candidates.into_iter().filter(stays).collect())
}
