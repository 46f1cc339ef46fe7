use chrono::NaiveDate;
use rust_xlsxwriter::{DocProperties, ExcelDateTime, Workbook, XlsxError};

use crate::{Cell, Column, Look, Looks};

/// What stands above a table.
#[derive(Debug, Clone, Copy)]
pub struct Heading<'a> {
    /// What it is.
    pub title: &'a str,
    /// What it covers.
    pub subtitle: &'a str,
}

/// An Excel file of one or more tables, each on a sheet of its own, written one after the other. Rows go to the disk as they
/// come: what they take in memory doesn't grow.
pub struct Book {
    workbook: Workbook,
    looks: Looks,
    /// The sheet that is being written; none before the first.
    sheet: Option<usize>,
    /// Its next row.
    next: u32,
}

impl std::fmt::Debug for Book {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Book").field("sheet", &self.sheet).field("next", &self.next).finish_non_exhaustive()
    }
}

impl Book {
    /// An empty one, made now.
    #[expect(clippy::new_without_default, reason = "no two are the same: it holds the time it is made at")]
    pub fn new() -> Book {
        Book { workbook: Workbook::new(), looks: Looks::new(), sheet: None, next: 0 }
    }

    /// An empty one that says it was made on this day, so that the same rows are the same bytes.
    ///
    /// # Errors
    /// When Excel doesn't know the day.
    pub fn made_on(day: NaiveDate) -> Result<Book, XlsxError> {
        let mut book = Book::new();
        let day = ExcelDateTime::parse_from_str(&day.format("%Y-%m-%d").to_string())?;
        book.workbook.set_properties(&DocProperties::new().set_creation_datetime(&day));
        Ok(book)
    }

    /// Begins the next sheet. Without a heading the columns' headers are in the first row, as programs expect them.
    ///
    /// # Errors
    /// When the name is too long or there twice, or the disk is full.
    pub fn begin(
        &mut self,
        name: &str,
        heading: Option<Heading<'_>>,
        columns: &[Column],
    ) -> Result<(), XlsxError> {
        let header_row = if heading.is_some() { 3 } else { 0 };
        let sheet = self.workbook.add_worksheet_with_constant_memory()?;
        sheet.set_name(name)?;
        sheet.set_freeze_panes(header_row + 1, 0)?;
        sheet.set_landscape();
        sheet.set_print_fit_to_pages(1, 0);
        sheet.set_repeat_rows(header_row, header_row)?;
        for (at, column) in (0_u16..).zip(columns) {
            sheet.set_column_width(at, column.width)?;
        }
        if let Some(Heading { title, subtitle }) = heading {
            sheet.write_string_with_format(0, 0, title, &self.looks.title)?;
            sheet.write_string(1, 0, subtitle)?;
        }
        for (at, column) in (0_u16..).zip(columns) {
            sheet.write_string_with_format(header_row, at, column.header, &self.looks.header)?;
        }
        self.sheet = Some(self.sheet.map_or(0, |sheet| sheet + 1));
        self.next = header_row + 1;
        Ok(())
    }

    /// Adds a row to the sheet that was begun last.
    ///
    /// # Errors
    /// When no sheet was begun, it is full, a text is too long for a cell, or the disk is full.
    pub fn row(&mut self, look: Look, cells: &[Cell]) -> Result<(), XlsxError> {
        let sheet = self.sheet.ok_or_else(|| XlsxError::ParameterError("no sheet was begun".to_owned()))?;
        let sheet = self.workbook.worksheet_from_index(sheet)?;
        for (column, cell) in (0_u16..).zip(cells) {
            self.looks.write(sheet, self.next, column, look, cell)?;
        }
        self.next += 1;
        Ok(())
    }

    /// The file.
    ///
    /// # Errors
    /// When it can't be put together.
    pub fn finish(mut self) -> Result<Vec<u8>, XlsxError> {
        self.workbook.save_to_buffer()
    }
}
