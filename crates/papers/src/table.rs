use domain::{Money, Quantity};

/// A column, besides that of the lines' numbers, which every table has.
#[derive(Debug, Clone, Copy)]
pub struct Column {
    pub(crate) header: &'static str,
    pub(crate) group: Option<&'static str>,
    pub(crate) kind: Kind,
}

/// How a column's cells are set.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    /// To the left, over several lines where it must.
    Text,
    /// Short, on one line.
    Code,
    /// To the right, on one line.
    Number,
}

impl Column {
    /// Of text.
    pub const fn text(header: &'static str) -> Self {
        Column { header, group: None, kind: Kind::Text }
    }

    /// Of codes, units and days: short text that isn't broken.
    pub const fn code(header: &'static str) -> Self {
        Column { header, group: None, kind: Kind::Code }
    }

    /// Of quantities and amounts.
    pub const fn number(header: &'static str) -> Self {
        Column { header, group: None, kind: Kind::Number }
    }

    /// Together with its neighbours under one header.
    pub const fn under(self, group: &'static str) -> Self {
        Column { group: Some(group), ..self }
    }
}

/// What stands in a cell.
#[derive(Debug, Clone)]
pub enum Cell {
    /// Nothing.
    Empty,
    /// Words.
    Text(String),
    /// A quantity or an amount, written with dots between the thousands.
    Number(i64),
}

impl Cell {
    /// The price of a unit, where there is one: a part of a case may have none in whole đồng.
    pub fn unit_price(value: Money, quantity: i64) -> Self {
        match value.dong().checked_rem(quantity) {
            Some(0) => Cell::Number(value.dong() / quantity),
            _ => Cell::Empty,
        }
    }
}

impl From<String> for Cell {
    fn from(text: String) -> Self {
        Cell::Text(text)
    }
}

impl From<&str> for Cell {
    fn from(text: &str) -> Self {
        Cell::Text(text.to_owned())
    }
}

impl From<i64> for Cell {
    fn from(number: i64) -> Self {
        Cell::Number(number)
    }
}

impl From<Money> for Cell {
    fn from(amount: Money) -> Self {
        Cell::Number(amount.dong())
    }
}

impl From<Quantity> for Cell {
    fn from(quantity: Quantity) -> Self {
        Cell::Number(quantity.pieces())
    }
}

impl<T: Into<Cell>> From<Option<T>> for Cell {
    fn from(value: Option<T>) -> Self {
        value.map_or(Cell::Empty, Into::into)
    }
}

/// A row under the lines.
#[derive(Debug, Clone)]
pub struct Sum {
    /// Of what.
    pub label: String,
    /// The figures of the last columns.
    pub values: Vec<Cell>,
    /// Whether it is the one that counts.
    pub strong: bool,
}

impl Sum {
    /// A figure on the way.
    pub fn of(label: impl Into<String>, value: impl Into<Cell>) -> Self {
        Sum { label: label.into(), values: vec![value.into()], strong: false }
    }

    /// The one that counts.
    pub fn total(label: impl Into<String>, value: impl Into<Cell>) -> Self {
        Sum { strong: true, ..Self::of(label, value) }
    }
}

/// The lines of a document.
#[derive(Debug, Clone, Default)]
pub struct Table {
    /// Its columns, besides the lines' numbers.
    pub columns: &'static [Column],
    /// Its lines, a cell per column.
    pub rows: Vec<Vec<Cell>>,
    /// What stands under them.
    pub sums: Vec<Sum>,
}
