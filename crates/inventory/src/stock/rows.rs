//! From the lines of a document to the rows of the ledger.

use domain::{LotId, Money, ProductId, Quantity, Unit};

use super::{IssueLine, ReceiveLine, StockError};

/// So much of a line in one lot.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Part {
    /// The line, by its place among the lines.
    pub line: usize,
    /// The lot.
    pub lot_id: LotId,
    /// How much of it, in pieces, above zero.
    pub pieces: Quantity,
}

/// Which way the goods go.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Way {
    In,
    Out,
}

/// A line without its lots. Quantities and values are not negative; the way gives them their sign.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Line {
    pub way: Way,
    pub product_id: ProductId,
    pub pieces: Quantity,
    pub typed_quantity: i64,
    pub unit: Unit,
    pub selling_value: Money,
    pub cost_value: Money,
    pub sold_value: Money,
}

impl From<&IssueLine> for Line {
    fn from(l: &IssueLine) -> Self {
        Line {
            way: Way::Out,
            product_id: l.product_id,
            pieces: l.pieces,
            typed_quantity: l.typed_quantity,
            unit: l.unit,
            selling_value: l.selling_value,
            cost_value: l.cost_value,
            sold_value: l.sold_value,
        }
    }
}

impl From<&ReceiveLine> for Line {
    fn from(l: &ReceiveLine) -> Self {
        Line {
            way: Way::In,
            product_id: l.product_id,
            pieces: l.pieces,
            typed_quantity: l.typed_quantity,
            unit: l.unit,
            selling_value: l.selling_value,
            cost_value: l.cost_value,
            sold_value: l.sold_value,
        }
    }
}

/// A row of the ledger, signed: negative leaves the warehouse.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct MovementRow {
    /// The line, by its place among the lines.
    pub line: usize,
    pub product_id: ProductId,
    pub lot_id: LotId,
    pub pieces: Quantity,
    pub typed_quantity: i64,
    pub unit: Unit,
    pub selling_value: Money,
    pub cost_value: Money,
    pub sold_value: Money,
}

/// One row per line and lot. A line in cases that is spread over lots can leave a lot with a part of a case: that
/// part becomes a row in pieces, so that in every row quantity = typed quantity × pieces of the unit. The values of a
/// line are shared over its rows by pieces and add up exactly.
pub(crate) fn movement_rows(lines: &[Line], parts: &[Part]) -> Result<Vec<MovementRow>, StockError> {
    let mut rows = Vec::with_capacity(parts.len());
    for (index, line) in lines.iter().enumerate() {
        let mut split: Vec<(LotId, Quantity, i64, Unit)> = Vec::new();
        let factor = factor(line)?;
        for part in parts.iter().filter(|part| part.line == index) {
            let (cases, rest) = match line.unit {
                Unit::Whole => (part.pieces.pieces() / factor, part.pieces.pieces() % factor),
                Unit::Retail => (0, part.pieces.pieces()),
            };
            if cases > 0 {
                split.push((part.lot_id, Quantity::new(cases * factor), cases, Unit::Whole));
            }
            if rest > 0 {
                split.push((part.lot_id, Quantity::new(rest), rest, Unit::Retail));
            }
        }
        let weights: Vec<Money> = split.iter().map(|(_, pieces, _, _)| Money::new(pieces.pieces())).collect();
        let selling = line.selling_value.share(&weights);
        let cost = line.cost_value.share(&weights);
        let sold = line.sold_value.share(&weights);
        for ((((lot_id, pieces, typed, unit), selling), cost), sold) in
            split.into_iter().zip(selling).zip(cost).zip(sold)
        {
            let row = MovementRow {
                line: index,
                product_id: line.product_id,
                lot_id,
                pieces,
                typed_quantity: typed,
                unit,
                selling_value: selling,
                cost_value: cost,
                sold_value: sold,
            };
            rows.push(match line.way {
                Way::In => row,
                Way::Out => row.negated()?,
            });
        }
    }
    Ok(rows)
}

/// Pieces of the unit the line was typed in.
fn factor(line: &Line) -> Result<i64, StockError> {
    let pieces = line.pieces.pieces();
    if line.typed_quantity < 1 || pieces < 1 || pieces % line.typed_quantity != 0 {
        return Err(StockError::OutOfRange);
    }
    let factor = pieces / line.typed_quantity;
    if line.unit == Unit::Retail && factor != 1 { Err(StockError::OutOfRange) } else { Ok(factor) }
}

impl MovementRow {
    /// The same the other way.
    pub fn negated(&self) -> Result<Self, StockError> {
        Ok(MovementRow {
            pieces: self.pieces.checked_neg()?,
            typed_quantity: -self.typed_quantity,
            selling_value: self.selling_value.checked_neg()?,
            cost_value: self.cost_value.checked_neg()?,
            sold_value: self.sold_value.checked_neg()?,
            ..*self
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn line(typed: i64, unit: Unit, pieces: i64) -> Line {
        Line {
            way: Way::Out,
            product_id: uuid::Uuid::from_u128(1).into(),
            pieces: Quantity::new(pieces),
            typed_quantity: typed,
            unit,
            selling_value: Money::new(100),
            cost_value: Money::new(70),
            sold_value: Money::new(91),
        }
    }

    fn part(lot: u128, pieces: i64) -> Part {
        Part { line: 0, lot_id: uuid::Uuid::from_u128(lot).into(), pieces: Quantity::new(pieces) }
    }

    #[test]
    fn a_case_that_is_split_over_lots_is_posted_in_pieces() {
        let rows = movement_rows(&[line(3, Unit::Whole, 72)], &[part(1, 50), part(2, 22)]).unwrap();
        let typed: Vec<_> = rows.iter().map(|r| (r.pieces.pieces(), r.typed_quantity, r.unit)).collect();
        assert_eq!(typed, [(-48, -2, Unit::Whole), (-2, -2, Unit::Retail), (-22, -22, Unit::Retail)]);
    }

    #[test]
    fn the_values_of_a_line_add_up_over_its_rows() {
        let rows = movement_rows(&[line(7, Unit::Retail, 7)], &[part(1, 3), part(2, 3), part(3, 1)]).unwrap();
        let sum = |value: fn(&MovementRow) -> Money| Money::sum(rows.iter().map(value)).unwrap();
        assert_eq!(sum(|r| r.selling_value), Money::new(-100));
        assert_eq!(sum(|r| r.cost_value), Money::new(-70));
        assert_eq!(sum(|r| r.sold_value), Money::new(-91));
    }

    #[test]
    fn pieces_that_are_not_a_multiple_of_what_was_typed_are_refused() {
        for wrong in [line(3, Unit::Whole, 70), line(3, Unit::Retail, 72), line(0, Unit::Whole, 0)] {
            assert!(matches!(movement_rows(&[wrong], &[]), Err(StockError::OutOfRange)));
        }
    }
}
