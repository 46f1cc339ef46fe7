//! What a part of an invoice's line amounts to.

use domain::{Money, Overflow, Quantity};

/// The figures of a line, or of a part of it.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Amounts {
    /// In the unit of the line.
    pub quantity: i64,
    /// Before discounts.
    pub gross: Money,
    /// The line's own discount.
    pub product_discount: Money,
    /// Its share of the order's discount.
    pub order_discount: Money,
    /// VAT.
    pub vat: Money,
}

impl Amounts {
    /// What `now` pieces amount to after `before` of the line's `of` pieces: of each figure what is due up to and with
    /// them, rounded down, less what was due before. So the parts of a line add up to the line, whatever their sizes,
    /// and the last one takes what rounding left.
    ///
    /// # Errors
    /// [`Overflow`] when a figure is out of range, or the line has no pieces.
    pub fn part(&self, of: Quantity, before: Quantity, now: Quantity) -> Result<Amounts, Overflow> {
        self.up_to(of, before.checked_add(now)?)?.less(&self.up_to(of, before)?)
    }

    /// What the first `done` of the line's `of` pieces amount to: the net value, the discounts and the VAT rounded down, and
    /// the gross what these come to, so that no part of a line is worth less than nothing.
    ///
    /// # Errors
    /// As [`Amounts::part`].
    pub fn up_to(&self, of: Quantity, done: Quantity) -> Result<Amounts, Overflow> {
        let of = i128::from(of.pieces());
        let share = |figure: i64| {
            let product = i128::from(figure) * i128::from(done.pieces());
            product.checked_div(of).and_then(|share| i64::try_from(share).ok()).ok_or(Overflow)
        };
        let money = |figure: Money| share(figure.dong()).map(Money::new);
        let (product_discount, order_discount) = (money(self.product_discount)?, money(self.order_discount)?);
        Ok(Amounts {
            quantity: share(self.quantity)?,
            gross: money(self.net()?)?.checked_add(product_discount)?.checked_add(order_discount)?,
            product_discount,
            order_discount,
            vat: money(self.vat)?,
        })
    }

    /// `self − other`.
    ///
    /// # Errors
    /// [`Overflow`].
    pub fn less(&self, other: &Amounts) -> Result<Amounts, Overflow> {
        Ok(Amounts {
            quantity: self.quantity.checked_sub(other.quantity).ok_or(Overflow)?,
            gross: self.gross.checked_sub(other.gross)?,
            product_discount: self.product_discount.checked_sub(other.product_discount)?,
            order_discount: self.order_discount.checked_sub(other.order_discount)?,
            vat: self.vat.checked_sub(other.vat)?,
        })
    }

    /// Before VAT.
    ///
    /// # Errors
    /// [`Overflow`].
    pub fn net(&self) -> Result<Money, Overflow> {
        self.gross.checked_sub(self.product_discount)?.checked_sub(self.order_discount)
    }

    /// With VAT.
    ///
    /// # Errors
    /// [`Overflow`].
    pub fn total(&self) -> Result<Money, Overflow> {
        self.net()?.checked_add(self.vat)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const LINE: Amounts = Amounts {
        quantity: 3,
        gross: Money::new(100_000),
        product_discount: Money::new(3_333),
        order_discount: Money::new(1_001),
        vat: Money::new(7_653),
    };

    #[test]
    fn the_parts_of_a_line_add_up_to_it_whatever_their_sizes() {
        let of = Quantity::new(7);
        for cut in 0..=7 {
            let parts = [(0, cut), (cut, 7 - cut)]
                .map(|(before, now)| LINE.part(of, Quantity::new(before), Quantity::new(now)).unwrap());
            assert_eq!(LINE.less(&parts[0]).unwrap(), parts[1]);
            let totals = parts.iter().map(|part| part.total().unwrap());
            assert_eq!(Money::sum(totals).unwrap(), LINE.total().unwrap());
        }
    }

    #[test]
    fn no_part_of_a_line_is_worth_less_than_nothing() {
        // Half off twice: nothing is left to pay.
        let line = Amounts {
            quantity: 7,
            gross: Money::new(100),
            product_discount: Money::new(50),
            order_discount: Money::new(50),
            vat: Money::ZERO,
        };
        for before in 0..7 {
            for now in 1..=7 - before {
                let part = line.part(Quantity::new(7), Quantity::new(before), Quantity::new(now)).unwrap();
                assert_eq!(part.total(), Ok(Money::ZERO), "{now} after {before}");
            }
        }
    }

    #[test]
    fn a_line_without_pieces_has_no_parts() {
        assert_eq!(LINE.part(Quantity::ZERO, Quantity::ZERO, Quantity::ZERO), Err(Overflow));
    }
}
