use std::ops::RangeInclusive;

use crate::ApiError;

/// Checks the fields of a request and gathers all that is wrong, so that the client hears it at once.
#[derive(Debug, Default)]
pub struct Checks(Option<ApiError>);

impl Checks {
    /// Notes a wrong field, by its JSON name.
    pub fn wrong(&mut self, field: &str, vi: impl Into<String>, en: impl Into<String>) {
        let (vi, en) = (vi.into(), en.into());
        self.0 = Some(match self.0.take() {
            None => ApiError::invalid_field(field, vi, en),
            Some(error) => error.field(field, vi, en),
        });
    }

    /// The text without blanks around it; at most `max` characters, none of them a control character but line breaks.
    pub fn text(&mut self, field: &str, value: &str, max: usize) -> String {
        let text = value.trim();
        if text.chars().count() > max {
            self.wrong(field, format!("Tối đa {max} ký tự"), format!("At most {max} characters"));
        } else if text.chars().any(|c| c.is_control() && !matches!(c, '\n' | '\r' | '\t')) {
            self.wrong(field, "Có ký tự không hợp lệ", "Has a character that is not allowed");
        }
        text.to_owned()
    }

    /// Like [`Checks::text`], and not empty.
    pub fn required(&mut self, field: &str, value: &str, max: usize) -> String {
        let text = self.text(field, value, max);
        if text.is_empty() {
            self.wrong(field, "Bắt buộc", "Required");
        }
        text
    }

    /// The number, which must be in the range.
    pub fn range(&mut self, field: &str, value: i64, range: RangeInclusive<i64>) -> i64 {
        if !range.contains(&value) {
            let (low, high) = (range.start(), range.end());
            self.wrong(field, format!("Phải từ {low} đến {high}"), format!("Must be {low} to {high}"));
        }
        value
    }

    /// Whether all was well.
    ///
    /// # Errors
    /// 400 that names every wrong field.
    pub fn done(self) -> Result<(), ApiError> {
        self.0.map_or(Ok(()), Err)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Language;

    #[test]
    fn all_wrong_fields_are_named_at_once() {
        let mut checks = Checks::default();
        assert_eq!(checks.required("name", "  Cô Lan ", 10), "Cô Lan");
        checks.required("code", " ", 10);
        checks.text("notes", "a\0b", 10);
        checks.range("limit", -1, 0..=5);
        let problem = checks.done().unwrap_err().problem(Language::En, "t");
        assert_eq!(problem.errors.keys().collect::<Vec<_>>(), ["code", "limit", "notes"]);
        assert!(Checks::default().done().is_ok());
    }
}
