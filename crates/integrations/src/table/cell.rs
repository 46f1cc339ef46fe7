//! A cell, and how its text is understood.

use std::borrow::Cow;
use std::ops::RangeInclusive;

use chrono::{Datelike as _, Days, NaiveDate};
use domain::business_day::format_vn_date;

/// What stands in a cell.
#[derive(Debug, Clone, PartialEq)]
pub enum Cell {
    /// Nothing.
    Empty,
    /// Text, without blanks around it.
    Text(String),
    /// A number of a spreadsheet.
    Number(f64),
    /// A date of a spreadsheet.
    Date(NaiveDate),
}

/// The years that dates may have; others are slips of the finger.
const YEARS: RangeInclusive<i32> = 1900..=2200;

/// Why a cell is not what it should be; each is told in both languages.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CellError {
    /// Not a number.
    Number,
    /// A number with a fraction where there is none.
    Fraction,
    /// Not written as DD/MM/YYYY.
    Date,
    /// A date that doesn't exist.
    NoSuchDay,
    /// A date outside of [`YEARS`].
    Year,
    /// Neither x nor empty.
    Flag,
}

impl CellError {
    /// The reason in Vietnamese and in English.
    pub const fn reason(self) -> (&'static str, &'static str) {
        match self {
            CellError::Number => ("Không phải là số", "Not a number"),
            CellError::Fraction => ("Phải là số nguyên", "Must be a whole number"),
            CellError::Date => ("Ngày phải viết theo dạng DD/MM/YYYY", "Write the date as DD/MM/YYYY"),
            CellError::NoSuchDay => ("Ngày này không có thật", "There is no such day"),
            CellError::Year => ("Năm phải từ 1900 đến 2200", "The year must be 1900 to 2200"),
            CellError::Flag => ("Ghi x hoặc để trống", "Write x or leave it empty"),
        }
    }
}

impl Cell {
    /// Of a text, without the blanks around it.
    pub fn of_text(text: &str) -> Self {
        let text = text.trim_matches(|c: char| c.is_whitespace() || c == '\u{feff}' || c == '\u{200b}');
        if text.is_empty() { Cell::Empty } else { Cell::Text(text.to_owned()) }
    }

    /// Whether nothing stands in it.
    pub fn is_empty(&self) -> bool {
        matches!(self, Cell::Empty)
    }

    /// As people see it; numbers as they are typed, dates as DD/MM/YYYY.
    pub fn text(&self) -> Cow<'_, str> {
        match self {
            Cell::Empty => Cow::Borrowed(""),
            Cell::Text(text) => Cow::Borrowed(text),
            Cell::Number(number) => Cow::Owned(number.to_string()),
            Cell::Date(date) => Cow::Owned(format_vn_date(*date)),
        }
    }

    /// A whole number, with or without thousands separators; none when the cell is empty. A fraction of a number is
    /// rounded half up when `round`, and refused else.
    pub fn whole(&self, round: bool) -> Result<Option<i64>, CellError> {
        let (number, fraction) = match self {
            Cell::Empty => return Ok(None),
            Cell::Date(_) => return Err(CellError::Number),
            Cell::Number(number) => {
                // Beyond this a spreadsheet's number is no longer exact.
                if !number.is_finite() || number.abs() > 9e15 {
                    return Err(CellError::Number);
                }
                let rounded = (number + 0.5).floor();
                (rounded as i64, (number - number.round()).abs() > 1e-6)
            }
            Cell::Text(text) => parse_whole(text).ok_or(CellError::Number)?,
        };
        if fraction && !round { Err(CellError::Fraction) } else { Ok(Some(number)) }
    }

    /// A number with a decimal point or comma; none when the cell is empty.
    pub fn decimal(&self) -> Result<Option<f64>, CellError> {
        match self {
            Cell::Empty => Ok(None),
            Cell::Date(_) => Err(CellError::Number),
            Cell::Number(number) => Ok(Some(*number)),
            Cell::Text(text) => {
                let number = text.replace(',', ".").parse::<f64>().map_err(|_| CellError::Number)?;
                if number.is_finite() { Ok(Some(number)) } else { Err(CellError::Number) }
            }
        }
    }

    /// A date: DD/MM/YYYY, YYYY-MM-DD (a time after it is dropped) or a spreadsheet's number of days; none when the
    /// cell is empty.
    pub fn date(&self) -> Result<Option<NaiveDate>, CellError> {
        match self {
            Cell::Empty => Ok(None),
            Cell::Number(number) => day_of_serial(*number).map(Some),
            Cell::Date(date) => within_years(*date).map(Some),
            Cell::Text(text) => parse_date(text, four_digit_year).map(Some),
        }
    }

    /// A birthday: as [`Cell::date`], and the year may have two digits. One without day, month or year is none: what
    /// is left of it is of no use, and no reason to refuse a file.
    pub fn birthday(&self) -> Result<Option<NaiveDate>, CellError> {
        match self {
            Cell::Number(number) if is_year(*number) => Ok(None),
            Cell::Text(text) if is_part_of_date(text) => Ok(None),
            Cell::Text(text) => parse_date(text, birth_year).map(Some),
            _ => self.date(),
        }
    }

    /// Whether the cell is marked: with an x, or a word for yes or locked.
    pub fn flag(&self) -> Result<bool, CellError> {
        match domain::search_key(&self.text()).as_str() {
            "" | "0" | "khong" | "khong khoa" | "mo" | "no" | "false" => Ok(false),
            "x" | "1" | "co" | "yes" | "y" | "true" | "dung" | "khoa" | "da khoa" | "✓" | "✔" => Ok(true),
            _ => Err(CellError::Flag),
        }
    }
}

/// The day of a spreadsheet's number; in a column of dates a number that looks like a year is one, and no day.
fn day_of_serial(number: f64) -> Result<NaiveDate, CellError> {
    // The last day of 2200; days before number 61 are counted differently by different programs.
    const SERIALS: RangeInclusive<f64> = 61.0..=109_939.99;
    if is_year(number) || !SERIALS.contains(&number) {
        return Err(CellError::Date);
    }
    NaiveDate::from_ymd_opt(1899, 12, 30)
        .and_then(|origin| origin.checked_add_days(Days::new(number as u64)))
        .ok_or(CellError::Date)
}

fn is_year(number: f64) -> bool {
    number.fract() == 0.0 && (f64::from(*YEARS.start())..=f64::from(*YEARS.end())).contains(&number)
}

fn within_years(date: NaiveDate) -> Result<NaiveDate, CellError> {
    if YEARS.contains(&date.year()) { Ok(date) } else { Err(CellError::Year) }
}

/// The date of `05/08/1980`, `5-8-1980`, `05.08.1980`, `1980-08-05` or `1980-08-05T00:00:00`.
fn parse_date(text: &str, year_of: fn(&str) -> Option<i32>) -> Result<NaiveDate, CellError> {
    let day = text.split(|c: char| c.is_whitespace() || c == 'T').next().unwrap_or_default();
    let parts: Vec<&str> = day.split(['/', '-', '.']).collect();
    let [first, month, last] = parts[..] else { return Err(CellError::Date) };
    let (year, day) = if first.len() == 4 { (first, last) } else { (last, first) };
    let year = year_of(year).ok_or(CellError::Date)?;
    let short = |part: &str| digits(part, 1..=2).and_then(|number| u32::try_from(number).ok());
    let (month, day) = short(month).zip(short(day)).ok_or(CellError::Date)?;
    if !YEARS.contains(&year) {
        return Err(CellError::Year);
    }
    NaiveDate::from_ymd_opt(year, month, day).ok_or(CellError::NoSuchDay)
}

fn four_digit_year(text: &str) -> Option<i32> {
    digits(text, 4..=4)
}

/// With two digits from 30 on it is of the last century: customers are grown up.
fn birth_year(text: &str) -> Option<i32> {
    match digits(text, 2..=2) {
        Some(year @ 30..) => Some(1900 + year),
        Some(year) => Some(2000 + year),
        None => four_digit_year(text),
    }
}

/// Whether it is a year (`1980`), or day and month or month and year (`05/08`, `08/1980`).
fn is_part_of_date(text: &str) -> bool {
    match text.split_once(['/', '-', '.']) {
        None => four_digit_year(text).is_some_and(|year| YEARS.contains(&year)),
        Some((first, last)) => {
            digits(first, 1..=2).is_some()
                && (digits(last, 1..=2).is_some() || four_digit_year(last).is_some())
        }
    }
}

fn digits(text: &str, length: RangeInclusive<usize>) -> Option<i32> {
    let fine = length.contains(&text.len()) && text.bytes().all(|b| b.is_ascii_digit());
    if fine { text.parse().ok() } else { None }
}

/// The number, and whether a fraction was rounded away from it: `1.234.567`, `1,234,567`, `12 000`, `1.234,50`, `(5)`.
fn parse_whole(text: &str) -> Option<(i64, bool)> {
    let text = text.trim_end_matches(['đ', '₫', 'Đ']).trim_end_matches("VND").trim_end_matches("VNĐ");
    let text: String = text.chars().filter(|c| !c.is_whitespace() && *c != '\'').collect();
    let (negative, digits) = match text.strip_prefix('-') {
        Some(rest) => (true, rest),
        None => match text.strip_prefix('(').and_then(|rest| rest.strip_suffix(')')) {
            Some(rest) => (true, rest),
            None => (false, text.as_str()),
        },
    };
    if !digits.starts_with(|c: char| c.is_ascii_digit()) {
        return None;
    }
    let (whole, fraction) = split_fraction(digits);
    let whole = without_separators(whole)?;
    let up = match fraction {
        Some(fraction) if fraction.is_empty() || !fraction.bytes().all(|b| b.is_ascii_digit()) => {
            return None;
        }
        Some(fraction) => fraction >= "5",
        None => false,
    };
    let number: i64 = whole.parse().ok()?;
    let fractional = fraction.is_some_and(|f| f.bytes().any(|b| b != b'0'));
    let number = number.checked_add(i64::from(up))?;
    Some((if negative { -number } else { number }, fractional))
}

/// Where the fraction begins: at the last separator, when it differs from those before, or when it stands alone and
/// not before exactly three digits (then it separates thousands).
fn split_fraction(digits: &str) -> (&str, Option<&str>) {
    let separator = |c: char| matches!(c, '.' | ',');
    let Some(at) = digits.rfind(separator) else { return (digits, None) };
    let (whole, fraction) = (&digits[..at], &digits[at + 1..]);
    let last = digits[at..].chars().next();
    match whole.chars().rfind(|c| separator(*c)) {
        Some(before) if Some(before) != last => (whole, Some(fraction)),
        Some(_) => (digits, None),
        None if fraction.len() == 3 && whole.len() <= 3 && whole != "0" => (digits, None),
        None => (whole, Some(fraction)),
    }
}

/// The digits of `1.234.567`, if each group after the first has three and all separators are the same.
fn without_separators(whole: &str) -> Option<String> {
    let separator = whole.chars().find(|c| !c.is_ascii_digit());
    let Some(separator) = separator else { return Some(whole.to_owned()) };
    if !matches!(separator, '.' | ',') {
        return None;
    }
    let mut groups = whole.split(separator);
    let first = groups.next()?;
    let fine = |group: &str, lengths: std::ops::RangeInclusive<usize>| {
        lengths.contains(&group.len()) && group.bytes().all(|b| b.is_ascii_digit())
    };
    if !fine(first, 1..=3) || !groups.all(|group| fine(group, 3..=3)) {
        return None;
    }
    Some(whole.replace(separator, ""))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn whole(text: &str) -> Result<Option<i64>, CellError> {
        Cell::of_text(text).whole(false)
    }

    #[test]
    fn thousands_separators_of_all_kinds_are_understood() {
        for (text, number) in [
            ("0", 0),
            ("1234567", 1_234_567),
            ("1.234.567", 1_234_567),
            ("1,234,567", 1_234_567),
            ("12 000", 12_000),
            ("12\u{a0}000", 12_000),
            ("1.000", 1_000),
            ("1,234.00", 1_234),
            ("1.234,00", 1_234),
            ("12,0", 12),
            ("12.00", 12),
            ("-1.500", -1_500),
            ("(1,500)", -1_500),
            ("25.000 đ", 25_000),
        ] {
            assert_eq!(whole(text), Ok(Some(number)), "{text}");
        }
        assert_eq!(whole("  "), Ok(None));
    }

    #[test]
    fn what_is_no_whole_number_is_refused() {
        for text in ["abc", "1.23.456", "1,2,3", "12a", "--5", "1..000", ".", "-", "9999999999999999999"] {
            assert_eq!(whole(text), Err(CellError::Number), "{text}");
        }
        assert_eq!(whole("12,5"), Err(CellError::Fraction));
        assert_eq!(Cell::Number(12.5).whole(false), Err(CellError::Fraction));
        assert_eq!(Cell::Number(f64::NAN).whole(true), Err(CellError::Number));
    }

    #[test]
    fn money_with_a_fraction_is_rounded_where_that_is_meant() {
        assert_eq!(Cell::Number(8333.3333).whole(true), Ok(Some(8333)));
        assert_eq!(Cell::Number(8333.5).whole(true), Ok(Some(8334)));
        assert_eq!(Cell::of_text("8.333,5").whole(true), Ok(Some(8334)));
    }

    #[test]
    fn a_number_of_a_spreadsheet_is_never_taken_for_thousands() {
        assert_eq!(Cell::Number(1.234).whole(false), Err(CellError::Fraction));
        assert_eq!(Cell::Number(912_345_678.0).text(), "912345678");
    }

    #[test]
    fn dates_that_do_not_exist_are_told_from_what_is_no_date() {
        let day = NaiveDate::from_ymd_opt(2026, 8, 5);
        for text in [
            "05/08/2026",
            "5/8/2026",
            "05-08-2026",
            "05.08.2026",
            "05/08/2026 00:00:00",
            "2026-08-05",
            "2026-08-05T07:00:00Z",
            "2026-08-05 07:00",
        ] {
            assert_eq!(Cell::of_text(text).date(), Ok(day), "{text}");
        }
        for text in ["31/02/2026", "2026-13-01", "00/00/2026", "08/25/2026"] {
            assert_eq!(Cell::of_text(text).date(), Err(CellError::NoSuchDay), "{text}");
        }
        for text in ["hôm qua", "05/08/26", "05/08", "2026", "45000", "5/8/2026/1", "+5/8/2026"] {
            assert_eq!(Cell::of_text(text).date(), Err(CellError::Date), "{text}");
        }
        for text in ["05/08/1899", "05/08/2201", "0026-08-05"] {
            assert_eq!(Cell::of_text(text).date(), Err(CellError::Year), "{text}");
        }
    }

    #[test]
    fn a_spreadsheet_may_have_the_number_of_a_day_but_no_day_outside_of_two_centuries() {
        let day = |year, month, day| NaiveDate::from_ymd_opt(year, month, day).unwrap();
        assert_eq!(Cell::Number(45_000.0).date(), Ok(Some(day(2023, 3, 15))));
        assert_eq!(Cell::Number(45_000.75).date(), Ok(Some(day(2023, 3, 15))));
        assert_eq!(Cell::Number(109_939.0).date(), Ok(Some(day(2200, 12, 31))));
        for number in [-1.0, 0.0, 1980.0, 109_940.0, f64::NAN, f64::INFINITY] {
            assert_eq!(Cell::Number(number).date(), Err(CellError::Date), "{number}");
        }
        assert_eq!(Cell::Date(day(1899, 12, 31)).date(), Err(CellError::Year));
        assert_eq!(Cell::Date(day(2201, 1, 1)).birthday(), Err(CellError::Year));
    }

    #[test]
    fn a_birthday_may_have_a_short_year_and_one_in_part_is_none() {
        let birthday = |text: &str| Cell::of_text(text).birthday();
        assert_eq!(birthday("5/8/30"), Ok(NaiveDate::from_ymd_opt(1930, 8, 5)));
        assert_eq!(birthday("05-08-29"), Ok(NaiveDate::from_ymd_opt(2029, 8, 5)));
        assert_eq!(birthday("1980-08-05"), Ok(NaiveDate::from_ymd_opt(1980, 8, 5)));
        for text in ["", "05/08", "5.8", "1980", "08/1980"] {
            assert_eq!(birthday(text), Ok(None), "{text}");
        }
        assert_eq!(Cell::Number(1980.0).birthday(), Ok(None));
        assert_eq!(birthday("31/02/80"), Err(CellError::NoSuchDay));
        assert_eq!(birthday("rằm tháng tám"), Err(CellError::Date));
    }

    #[test]
    fn flags_are_told_in_many_words() {
        for text in ["x", "X", "có", "co", "yes", "Y", "true", "1", "Đúng", "Khóa", "Khoá", "Đã khóa", "✓"]
        {
            assert_eq!(Cell::of_text(text).flag(), Ok(true), "{text}");
        }
        for text in ["", "không", "Không khóa", "Mở", "no", "FALSE", "0"] {
            assert_eq!(Cell::of_text(text).flag(), Ok(false), "{text}");
        }
        assert_eq!(Cell::of_text("có lẽ").flag(), Err(CellError::Flag));
    }

    #[test]
    fn coordinates_may_have_a_comma() {
        assert_eq!(Cell::of_text("10,7769").decimal(), Ok(Some(10.7769)));
        assert_eq!(Cell::of_text("10.7769").decimal(), Ok(Some(10.7769)));
        assert_eq!(Cell::of_text("10.77.69").decimal(), Err(CellError::Number));
        assert_eq!(Cell::of_text("inf").decimal(), Err(CellError::Number));
    }
}
