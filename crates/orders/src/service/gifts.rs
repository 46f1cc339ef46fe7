//! Gifts never run ahead of what is paid: when goods of an invoice leave in parts, at most the same part of the free
//! goods has left as of the goods of the order that earned them, by value before discounts and rounded down to whole
//! pieces. The last part takes the rest.

use std::collections::BTreeMap;

use domain::pricing::{Benefit, Explanation, is_earned_by};
use domain::{OrderId, Overflow, ProductId, PromotionId, Quantity};

use crate::invoice_error::InvoiceError;
use crate::store::LineToIssue;

/// The first free line of which more would have left than has been earned by then, and how many of its pieces may leave
/// now. `leaving` tells what leaves of each line now.
pub(super) fn ahead(
    lines: &[LineToIssue],
    leaving: &BTreeMap<i32, Quantity>,
    told: &BTreeMap<OrderId, Vec<Explanation>>,
) -> Result<Option<InvoiceError>, Overflow> {
    let done =
        |line: &LineToIssue| line.issued.checked_add(leaving.get(&line.line_no).copied().unwrap_or_default());
    for gift in lines.iter().filter(|line| leaving.contains_key(&line.line_no)) {
        let Some(promotion) = gift.gift_of else { continue };
        let told = told.get(&gift.order_id).map_or(&[][..], Vec::as_slice);
        let (mut all, mut gone) = (0_i128, 0_i128);
        let bought = |line: &&LineToIssue| line.order_id == gift.order_id && line.gift_of.is_none();
        for line in lines.iter().filter(bought) {
            if !earned(told, promotion, gift.product_id, line.product_id) {
                continue;
            }
            let (gross, pieces) = (i128::from(line.amounts.gross.dong()), i128::from(line.pieces.pieces()));
            let left = gross.checked_mul(i128::from(done(line)?.pieces())).ok_or(Overflow)?;
            all += gross;
            // Up to the next đồng: what is exactly in proportion is never refused.
            gone += left.checked_add(pieces - 1).and_then(|left| left.checked_div(pieces)).ok_or(Overflow)?;
        }
        // What earned the gifts of a part of a split order may all be with another part.
        if all <= 0 {
            continue;
        }
        let may = i128::from(gift.pieces.pieces()).checked_mul(gone).ok_or(Overflow)? / all;
        let may = Quantity::new(i64::try_from(may).map_err(|_| Overflow)?);
        if done(gift)? > may {
            let left = may.checked_sub(gift.issued)?.max(Quantity::ZERO);
            return Ok(Some(InvoiceError::GiftAhead { line_no: gift.line_no, left }));
        }
    }
    Ok(None)
}

/// Whether the product is among what earned this gift: of a promotion that gives several, by what is told of this one.
fn earned(told: &[Explanation], promotion: PromotionId, gift: ProductId, product: ProductId) -> bool {
    let mut gave = told
        .iter()
        .filter(|e| e.promotion_id == promotion)
        .filter(|e| matches!(e.benefit, Benefit::FreeGoods { product_id, .. } if product_id == gift))
        .peekable();
    match gave.peek() {
        Some(_) => gave.any(|e| e.is_earned_by(product)),
        None => is_earned_by(told, promotion, product),
    }
}
