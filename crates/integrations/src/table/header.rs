//! Which column stands where.

use std::collections::HashMap;

use super::{Cell, MAX_COLUMNS};

/// A column that a kind of file may have.
#[derive(Debug, Clone, Copy)]
pub struct Column {
    /// As it is headed in the company's files and in our template.
    pub name: &'static str,
    /// What else it is called.
    pub aliases: &'static [&'static str],
    /// Whether no file can do without.
    pub required: bool,
}

impl Column {
    /// A column that no file can do without.
    pub const fn required(name: &'static str) -> Self {
        Column { name, aliases: &[], required: true }
    }

    /// A column that may be missing.
    pub const fn optional(name: &'static str) -> Self {
        Column { name, aliases: &[], required: false }
    }

    /// The same under these names too.
    pub const fn or(self, aliases: &'static [&'static str]) -> Self {
        Column { aliases, ..self }
    }
}

/// The columns that a kind of file may have, by the keys of their headers.
#[derive(Debug, Clone)]
pub(super) struct Columns {
    all: &'static [Column],
    by_key: HashMap<String, usize>,
}

impl Columns {
    pub(super) fn of(all: &'static [Column]) -> Self {
        let mut by_key = HashMap::new();
        for (at, column) in all.iter().enumerate() {
            for name in std::iter::once(&column.name).chain(column.aliases) {
                by_key.entry(key(name)).or_insert(at);
            }
        }
        Columns { all, by_key }
    }
}

/// Headers are alike when their letters and digits are, whatever their case, diacritics and spaces. A lone `#` is one.
fn key(text: &str) -> String {
    let key: String = domain::search_key(text).chars().filter(|c| c.is_alphanumeric()).collect();
    if key.is_empty() { text.trim().to_owned() } else { key }
}

/// The headers of a file.
#[derive(Debug, Clone)]
pub struct Header {
    columns: &'static [Column],
    positions: Vec<Option<usize>>,
    ignored: Vec<String>,
    width: usize,
}

impl Header {
    /// What this row would be as headers. Of two columns with one header the first counts.
    pub(super) fn of(columns: &Columns, cells: &[Cell]) -> Self {
        let mut positions = vec![None; columns.all.len()];
        let mut ignored = Vec::new();
        for (at, cell) in cells.iter().take(MAX_COLUMNS).enumerate() {
            let text = cell.text();
            if text.is_empty() {
                continue;
            }
            match columns.by_key.get(&key(&text)).and_then(|found| positions.get_mut(*found)) {
                Some(place @ None) => *place = Some(at),
                _ => ignored.push(text.into_owned()),
            }
        }
        let width = cells.iter().rposition(|cell| !cell.is_empty()).map_or(0, |last| last + 1);
        Header { columns: columns.all, positions, ignored, width }
    }

    /// How many cells there are up to the last header.
    pub(super) fn width(&self) -> usize {
        self.width
    }

    pub(super) fn position(&self, column: &Column) -> Option<usize> {
        let at = self.columns.iter().position(|known| known.name == column.name)?;
        self.positions.get(at).copied().flatten()
    }

    pub(super) fn matches(&self) -> usize {
        self.positions.iter().flatten().count()
    }

    pub(super) fn is_complete(&self) -> bool {
        self.missing().is_empty()
    }

    /// The required columns that are not there.
    pub(super) fn missing(&self) -> Vec<&'static str> {
        let absent =
            self.columns.iter().zip(&self.positions).filter(|(column, at)| column.required && at.is_none());
        absent.map(|(column, _)| column.name).collect()
    }

    /// Headers that nothing is done with.
    pub fn ignored(&self) -> &[String] {
        &self.ignored
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn case_spaces_and_diacritics_of_headers_do_not_matter() {
        const COLUMNS: &[Column] = &[
            Column::required("#"),
            Column::required("Mã đơn vị"),
            Column::optional("Giá"),
            Column::optional("Giá lẻ"),
            Column::optional("Email/ Fax"),
        ];
        let cells = [" # ", "MA  DON VI", "giá lẻ", "GIÁ", "Email / Fax", "Giá", "Khác"].map(Cell::of_text);
        let header = Header::of(&Columns::of(COLUMNS), &cells);
        assert_eq!(header.positions, [Some(0), Some(1), Some(3), Some(2), Some(4)]);
        assert_eq!(header.ignored(), ["Giá", "Khác"]);
        assert!(header.is_complete());
    }
}
