//! Free goods, when what earned them comes back.
//!
//! A promotion gave free goods for goods that were bought: those its explanation names, or all paid goods of the order
//! when it names none. The parts of a split order are one order here, whichever of them has the free goods, as far as
//! they have left. When a part of those comes back (by value before discounts), the same part of the free goods is due
//! back, rounded down to whole pieces in the customer's favour. What of that doesn't come with the return, and was
//! neither returned nor charged before, is charged: at the price the same product was sold at on the invoice, or else
//! at the catalogue's price per piece, with VAT. The charge is a line of the return with amounts below zero.

use std::collections::BTreeMap;

use domain::pricing::{Benefit, Explanation};
use domain::{InvoiceId, Money, OrderId, Overflow, Percent, ProductId, Quantity};

use crate::service::Amounts;
use crate::service::given_back::told;
use crate::store::{Part, Returnable};

/// Free goods that stay with the customer and are paid.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct FreeCharge {
    /// Where they were invoiced: with another part of a split order it is another invoice than the return's.
    pub invoice_id: InvoiceId,
    /// The free line of that invoice.
    pub line_no: i32,
    pub product_id: ProductId,
    pub pieces: Quantity,
    /// Per piece, before VAT.
    pub price: Money,
    /// The product's; free goods themselves bear none.
    pub vat_percent: i16,
    /// Below zero.
    pub amounts: Amounts,
}

/// What a product costs when nothing else is known.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct CataloguePrice {
    /// Per piece, before VAT.
    pub price: Money,
    pub vat_percent: i16,
}

/// What is charged after the return: `lines` hold what is returned already, with this return.
pub(super) fn charges(
    lines: &[Returnable],
    parts: &[Part],
    explanations: &BTreeMap<OrderId, Vec<Explanation>>,
    catalogue: &BTreeMap<ProductId, CataloguePrice>,
) -> Result<Vec<FreeCharge>, Overflow> {
    let mut charges = Vec::new();
    for parts in parts.chunk_by(|a, b| a.whole == b.whole) {
        let told = told(parts, explanations);
        let of_order: Vec<&Returnable> =
            lines.iter().filter(|line| parts.iter().any(|part| part.order_id == line.order_id)).collect();
        for free in of_order.iter().filter(|line| line.is_free && line.issued.is_positive()) {
            let missing = missing(free, &of_order, &told)?;
            if missing.is_positive() {
                charges.push(charge(free, missing, lines, catalogue)?);
            }
        }
    }
    Ok(charges)
}

/// What of a free line is due back, and neither came back nor was charged; `lines` are all of its order.
fn missing(free: &Returnable, lines: &[&Returnable], told: &[Explanation]) -> Result<Quantity, Overflow> {
    let gifts: Vec<&Explanation> = told
        .iter()
        .filter(|e| {
            Some(e.promotion_id) == free.promotion_id && matches!(e.benefit, Benefit::FreeGoods { .. })
        })
        .collect();
    let earned_it = |product| gifts.is_empty() || gifts.iter().any(|e| e.is_earned_by(product));
    let (mut sold, mut back) = (Money::ZERO, Money::ZERO);
    for line in lines.iter().filter(|line| !line.is_free && earned_it(line.product_id)) {
        sold = sold.checked_add(line.amounts.up_to(line.pieces, line.issued)?.gross)?;
        back = back.checked_add(line.returned_amounts.gross)?;
    }
    if !sold.is_positive() {
        return Ok(Quantity::ZERO);
    }
    let due = i128::from(free.issued.pieces()) * i128::from(back.dong()) / i128::from(sold.dong());
    let due = Quantity::new(i64::try_from(due).map_err(|_| Overflow)?);
    due.checked_sub(free.returned)?.checked_sub(free.charged)
}

fn charge(
    free: &Returnable,
    missing: Quantity,
    lines: &[Returnable],
    catalogue: &BTreeMap<ProductId, CataloguePrice>,
) -> Result<FreeCharge, Overflow> {
    let listed = catalogue.get(&free.product_id).copied().unwrap_or_default();
    let price = price_sold(lines, free.product_id)?.unwrap_or(listed.price);
    let gross = price.checked_mul(missing.pieces())?;
    let rate = Percent::whole(i32::from(listed.vat_percent)).map_err(|_| Overflow)?;
    Ok(FreeCharge {
        invoice_id: free.invoice_id,
        line_no: free.line_no,
        product_id: free.product_id,
        pieces: missing,
        price,
        vat_percent: listed.vat_percent,
        amounts: Amounts {
            quantity: missing.pieces(),
            gross: gross.checked_neg()?,
            product_discount: Money::ZERO,
            order_discount: Money::ZERO,
            vat: gross.percent(rate)?.checked_neg()?,
        },
    })
}

/// What a piece of the product cost after discounts, rounded down.
fn price_sold(lines: &[Returnable], product: ProductId) -> Result<Option<Money>, Overflow> {
    let Some(line) = lines.iter().find(|line| !line.is_free && line.product_id == product) else {
        return Ok(None);
    };
    let price = line.amounts.net()?.dong().checked_div(line.pieces.pieces()).ok_or(Overflow)?;
    Ok(Some(Money::new(price)))
}
