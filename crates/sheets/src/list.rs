use axum::response::{IntoResponse as _, Response};
use chrono::NaiveDate;
use platform::{ApiError, ApiResult, ListFormat, Page};

use crate::{Book, Cell, Column, Error, Heading, Look, download_headers};

/// The most rows of a list in a file.
pub const MOST_ROWS: i64 = 20_000;

/// What of a row stands in a column.
#[derive(Debug, Clone, Copy)]
enum Content<T> {
    Text(fn(&T) -> String),
    Day(fn(&T) -> Option<NaiveDate>),
    Number(fn(&T) -> i64),
    /// Summed under the rows.
    Amount(fn(&T) -> i64),
}

/// A column of a list.
#[derive(Debug, Clone, Copy)]
pub struct Field<T> {
    column: Column,
    content: Content<T>,
}

impl<T> Field<T> {
    /// Text, with a width in characters.
    pub const fn text(header: &'static str, width: f64, text: fn(&T) -> String) -> Self {
        Field { column: Column { header, width }, content: Content::Text(text) }
    }

    /// A day, or none.
    pub const fn day(header: &'static str, day: fn(&T) -> Option<NaiveDate>) -> Self {
        Field { column: Column { header, width: 12.0 }, content: Content::Day(day) }
    }

    /// A whole number.
    pub const fn number(header: &'static str, number: fn(&T) -> i64) -> Self {
        Field { column: Column { header, width: 12.0 }, content: Content::Number(number) }
    }

    /// Money in đồng, or whatever else is summed under the rows.
    pub const fn amount(header: &'static str, amount: fn(&T) -> i64) -> Self {
        Field { column: Column { header, width: 18.0 }, content: Content::Amount(amount) }
    }

    fn cell(&self, row: &T) -> Cell {
        match self.content {
            Content::Text(text) => Cell::Text(text(row)),
            Content::Day(day) => day(row).map_or(Cell::Empty, Cell::Date),
            Content::Number(number) | Content::Amount(number) => Cell::Number(number(row)),
        }
    }

    /// The sum of the rows; nothing for what isn't summed, or when it is out of range.
    fn sum(&self, rows: &[T]) -> Cell {
        match self.content {
            Content::Amount(amount) => rows
                .iter()
                .try_fold(0_i64, |sum, row| sum.checked_add(amount(row)))
                .map_or(Cell::Empty, Cell::Number),
            _ => Cell::Empty,
        }
    }
}

/// A list as people read it: all that its filter finds, with sums, in an Excel file.
#[derive(Debug, Clone, Copy)]
pub struct List<T: 'static> {
    /// The name of the tab, at most 31 characters.
    pub name: &'static str,
    /// What stands above it.
    pub title: &'static str,
    /// How the file's name begins; the day follows.
    pub file: &'static str,
    /// The columns.
    pub fields: &'static [Field<T>],
}

/// The rows that are read for an answer: those of the page, or all for a file.
pub fn part(format: ListFormat, page: Page) -> Page {
    match format {
        ListFormat::Json => page,
        ListFormat::Xlsx => page.whole(MOST_ROWS),
    }
}

/// The days that a list covers, in words.
pub fn period(from: Option<NaiveDate>, to: Option<NaiveDate>) -> String {
    let day =
        |day: Option<NaiveDate>| day.map_or_else(|| "…".to_owned(), |d| d.format("%d/%m/%Y").to_string());
    format!("Từ ngày {} đến ngày {}", day(from), day(to))
}

impl<T> List<T> {
    /// The file as a download that was made on this day. The work is done apart from the threads that serve requests.
    ///
    /// # Errors
    /// 422 when the filter finds more than a file holds; 500 when the file can't be written.
    pub async fn file(
        &self,
        rows: &[T],
        total: i64,
        subtitle: String,
        today: NaiveDate,
    ) -> ApiResult<Response> {
        if total > MOST_ROWS {
            return Err(ApiError::unprocessable(
                "lists.too_many_rows",
                format!(
                    "Có {total} dòng, tệp Excel chứa tối đa {MOST_ROWS}. Hãy thu hẹp bộ lọc, ví dụ khoảng ngày ngắn hơn."
                ),
                format!(
                    "There are {total} rows; a file holds {MOST_ROWS}. Narrow the filter, to a shorter period for one."
                ),
            ));
        }
        let (name, title) = (self.name, self.title);
        let columns: Vec<Column> = self.fields.iter().map(|field| field.column).collect();
        let mut sums: Vec<Cell> = self.fields.iter().map(|field| field.sum(rows)).collect();
        let cells: Vec<Vec<Cell>> =
            rows.iter().map(|row| self.fields.iter().map(|field| field.cell(row)).collect()).collect();
        let bytes = tokio::task::spawn_blocking(move || -> Result<Vec<u8>, Error> {
            let mut book = Book::new();
            book.begin(name, Some(Heading { title, subtitle: &subtitle }), &columns)?;
            for row in &cells {
                book.row(Look::Plain, row)?;
            }
            if sums.iter().any(|sum| matches!(sum, Cell::Number(_))) {
                if let Some(first @ Cell::Empty) = sums.first_mut() {
                    *first = Cell::Text("Tổng cộng".to_owned());
                }
                book.row(Look::Sum, &sums)?;
            }
            book.finish()
        })
        .await
        .map_err(ApiError::internal)?
        .map_err(ApiError::internal)?;
        Ok((download_headers(&format!("{}-{today}.xlsx", self.file))?, bytes).into_response())
    }
}
