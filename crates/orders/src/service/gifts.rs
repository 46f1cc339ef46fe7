//! Gifts never run ahead of what is paid: when goods of an invoice leave in parts, at most the same part of the free
//! goods has left as of the goods of the order that earned them, by value before discounts and rounded down to whole
//! pieces. The last part takes the rest.

use std::collections::BTreeMap;

use domain::pricing::{Explanation, is_earned_by};
use domain::{Money, OrderId, Overflow, PromotionId, Quantity};

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
        let (mut all, mut gone) = (Money::ZERO, Money::ZERO);
        for line in lines.iter().filter(|line| earned(line, gift.order_id, promotion, told)) {
            all = all.checked_add(line.amounts.gross)?;
            gone = gone.checked_add(line.amounts.up_to(line.pieces, done(line)?)?.gross)?;
        }
        // What earned the gifts of a part of a split order may all be with another part.
        if !all.is_positive() {
            continue;
        }
        let may = i128::from(gift.pieces.pieces()) * i128::from(gone.dong()) / i128::from(all.dong());
        let may = Quantity::new(i64::try_from(may).map_err(|_| Overflow)?);
        if done(gift)? > may {
            let left = may.checked_sub(gift.issued)?.max(Quantity::ZERO);
            return Ok(Some(InvoiceError::GiftAhead { line_no: gift.line_no, left }));
        }
    }
    Ok(None)
}

fn earned(line: &LineToIssue, order: OrderId, promotion: PromotionId, told: &[Explanation]) -> bool {
    line.order_id == order && line.gift_of.is_none() && is_earned_by(told, promotion, line.product_id)
}
