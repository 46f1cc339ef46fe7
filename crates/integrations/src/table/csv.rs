//! CSV. A parser of our own, because the rows must have the numbers that a spreadsheet shows: blank lines count, line
//! breaks inside quotes don't.

use super::header::Columns;
use super::{Cell, FileError, HEADER_WITHIN, Header};

/// The delimiter that makes the most headers of the first rows; a comma when none does.
pub fn delimiter(text: &str, columns: &Columns) -> Result<char, FileError> {
    let mut best = (0, ',');
    for delimiter in [',', ';', '\t'] {
        let mut left = HEADER_WITHIN;
        let outcome = rows(text, delimiter, &mut |_, cells| {
            let matches = Header::of(columns, cells).matches();
            if matches > best.0 {
                best = (matches, delimiter);
            }
            left -= 1;
            // Any error ends the reading; this one is dropped below.
            if left == 0 { Err(FileError::Empty) } else { Ok(()) }
        });
        match outcome {
            Ok(()) | Err(FileError::Empty | FileError::OpenQuote(_)) => {}
            Err(other) => return Err(other),
        }
    }
    Ok(best.1)
}

/// Gets each row with its number; an error ends the reading.
type EachRow<'a> = dyn FnMut(u32, &[Cell]) -> Result<(), FileError> + 'a;

/// Gives each row to `each` with its number, blank ones too.
///
/// A quote opens only at the start of a cell; inside quotes a doubled quote is one, and line breaks belong to the cell.
pub fn rows(text: &str, delimiter: char, each: &mut EachRow<'_>) -> Result<(), FileError> {
    let mut number = 1;
    let mut cells: Vec<Cell> = Vec::new();
    let mut cell = String::new();
    // Whether the present cell began with a quote, and whether that is still open.
    let (mut quoted, mut open) = (false, false);
    let mut chars = text.chars().peekable();
    while let Some(c) = chars.next() {
        if open {
            match c {
                '"' if chars.peek() == Some(&'"') => {
                    chars.next();
                    cell.push('"');
                }
                '"' => open = false,
                _ => cell.push(c),
            }
            continue;
        }
        match c {
            '"' if cell.is_empty() && !quoted => (quoted, open) = (true, true),
            '\r' if chars.peek() == Some(&'\n') => {}
            '\n' | '\r' => {
                cells.push(Cell::of_text(&cell));
                each(number, &cells)?;
                cells.clear();
                cell.clear();
                quoted = false;
                number += 1;
            }
            c if c == delimiter => {
                cells.push(Cell::of_text(&cell));
                cell.clear();
                quoted = false;
            }
            c => cell.push(c),
        }
    }
    if open {
        return Err(FileError::OpenQuote(number));
    }
    if !cell.is_empty() || !cells.is_empty() {
        cells.push(Cell::of_text(&cell));
        each(number, &cells)?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(text: &str) -> Vec<(u32, Vec<String>)> {
        let mut all = Vec::new();
        rows(text, ',', &mut |number, cells| {
            all.push((number, cells.iter().map(|cell| cell.text().into_owned()).collect()));
            Ok(())
        })
        .unwrap();
        all
    }

    fn row(number: u32, cells: &[&str]) -> (u32, Vec<String>) {
        (number, cells.iter().map(|cell| (*cell).to_owned()).collect())
    }

    #[test]
    fn quotes_hold_commas_quotes_and_line_breaks() {
        let text = "a,\"b, \"\"c\"\"\",\"d\ne\"\r\nf,g \"h\",\n";
        assert_eq!(parse(text), [row(1, &["a", "b, \"c\"", "d\ne"]), row(2, &["f", "g \"h\"", ""])]);
    }

    #[test]
    fn every_kind_of_line_end_counts_once_and_blank_lines_count() {
        assert_eq!(
            parse("a\r\n\r\nb\rc\nd"),
            [row(1, &["a"]), row(2, &[""]), row(3, &["b"]), row(4, &["c"]), row(5, &["d"])]
        );
    }
}
