//! The cells of one row as values; what is wrong is noted with row, column and value.

use std::collections::BTreeMap;
use std::ops::RangeInclusive;

use chrono::NaiveDate;
use domain::Coordinates;
use platform::RowError;

use crate::table::{Cell, CellError, Column, Row};

/// The most an amount of money may be, in đồng: far above any real one, far below overflow.
pub const MAX_MONEY: i64 = 1_000_000_000_000;

/// Reads the cells of a row.
pub struct Fields<'a> {
    row: &'a Row<'a>,
    errors: &'a mut Vec<RowError>,
    wrong: bool,
}

impl<'a> Fields<'a> {
    /// Of this row; what is wrong goes to `errors`.
    pub fn of(row: &'a Row<'a>, errors: &'a mut Vec<RowError>) -> Self {
        Fields { row, errors, wrong: false }
    }

    /// The value if no cell of the row was wrong.
    pub fn done<T>(self, value: T) -> Option<T> {
        if self.wrong { None } else { Some(value) }
    }

    /// The row's number.
    pub fn number(&self) -> u32 {
        self.row.number
    }

    /// Notes what is wrong with a cell.
    pub fn wrong(&mut self, column: &Column, vi: impl Into<String>, en: impl Into<String>) {
        self.wrong = true;
        let value = self.row.cell(column).text().chars().take(200).collect::<String>();
        self.errors.push(RowError::new(self.row.number, column.name, value, vi.into(), en.into()));
    }

    fn refused<T>(&mut self, column: &Column, result: Result<Option<T>, CellError>) -> Option<T> {
        result.unwrap_or_else(|e| {
            let (vi, en) = e.reason();
            self.wrong(column, vi, en);
            None
        })
    }

    /// The text; none when the cell is empty or the file has no such column.
    pub fn text(&mut self, column: &Column, max: usize) -> Option<String> {
        let text = self.row.cell(column).text().into_owned();
        if text.chars().count() > max {
            self.wrong(column, format!("Tối đa {max} ký tự"), format!("At most {max} characters"));
        }
        if text.chars().any(|c| c.is_control() && !matches!(c, '\n' | '\r' | '\t')) {
            self.wrong(column, "Có ký tự không hợp lệ", "Has a character that is not allowed");
        }
        (!text.is_empty()).then_some(text)
    }

    /// The text on one line: line breaks become blanks.
    pub fn line(&mut self, column: &Column, max: usize) -> Option<String> {
        self.text(column, max).map(|text| text.split_whitespace().collect::<Vec<_>>().join(" "))
    }

    /// The text, which must be there.
    pub fn required(&mut self, column: &Column, max: usize) -> String {
        self.line(column, max).unwrap_or_else(|| {
            self.wrong(column, "Bắt buộc", "Required");
            String::new()
        })
    }

    /// A whole number in the range.
    pub fn whole(&mut self, column: &Column, range: RangeInclusive<i64>) -> Option<i64> {
        let number = self.refused(column, self.row.cell(column).whole(false));
        self.within(column, number, range)
    }

    /// An amount of đồng; a fraction is rounded half up, since spreadsheets compute with fractions.
    pub fn money(&mut self, column: &Column) -> Option<i64> {
        let number = self.refused(column, self.row.cell(column).whole(true));
        self.within(column, number, 0..=MAX_MONEY)
    }

    fn within(&mut self, column: &Column, number: Option<i64>, range: RangeInclusive<i64>) -> Option<i64> {
        if number.is_some_and(|number| !range.contains(&number)) {
            let (low, high) = (range.start(), range.end());
            self.wrong(column, format!("Phải từ {low} đến {high}"), format!("Must be {low} to {high}"));
        }
        number
    }

    /// A date.
    pub fn date(&mut self, column: &Column) -> Option<NaiveDate> {
        self.refused(column, self.row.cell(column).date())
    }

    /// A birthday; one that is not whole is none.
    pub fn birthday(&mut self, column: &Column) -> Option<NaiveDate> {
        self.refused(column, self.row.cell(column).birthday())
    }

    /// Whether the cell is marked; none when the file has no such column.
    pub fn flag(&mut self, column: &Column) -> Option<bool> {
        if !self.row.has(column) {
            return None;
        }
        self.refused(column, self.row.cell(column).flag().map(Some))
    }

    /// Like [`Fields::flag`], but an empty cell says nothing: a lock isn't lifted by leaving it out.
    pub fn lock(&mut self, column: &Column) -> Option<bool> {
        match self.row.cell(column) {
            Cell::Empty => None,
            _ => self.flag(column),
        }
    }

    /// A percentage of VAT: `8`, `8%`, or a spreadsheet's 0.08. Goods that are not taxed have 0.
    pub fn vat(&mut self, column: &Column) -> Option<i16> {
        let percent = match self.row.cell(column) {
            Cell::Empty => return None,
            Cell::Number(number) if *number > 0.0 && *number < 1.0 => Some((number * 100.0).round() as i64),
            cell @ (Cell::Number(_) | Cell::Date(_)) => cell.whole(false).ok().flatten(),
            Cell::Text(text) => match domain::search_key(text).as_str() {
                "kct" | "khong chiu thue" | "kkknt" => Some(0),
                _ => Cell::of_text(text.trim_end_matches('%')).whole(false).ok().flatten(),
            },
        };
        let percent = percent.and_then(|p| i16::try_from(p).ok()).filter(|p| matches!(p, 0 | 5 | 8 | 10));
        if percent.is_none() {
            self.wrong(column, "VAT phải là 0, 5, 8 hoặc 10", "VAT must be 0, 5, 8 or 10");
        }
        percent
    }

    /// A place by two columns; empty cells and zeros are no place.
    pub fn place(&mut self, latitude: &Column, longitude: &Column) -> Option<Coordinates> {
        let north = self.refused(latitude, self.row.cell(latitude).decimal()).filter(|n| *n != 0.0);
        let east = self.refused(longitude, self.row.cell(longitude).decimal()).filter(|n| *n != 0.0);
        match (north, east) {
            (Some(north), Some(east)) => match Coordinates::new(north, east) {
                Ok(place) => Some(place),
                Err(e) => {
                    let column = match e {
                        domain::geo::InvalidCoordinates::Latitude(_) => latitude,
                        domain::geo::InvalidCoordinates::Longitude(_) => longitude,
                    };
                    self.wrong(column, "Tọa độ không hợp lệ", e.to_string());
                    None
                }
            },
            (None, None) => None,
            (missing, _) if !self.wrong => {
                let column = if missing.is_none() { latitude } else { longitude };
                self.wrong(column, "Cần cả vĩ độ và kinh độ", "Both latitude and longitude are needed");
                None
            }
            _ => None,
        }
    }

    /// One of several meanings, each of which may be written in several ways (as search keys).
    pub fn choice<T: Copy>(&mut self, column: &Column, meanings: &[(T, &[&str])]) -> Option<T> {
        let text = self.line(column, 200)?;
        let key = domain::search_key(&text);
        let found =
            meanings.iter().find(|(_, ways)| ways.contains(&key.as_str())).map(|(meaning, _)| *meaning);
        if found.is_none() {
            self.wrong(column, "Giá trị không hợp lệ", "Not a known value");
        }
        found
    }

    /// Whether it is in use, in one of the many words that files have for it.
    pub fn standing(&mut self, column: &Column) -> Option<Standing> {
        self.parsed(
            column,
            standing,
            "Ghi Hoạt động, Chờ duyệt hoặc Ngừng hoạt động",
            "Write Active, Pending or Inactive",
        )
    }

    /// What `parse` makes of the text; `vi` and `en` say how to write it.
    pub fn parsed<T>(
        &mut self,
        column: &Column,
        parse: impl Fn(&str) -> Option<T>,
        vi: &'static str,
        en: &'static str,
    ) -> Option<T> {
        let text = self.line(column, 200)?;
        let value = parse(&text);
        if value.is_none() {
            self.wrong(column, vi, en);
        }
        value
    }

    /// Notes that something must stand in the cell, unless it was refused already.
    pub fn missing(&mut self, column: &Column) {
        if self.row.cell(column).is_empty() {
            self.wrong(column, "Bắt buộc", "Required");
        }
    }

    /// A text that errors don't show.
    pub fn secret(&mut self, column: &Column) -> Option<String> {
        let text = self.row.cell(column).text().into_owned();
        (!text.is_empty()).then_some(text)
    }

    /// A telephone number as it is dialled; what is none (two numbers, a remark) stays as it was typed.
    pub fn phone(&mut self, column: &Column) -> Option<String> {
        let typed = self.line(column, 100)?;
        Some(domain::text::normalise_phone(&typed).unwrap_or(typed))
    }
}

/// Whether an outlet, a distributor or a user is in use.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Standing {
    /// In use.
    Active,
    /// Not yet approved.
    Pending,
    /// No longer in use, or refused.
    Inactive,
}

fn standing(text: &str) -> Option<Standing> {
    match domain::search_key(text).as_str() {
        "1" | "active" | "hoat dong" | "dang hoat dong" | "kich hoat" | "da kich hoat" | "da duyet"
        | "mo" | "mo cua" => Some(Standing::Active),
        "pending" | "cho duyet" | "chua duyet" | "moi" => Some(Standing::Pending),
        "0"
        | "inactive"
        | "khong hoat dong"
        | "tam ngung"
        | "tam ngung hoat dong"
        | "dong"
        | "dong cua"
        | "khoa"
        | "da khoa"
        | "tu choi" => Some(Standing::Inactive),
        key if key.split(' ').next() == Some("ngung") => Some(Standing::Inactive),
        _ => None,
    }
}

/// Takes out the rows whose key another row has too, and reports each of them.
pub fn drop_duplicates<T>(
    rows: &mut Vec<T>,
    column: &Column,
    number: impl Fn(&T) -> u32,
    key: impl Fn(&T) -> Option<String>,
    errors: &mut Vec<RowError>,
) {
    let mut places: BTreeMap<String, Vec<u32>> = BTreeMap::new();
    for row in rows.iter() {
        if let Some(key) = key(row) {
            places.entry(key).or_default().push(number(row));
        }
    }
    places.retain(|_, numbers| numbers.len() > 1);
    if places.is_empty() {
        return;
    }
    for (key, numbers) in &places {
        for own in numbers {
            let others: Vec<String> =
                numbers.iter().filter(|n| *n != own).take(5).map(u32::to_string).collect();
            let others = others.join(", ");
            errors.push(RowError::new(
                *own,
                column.name,
                key.clone(),
                format!("Trùng với dòng {others}"),
                format!("The same as in row {others}"),
            ));
        }
    }
    rows.retain(|row| key(row).is_none_or(|key| !places.contains_key(&key)));
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_words_of_real_files_for_a_status_are_understood() {
        for (meaning, words) in [
            (
                Standing::Active,
                &["Hoạt động", "Đã duyệt", "Mở", "Mở cửa", "ĐANG HOẠT ĐỘNG", "Kích hoạt", "Active", "1"][..],
            ),
            (Standing::Pending, &["Chờ duyệt", "Mới", "Pending"]),
            (
                Standing::Inactive,
                &[
                    "Ngừng",
                    "Ngừng hoạt động",
                    "Ngưng giao dịch",
                    "Đóng",
                    "Đóng cửa",
                    "Khóa",
                    "Khoá",
                    "Đã khóa",
                    "Từ chối",
                    "Inactive",
                    "0",
                ],
            ),
        ] {
            for word in words {
                assert_eq!(standing(word), Some(meaning), "{word}");
            }
        }
        for word in ["Có lẽ", "Đồng ý", "2"] {
            assert_eq!(standing(word), None, "{word}");
        }
    }
}
