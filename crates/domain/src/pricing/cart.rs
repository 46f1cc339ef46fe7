//! The bare order as the engine works on it: lines in canonical order, grouped by product.
//!
//! Lines are sorted by product, unit and quantity, so that nothing depends on the order in which they were typed; two
//! lines that are still equal can't be told apart. Answers go back to the place where a line stood in the draft.

use super::draft::{OrderDraft, PriceBook, ProductPrice};
use super::engine::PricingError;
use crate::{Money, ProductId, Quantity, TypedQuantity};
use std::ops::Range;

/// A line that is paid for.
#[derive(Debug, Clone)]
pub(super) struct Line {
    /// Its index in the draft.
    pub place: usize,
    pub product_id: ProductId,
    pub typed: TypedQuantity,
    pub pieces: Quantity,
    pub unit_price: Money,
    pub gross: Money,
}

/// The lines of one product.
#[derive(Debug, Clone)]
pub(super) struct Group<'a> {
    pub product_id: ProductId,
    pub price: &'a ProductPrice,
    pub lines: Range<usize>,
    pub pieces: i64,
    pub gross: Money,
}

#[derive(Debug)]
pub(super) struct Cart<'a> {
    pub draft: &'a OrderDraft,
    pub book: &'a PriceBook,
    pub lines: Vec<Line>,
    /// In the order of the product's ids.
    pub groups: Vec<Group<'a>>,
    /// Of all of them the product with the most pieces.
    pub most: Option<ProductId>,
}

impl<'a> Cart<'a> {
    pub fn new(draft: &'a OrderDraft, book: &'a PriceBook) -> Result<Self, PricingError> {
        let lines = draft.lines.iter().enumerate().map(|(place, line)| {
            let (product_id, typed) = (line.product_id, line.typed);
            if typed.quantity < 1 {
                return Err(PricingError::Quantity { line: place + 1, quantity: typed.quantity });
            }
            let price = find(book, product_id)?;
            let unit_price = price.prices.of(typed.unit);
            let gross = unit_price.checked_mul(typed.quantity)?;
            let pieces = typed.to_pieces(price.conversion)?;
            Ok(Line { place, product_id, typed, pieces, unit_price, gross })
        });
        let mut lines = lines.collect::<Result<Vec<_>, PricingError>>()?;
        lines.sort_by_key(|line| (line.product_id, line.typed.unit, line.typed.quantity));
        let mut groups: Vec<Group<'_>> = Vec::with_capacity(lines.len());
        for (index, line) in lines.iter().enumerate() {
            match groups.last_mut().filter(|group| group.product_id == line.product_id) {
                Some(group) => {
                    group.lines.end = index + 1;
                    group.pieces = Quantity::new(group.pieces).checked_add(line.pieces)?.pieces();
                    group.gross = group.gross.checked_add(line.gross)?;
                }
                None => groups.push(Group {
                    product_id: line.product_id,
                    price: find(book, line.product_id)?,
                    lines: index..index + 1,
                    pieces: line.pieces.pieces(),
                    gross: line.gross,
                }),
            }
        }
        let mut cart = Self { draft, book, lines, groups, most: None };
        cart.most = cart.most_bought(0..cart.groups.len());
        Ok(cart)
    }

    /// The index of the product's group, if it was bought.
    pub fn group(&self, product_id: ProductId) -> Option<usize> {
        self.groups.binary_search_by_key(&product_id, |group| group.product_id).ok()
    }

    /// Of these groups the product with the most pieces; of equals the first.
    pub fn most_bought(&self, groups: impl IntoIterator<Item = usize>) -> Option<ProductId> {
        let most =
            groups.into_iter().max_by_key(|index| (self.groups[*index].pieces, std::cmp::Reverse(*index)));
        most.map(|index| self.groups[index].product_id)
    }
}

pub(super) fn find(book: &PriceBook, product_id: ProductId) -> Result<&ProductPrice, PricingError> {
    book.0.get(&product_id).ok_or(PricingError::UnknownProduct { product_id })
}
