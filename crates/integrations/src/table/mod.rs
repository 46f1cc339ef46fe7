//! Tables in files as people make them: CSV and XLSX, with titles above the headers, headers in any order and
//! spelling, thousands separators.

mod cell;
mod csv;
mod decode;
mod header;
mod xlsx;

use header::Columns;

pub use cell::{Cell, CellError};
pub use header::{Column, Header};

/// The largest file, in bytes.
pub const MAX_BYTES: usize = 20 * 1024 * 1024;
/// The most rows.
pub const MAX_ROWS: u32 = 200_000;
/// Headers beyond are not looked at.
const MAX_COLUMNS: usize = 200;
/// Headers stand within so many rows from the top; titles may be above.
const HEADER_WITHIN: usize = 30;

/// A file that can't be read as a table of the wanted kind.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum FileError {
    /// More than [`MAX_BYTES`].
    #[error("the file is larger than 20 MB")]
    TooLarge,
    /// XLSX that unpacks to more than a table needs.
    #[error("the XLSX file unpacks to more than 100 MB, or one of its parts to more than 64 MB")]
    TooLargeUnpacked,
    /// More than [`MAX_ROWS`].
    #[error("the file has more than 200000 rows")]
    TooManyRows,
    /// Nothing in it.
    #[error("the file is empty")]
    Empty,
    /// Neither CSV in UTF-8 or UTF-16 nor XLSX.
    #[error("the file is neither UTF-8 or UTF-16 text nor XLSX")]
    NotText,
    /// The format of Excel before 2007.
    #[error("the file is an old .xls")]
    OldXls,
    /// XLSX that can't be unpacked or understood.
    #[error("the XLSX file is broken")]
    BrokenXlsx,
    /// A quote that nothing closes.
    #[error("the quote opened in row {0} is not closed")]
    OpenQuote(u32),
    /// These headers are missing; all of the required ones where none was found.
    #[error("missing headers: {}", .0.join(", "))]
    MissingHeaders(Vec<&'static str>),
}

/// A row of the table: its number as people see it in the file (the first row is 1), and its cells.
#[derive(Debug)]
pub struct Row<'a> {
    /// From 1.
    pub number: u32,
    cells: &'a [Cell],
    header: &'a Header,
}

impl Row<'_> {
    /// The cell under this column; empty when the file has no such column.
    pub fn cell(&self, column: &Column) -> &Cell {
        self.header.position(column).and_then(|at| self.cells.get(at)).unwrap_or(&Cell::Empty)
    }

    /// The first cell that something stands in beyond the last header, with its place (the first column is 1).
    pub fn surplus(&self) -> Option<(usize, &Cell)> {
        let width = self.header.width();
        let beyond = self.cells.iter().enumerate().skip(width).find(|(_, cell)| !cell.is_empty());
        beyond.map(|(at, cell)| (at + 1, cell))
    }

    /// Whether the file has this column.
    pub fn has(&self, column: &Column) -> bool {
        self.header.position(column).is_some()
    }
}

/// Reads the file and gives each row below the headers that isn't blank to `each`; tells which headers it found.
///
/// # Errors
/// [`FileError`]; rows before the failure have been given already.
pub fn read(
    bytes: &[u8],
    columns: &'static [Column],
    each: &mut dyn FnMut(Row<'_>),
) -> Result<Header, FileError> {
    if bytes.len() > MAX_BYTES {
        return Err(FileError::TooLarge);
    }
    if xlsx::is_xlsx(bytes) {
        return xlsx::read(bytes, columns, each);
    }
    if bytes.starts_with(&[0xD0, 0xCF, 0x11, 0xE0]) {
        return Err(FileError::OldXls);
    }
    let text = decode::text(bytes)?;
    let columns = Columns::of(columns);
    let delimiter = csv::delimiter(&text, &columns)?;
    let mut intake = Intake::new(&columns, each);
    csv::rows(&text, delimiter, &mut |number, cells| intake.row(number, cells))?;
    intake.end()
}

/// Finds the headers among the first rows, and passes on what is below.
struct Intake<'a> {
    columns: &'a Columns,
    each: &'a mut dyn FnMut(Row<'_>),
    header: Option<Header>,
    best: Option<Header>,
    seen: usize,
    rows: u32,
}

impl<'a> Intake<'a> {
    fn new(columns: &'a Columns, each: &'a mut dyn FnMut(Row<'_>)) -> Self {
        Intake { columns, each, header: None, best: None, seen: 0, rows: 0 }
    }

    /// How many columns matter: those up to the last header, once that is known.
    fn width(&self) -> usize {
        self.header.as_ref().map_or(MAX_COLUMNS, |header| header.width().min(MAX_COLUMNS))
    }

    fn row(&mut self, number: u32, cells: &[Cell]) -> Result<(), FileError> {
        if cells.iter().all(Cell::is_empty) {
            return Ok(());
        }
        if let Some(header) = &self.header {
            self.rows += 1;
            if self.rows > MAX_ROWS {
                return Err(FileError::TooManyRows);
            }
            (self.each)(Row { number, cells, header });
            return Ok(());
        }
        let header = Header::of(self.columns, cells);
        if header.is_complete() {
            self.header = Some(header);
            return Ok(());
        }
        if self.best.as_ref().is_none_or(|best| header.matches() > best.matches()) {
            self.best = Some(header);
        }
        self.seen += 1;
        if self.seen >= HEADER_WITHIN { Err(self.no_header()) } else { Ok(()) }
    }

    fn end(self) -> Result<Header, FileError> {
        match &self.header {
            None if self.seen == 0 => Err(FileError::Empty),
            None => Err(self.no_header()),
            Some(_) => self.header.ok_or(FileError::Empty),
        }
    }

    fn no_header(&self) -> FileError {
        let none = Header::of(self.columns, &[]);
        FileError::MissingHeaders(self.best.as_ref().unwrap_or(&none).missing())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const CODE: Column = Column::required("Mã hàng");
    const QUANTITY: Column = Column::required("Số lượng");
    const COLUMNS: &[Column] = &[CODE, QUANTITY, Column::optional("Tên hàng").or(&["Sản phẩm"])];

    type Read = (Vec<(u32, String, String)>, Vec<String>);

    fn read_text(bytes: &[u8]) -> Result<Read, FileError> {
        let mut rows = Vec::new();
        let header = read(bytes, COLUMNS, &mut |row| {
            rows.push((
                row.number,
                row.cell(&CODE).text().into_owned(),
                row.cell(&QUANTITY).text().into_owned(),
            ));
        })?;
        Ok((rows, header.ignored().to_vec()))
    }

    fn expected() -> Vec<(u32, String, String)> {
        vec![(2, "SP01".into(), "1.000".into()), (3, "SP02".into(), "5".into())]
    }

    #[test]
    fn comma_semicolon_and_tab_are_told_apart_by_the_headers() {
        for delimiter in [",", ";", "\t"] {
            let text = "Mã hàng|Số lượng|Tên hàng\nSP01|1.000|a\nSP02|5|b\n".replace('|', delimiter);
            assert_eq!(read_text(text.as_bytes()).unwrap().0, expected(), "{delimiter:?}");
        }
    }

    #[test]
    fn byte_order_marks_of_utf_8_and_utf_16_are_understood() {
        let text = "Mã hàng\tSố lượng\r\nSP01\t1.000\r\nSP02\t5\r\n";
        let utf8 = [b"\xEF\xBB\xBF", text.as_bytes()].concat();
        let little: Vec<u8> =
            [0xFF, 0xFE].into_iter().chain(text.encode_utf16().flat_map(u16::to_le_bytes)).collect();
        assert_eq!(read_text(&utf8).unwrap().0, expected());
        assert_eq!(read_text(&little).unwrap().0, expected());
    }

    #[test]
    fn titles_above_and_blank_rows_keep_the_row_numbers_of_the_file() {
        let text = "CÔNG TY ABC\n\n\"Danh mục,\nhàng\"\nSỐ LƯỢNG,ma hang,Ghi chú\n\n5,SP02,x\n,,\n6,SP03,\n";
        let (rows, ignored) = read_text(text.as_bytes()).unwrap();
        assert_eq!(rows, [(6, "SP02".into(), "5".into()), (8, "SP03".into(), "6".into())]);
        assert_eq!(ignored, ["Ghi chú"]);
    }

    #[test]
    fn missing_headers_are_named() {
        assert_eq!(
            read_text("Mã hàng,Giá\nSP01,5\n".as_bytes()),
            Err(FileError::MissingHeaders(vec!["Số lượng"]))
        );
        let none = FileError::MissingHeaders(vec!["Mã hàng", "Số lượng"]);
        assert_eq!(read_text(b"a,b\n1,2\n"), Err(none));
        assert_eq!(read_text(b""), Err(FileError::Empty));
        assert_eq!(read_text(b"\n\n,,\n"), Err(FileError::Empty));
    }

    #[test]
    fn cells_beyond_the_last_header_are_surplus_unless_they_are_empty() {
        let mut surplus = Vec::new();
        let text = "Số lượng,Mã hàng,,\n5,SP01,,\n5,SP02,thừa\n5,SP03,,,x\n";
        read(text.as_bytes(), COLUMNS, &mut |row| {
            surplus.extend(row.surplus().map(|(at, cell)| (row.number, at, cell.text().into_owned())));
        })
        .unwrap();
        assert_eq!(surplus, [(3, 3, "thừa".into()), (4, 5, "x".into())]);
    }

    #[test]
    fn reading_stops_at_the_first_row_too_many() {
        let mut text = String::from("Mã hàng,Số lượng\n");
        for _ in 0..=MAX_ROWS {
            text.push_str("a,1\n");
        }
        // Read on, this would be another error.
        text.push('"');
        assert_eq!(read_text(text.as_bytes()), Err(FileError::TooManyRows));
    }

    #[test]
    fn headers_beyond_the_limit_of_columns_are_not_looked_at() {
        let text = format!("{}Mã hàng,Số lượng\n", "x,".repeat(MAX_COLUMNS));
        let missing = FileError::MissingHeaders(vec!["Mã hàng", "Số lượng"]);
        assert_eq!(read_text(text.as_bytes()), Err(missing));
    }

    #[test]
    fn what_is_no_text_is_refused() {
        assert_eq!(read_text(b"M\xE3 h\xE0ng,S\xF4\n"), Err(FileError::NotText));
        assert_eq!(read_text(b"\xD0\xCF\x11\xE0rest"), Err(FileError::OldXls));
        assert_eq!(read_text(b"PK\x03\x04broken"), Err(FileError::BrokenXlsx));
        assert_eq!(read_text("Mã hàng,Số lượng\n\"SP01,5\n".as_bytes()), Err(FileError::OpenQuote(2)));
    }
}
