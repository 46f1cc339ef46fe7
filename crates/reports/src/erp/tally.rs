use std::collections::BTreeMap;
use std::fmt::Write as _;

use adapters::blob::BlobId;
use sha2::{Digest as _, Sha256};
use sheets::Cell;

use super::ErpError;

/// Rows counted, summed and hashed.
#[derive(Debug, Clone)]
pub(super) struct Part<const N: usize> {
    pub rows: i64,
    pub sums: [i64; N],
    hash: Sha256,
}

impl<const N: usize> Default for Part<N> {
    fn default() -> Self {
        Part { rows: 0, sums: [0; N], hash: Sha256::new() }
    }
}

impl<const N: usize> Part<N> {
    fn add(&mut self, line: &str, figures: &[i64; N]) -> Result<(), ErpError> {
        self.rows = self.rows.checked_add(1).ok_or(ErpError::OutOfRange)?;
        for (sum, figure) in self.sums.iter_mut().zip(figures) {
            *sum = sum.checked_add(*figure).ok_or(ErpError::OutOfRange)?;
        }
        self.hash.update(line.as_bytes());
        Ok(())
    }

    /// The SHA-256 over the rows.
    pub fn fingerprint(&self) -> String {
        let digest = self.hash.clone().finalize();
        let mut text = String::with_capacity(64);
        for byte in digest {
            // Writing to a String can't fail.
            let _ = write!(text, "{byte:02x}");
        }
        text
    }
}

/// The control totals of a sheet: of each distributor, by its code, and of all.
#[derive(Debug)]
pub(super) struct Tally<const N: usize> {
    pub whole: Part<N>,
    pub parts: BTreeMap<String, (String, Part<N>)>,
}

impl<const N: usize> Tally<N> {
    pub fn new() -> Self {
        Tally { whole: Part::default(), parts: BTreeMap::new() }
    }

    /// Adds a row: its cells as they are in the file, and its figures to sum.
    pub fn add(
        &mut self,
        distributor: (&str, &str),
        cells: &[Cell],
        figures: &[i64; N],
    ) -> Result<(), ErpError> {
        let line = line(cells);
        self.whole.add(&line, figures)?;
        let (code, name) = distributor;
        if !self.parts.contains_key(code) {
            self.parts.insert(code.to_owned(), (name.to_owned(), Part::default()));
        }
        if let Some((_, part)) = self.parts.get_mut(code) {
            part.add(&line, figures)?;
        }
        Ok(())
    }
}

/// A row as it is hashed: its cells with a tab between them and a line feed at the end; numbers in decimal, days as YYYY-MM-DD.
fn line(cells: &[Cell]) -> String {
    let mut line = String::with_capacity(256);
    for (at, cell) in cells.iter().enumerate() {
        if at > 0 {
            line.push('\t');
        }
        // Writing to a String can't fail.
        let _ = match cell {
            Cell::Empty => Ok(()),
            Cell::Text(text) => line.write_str(text),
            Cell::Number(number) => write!(line, "{number}"),
            Cell::Date(day) => write!(line, "{day}"),
        };
    }
    line.push('\n');
    line
}

/// The fingerprint of a file: the SHA-256 over those of its two sheets, each with a line feed at its end.
pub(super) fn fingerprint_of(sales: &str, stock: &str) -> String {
    BlobId::of(format!("{sales}\n{stock}\n").as_bytes()).as_str().to_owned()
}
