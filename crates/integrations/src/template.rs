//! Empty files to fill in.

use rust_xlsxwriter::{Color, Format, Workbook, XlsxError};

use crate::kinds::ImportKind;

/// An XLSX file with the headers of a kind; those that no file can do without stand out.
///
/// # Errors
/// When the file can't be built.
pub fn template(kind: ImportKind) -> Result<Vec<u8>, XlsxError> {
    let required = Format::new().set_bold().set_background_color(Color::RGB(0x00FF_E699));
    let optional = Format::new().set_bold();
    let mut workbook = Workbook::new();
    let sheet = workbook.add_worksheet();
    sheet.set_name(kind.as_str())?.set_freeze_panes(1, 0)?;
    for (at, column) in (0..).zip(kind.columns()) {
        let format = if column.required { &required } else { &optional };
        sheet.write_string_with_format(0, at, column.name, format)?;
        let width = u16::try_from(column.name.chars().count()).unwrap_or(20).clamp(12, 40);
        sheet.set_column_width(at, f64::from(width))?;
    }
    workbook.save_to_buffer()
}
