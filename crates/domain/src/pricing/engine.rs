//! Prices one order.

use super::draft::{OrderDraft, PriceBook};
use super::priced::PricedOrder;
use super::promotion::Promotion;
use super::rules::RuleBook;
use super::usage::Usage;
use crate::{Overflow, ProductId};

/// Why an order can't be priced.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum PricingError {
    /// The price book does not have the product, which was bought.
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

/// Prices an order. Who prices many orders with the same promotions makes a [`RuleBook`] once.
pub fn price(
    draft: &OrderDraft,
    book: &PriceBook,
    promotions: &[Promotion],
    usage: &Usage,
) -> Result<PricedOrder, PricingError> {
    RuleBook::new(promotions).price(draft, book, usage)
}
