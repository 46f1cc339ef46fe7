//! Tables as Excel files, written row by row so that a long report doesn't fill the memory.

use axum::http::header::{CONTENT_DISPOSITION, CONTENT_TYPE};
use axum::http::{HeaderName, HeaderValue};
use axum::response::{IntoResponse, Response};
use chrono::{Datelike as _, NaiveDate};
use platform::{ApiError, ApiResult};
use rust_xlsxwriter::{ExcelDateTime, Format, FormatAlign, FormatBorder, Worksheet};

mod book;
mod list;

pub use book::{Book, Heading};
pub use list::{Field, List, MOST_ROWS, part, period};
/// A file can't be written: too many rows, too long a text, no place on the disk.
pub use rust_xlsxwriter::XlsxError as Error;

/// The type of an Excel file.
pub const CONTENT: &str = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet";

/// The headers of an Excel file that is downloaded under this name.
///
/// # Errors
/// 500 when the name can't stand in a header.
pub fn download_headers(file_name: &str) -> ApiResult<[(HeaderName, HeaderValue); 2]> {
    let disposition = HeaderValue::from_str(&format!("attachment; filename=\"{file_name}\""))
        .map_err(ApiError::internal)?;
    Ok([(CONTENT_TYPE, HeaderValue::from_static(CONTENT)), (CONTENT_DISPOSITION, disposition)])
}

/// A column: its header and its width in characters.
#[derive(Debug, Clone, Copy)]
pub struct Column {
    /// What stands above it.
    pub header: &'static str,
    /// In characters.
    pub width: f64,
}

/// A value in a cell.
#[derive(Debug, Clone)]
pub enum Cell {
    /// Nothing.
    Empty,
    /// Text, never read as a formula.
    Text(String),
    /// A whole number.
    Number(i64),
    /// A day.
    Date(NaiveDate),
}

/// How a row looks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Look {
    /// As it is.
    Plain,
    /// Sums: bold, shaded.
    Sum,
}

/// A table under its title.
#[derive(Debug)]
pub struct Sheet {
    /// The name of the tab, at most 31 characters.
    pub name: &'static str,
    /// What stands above the table.
    pub title: &'static str,
    /// What the table covers: period and filters.
    pub subtitle: String,
    /// The columns.
    pub columns: &'static [Column],
    /// The rows, each with as many cells as there are columns.
    pub rows: Vec<(Look, Vec<Cell>)>,
}

impl Sheet {
    /// The file as a download of this name. The work is done apart from the threads that serve requests.
    ///
    /// # Errors
    /// 500 when the file can't be written.
    pub async fn download(self, file_name: &str) -> ApiResult<Response> {
        let bytes = tokio::task::spawn_blocking(move || self.bytes())
            .await
            .map_err(ApiError::internal)?
            .map_err(ApiError::internal)?;
        Ok((download_headers(file_name)?, bytes).into_response())
    }

    fn bytes(self) -> Result<Vec<u8>, Error> {
        let mut book = Book::new();
        book.begin(self.name, Some(Heading { title: self.title, subtitle: &self.subtitle }), self.columns)?;
        for (look, cells) in &self.rows {
            book.row(*look, cells)?;
        }
        book.finish()
    }
}

/// The formats of one file.
struct Looks {
    title: Format,
    header: Format,
    plain: [Format; 3],
    sum: [Format; 3],
}

impl Looks {
    fn new() -> Self {
        let cell = Format::new().set_border(FormatBorder::Thin);
        let kinds = |base: Format| {
            [base.clone(), base.clone().set_num_format("#,##0"), base.set_num_format("dd/mm/yyyy")]
        };
        let bold = cell.clone().set_bold().set_background_color("#EEF3F8");
        Looks {
            title: Format::new().set_bold().set_font_size(14),
            header: bold
                .clone()
                .set_align(FormatAlign::Center)
                .set_align(FormatAlign::VerticalCenter)
                .set_text_wrap(),
            plain: kinds(cell),
            sum: kinds(bold),
        }
    }

    fn write(
        &self,
        sheet: &mut Worksheet,
        row: u32,
        column: u16,
        look: Look,
        cell: &Cell,
    ) -> Result<(), Error> {
        let [text, number, date] = match look {
            Look::Plain => &self.plain,
            Look::Sum => &self.sum,
        };
        match cell {
            Cell::Empty => sheet.write_blank(row, column, text)?,
            // As a string, never as a formula: a name that begins with "=" stays a name.
            Cell::Text(value) => sheet.write_string_with_format(row, column, value, text)?,
            Cell::Number(value) => sheet.write_with_format(row, column, *value, number)?,
            // Excel knows no days outside of these years; such a date is shown as it is written.
            Cell::Date(value) if !(1900..=9999).contains(&value.year()) => {
                sheet.write_string_with_format(row, column, value.to_string(), text)?
            }
            Cell::Date(value) => {
                let value = ExcelDateTime::parse_from_str(&value.format("%Y-%m-%d").to_string())?;
                sheet.write_datetime_with_format(row, column, value, date)?
            }
        };
        Ok(())
    }
}
