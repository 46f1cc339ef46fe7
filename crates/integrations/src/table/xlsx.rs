//! XLSX, cell by cell: a sheet is never whole in memory.

use std::io::Cursor;

use calamine::{DataRef, Reader as _, SheetVisible, Xlsx};
use chrono::NaiveDate;

use super::{Cell, Column, FileError, Header, Intake, Row};

/// What a file may unpack to; more is a trap, not a table of 200,000 rows.
const MAX_UNPACKED: u64 = 600 * 1024 * 1024;
/// Columns beyond are not looked at.
const MAX_COLUMNS: usize = 200;

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
    let mut first_error = None;
    for sheet in sheets {
        match read_sheet(&mut workbook, &sheet, Intake::new(columns, &mut *each)) {
            Err(error @ (FileError::MissingHeaders(_) | FileError::Empty)) => {
                first_error.get_or_insert(error);
            }
            done => return done,
        }
    }
    Err(first_error.unwrap_or(FileError::Empty))
}

/// By what the archive says of itself.
fn check_unpacked_size(bytes: &[u8]) -> Result<(), FileError> {
    let mut archive = zip::ZipArchive::new(Cursor::new(bytes)).map_err(|_| FileError::BrokenXlsx)?;
    let mut size: u64 = 0;
    for at in 0..archive.len() {
        let file = archive.by_index_raw(at).map_err(|_| FileError::BrokenXlsx)?;
        size = size.saturating_add(file.size());
    }
    if size > MAX_UNPACKED { Err(FileError::TooLarge) } else { Ok(()) }
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
        if at_column >= MAX_COLUMNS {
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
