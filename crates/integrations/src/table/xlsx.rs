//! XLSX, cell by cell: a sheet is never whole in memory.

use std::io::Cursor;

use calamine::{DataRef, Reader as _, SheetVisible, Xlsx};
use chrono::NaiveDate;

use super::header::Columns;
use super::{Cell, Column, FileError, Header, Intake, Row};

/// What all parts of a file together may unpack to, in bytes; more is a trap, not a table of 200,000 rows.
const MAX_UNPACKED: u64 = 100 * 1024 * 1024;
/// What one part may unpack to, in bytes.
const MAX_PART: u64 = 64 * 1024 * 1024;

/// Whether the file is a zip archive, as XLSX files are.
pub fn is_xlsx(bytes: &[u8]) -> bool {
    bytes.starts_with(b"PK\x03\x04")
}

/// Reads the first visible sheet that has the headers.
pub fn read(
    bytes: &[u8],
    columns: &'static [Column],
    each: &mut dyn FnMut(Row<'_>),
) -> Result<Header, FileError> {
    check_unpacked_size(bytes)?;
    let mut workbook = Xlsx::new(Cursor::new(bytes)).map_err(|_| FileError::BrokenXlsx)?;
    let sheets: Vec<String> = workbook
        .sheets_metadata()
        .iter()
        .filter(|sheet| sheet.visible == SheetVisible::Visible)
        .map(|sheet| sheet.name.clone())
        .collect();
    let columns = Columns::of(columns);
    let mut first_error = None;
    for sheet in sheets {
        match read_sheet(&mut workbook, &sheet, Intake::new(&columns, &mut *each)) {
            Err(error @ (FileError::MissingHeaders(_) | FileError::Empty)) => {
                first_error.get_or_insert(error);
            }
            done => return done,
        }
    }
    Err(first_error.unwrap_or(FileError::Empty))
}

/// By what the archive says of itself; reading fails at the first byte beyond what is said of a part.
fn check_unpacked_size(bytes: &[u8]) -> Result<(), FileError> {
    let mut archive = zip::ZipArchive::new(Cursor::new(bytes)).map_err(|_| FileError::BrokenXlsx)?;
    let mut total: u64 = 0;
    for at in 0..archive.len() {
        let size = archive.by_index_raw(at).map_err(|_| FileError::BrokenXlsx)?.size();
        total = total.saturating_add(size);
        if size > MAX_PART || total > MAX_UNPACKED {
            return Err(FileError::TooLargeUnpacked);
        }
    }
    Ok(())
}

fn read_sheet(
    workbook: &mut Xlsx<Cursor<&[u8]>>,
    sheet: &str,
    mut intake: Intake<'_>,
) -> Result<Header, FileError> {
    let mut reader = workbook.worksheet_cells_reader(sheet).map_err(|_| FileError::BrokenXlsx)?;
    let mut row = 0;
    let mut cells: Vec<Cell> = Vec::new();
    while let Some(cell) = reader.next_cell().map_err(|_| FileError::BrokenXlsx)? {
        let (at_row, at_column) = cell.get_position();
        if at_row != row {
            intake.row(row + 1, &cells)?;
            cells.clear();
            row = at_row;
        }
        let at_column = at_column as usize;
        if at_column >= intake.width() {
            // Remarks beside the table.
            continue;
        }
        if cells.len() <= at_column {
            cells.resize(at_column + 1, Cell::Empty);
        }
        if let Some(place) = cells.get_mut(at_column) {
            *place = value(cell.get_value());
        }
    }
    intake.row(row + 1, &cells)?;
    intake.end()
}

fn value(value: &DataRef<'_>) -> Cell {
    match value {
        DataRef::Empty => Cell::Empty,
        DataRef::Int(number) => Cell::Number(*number as f64),
        DataRef::Float(number) => Cell::Number(*number),
        DataRef::String(text) => Cell::of_text(text),
        DataRef::SharedString(text) => Cell::of_text(text),
        DataRef::Bool(true) => Cell::Text("x".to_owned()),
        DataRef::Bool(false) => Cell::Empty,
        // Up to the year 9999.
        DataRef::DateTime(when) if !(0.0..2_958_466.0).contains(&when.as_f64()) => {
            Cell::Number(when.as_f64())
        }
        DataRef::DateTime(when) => {
            let (year, month, day, ..) = when.to_ymd_hms_milli();
            NaiveDate::from_ymd_opt(i32::from(year), u32::from(month), u32::from(day))
                .map_or(Cell::Number(when.as_f64()), Cell::Date)
        }
        DataRef::DateTimeIso(text) => {
            let day = text.get(..10).and_then(|day| day.parse::<NaiveDate>().ok());
            day.map_or_else(|| Cell::of_text(text), Cell::Date)
        }
        DataRef::DurationIso(text) => Cell::of_text(text),
        DataRef::Error(error) => Cell::Text(error.to_string()),
    }
}

#[cfg(test)]
mod tests {
    use std::io::{Read as _, Write as _};

    use zip::write::{SimpleFileOptions, ZipWriter};

    use super::*;

    const MB: usize = 1024 * 1024;

    /// An archive with parts of these sizes, packed small.
    fn archive(sizes: &[usize]) -> Vec<u8> {
        let mut archive = ZipWriter::new(Cursor::new(Vec::new()));
        let options = SimpleFileOptions::default().compression_method(zip::CompressionMethod::Deflated);
        for (at, size) in sizes.iter().enumerate() {
            archive.start_file(at.to_string(), options).unwrap();
            archive.write_all(&vec![b' '; *size]).unwrap();
        }
        archive.finish().unwrap().into_inner()
    }

    #[test]
    fn what_unpacks_to_more_than_a_table_needs_is_refused() {
        assert_eq!(check_unpacked_size(&archive(&[40 * MB, 59 * MB])), Ok(()));
        assert_eq!(check_unpacked_size(&archive(&[65 * MB])), Err(FileError::TooLargeUnpacked));
        assert_eq!(
            check_unpacked_size(&archive(&[40 * MB, 40 * MB, 21 * MB])),
            Err(FileError::TooLargeUnpacked)
        );
    }

    #[test]
    fn a_part_that_is_larger_than_the_archive_says_is_not_unpacked_beyond_that() {
        let mut bytes = archive(&[MB]);
        let truth = u32::try_from(MB).unwrap().to_le_bytes();
        let places: Vec<usize> =
            bytes.windows(4).enumerate().filter(|(_, w)| *w == truth).map(|(at, _)| at).collect();
        assert!(!places.is_empty());
        for at in places {
            bytes[at..at + 4].copy_from_slice(&1000_u32.to_le_bytes());
        }
        let mut archive = zip::ZipArchive::new(Cursor::new(&bytes)).unwrap();
        let mut unpacked = Vec::new();
        let outcome = archive.by_index(0).unwrap().read_to_end(&mut unpacked);
        assert!(outcome.is_err() && unpacked.len() < MB / 2, "{} bytes", unpacked.len());
    }
}
