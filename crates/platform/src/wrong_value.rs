//! What serde says of a value that it can't read, in words for people.

use crate::ApiError;

/// 400 that names the field; `at` is the value's path, `reason` what serde says of it.
///
/// The English reason says more to who writes the client. In Vietnamese it is told what a person can act on.
pub fn wrong_value(at: &str, reason: &str) -> ApiError {
    let reason = reason.split(" at line ").next().unwrap_or_default();
    let (field, vi) = match Kind::of(reason) {
        // What is missing has no place of its own yet.
        Kind::Missing(name) if at.is_empty() => (name.to_owned(), "Còn thiếu".to_owned()),
        Kind::Missing(name) => (format!("{at}.{name}"), "Còn thiếu".to_owned()),
        Kind::Unknown => (at.to_owned(), "Không có trường này".to_owned()),
        Kind::NoneOf(words) => (at.to_owned(), format!("Phải là một trong: {}", words.join(", "))),
        Kind::Type(wanted) => (at.to_owned(), format!("Phải là {wanted}")),
        Kind::Other => (at.to_owned(), "Giá trị không hợp lệ".to_owned()),
    };
    let field = if field.is_empty() { "body" } else { &field };
    ApiError::invalid_field(field, vi, format!("Invalid value: {reason}"))
}

enum Kind<'a> {
    Missing(&'a str),
    Unknown,
    NoneOf(Vec<&'a str>),
    Type(&'static str),
    Other,
}

impl<'a> Kind<'a> {
    fn of(reason: &'a str) -> Self {
        let (what, expected) = reason.split_once(", expected ").unwrap_or((reason, ""));
        if let Some(name) = what.strip_prefix("missing field `") {
            Kind::Missing(name.trim_end_matches('`'))
        } else if what.starts_with("unknown field") {
            Kind::Unknown
        } else if what.starts_with("unknown variant") {
            // `a` or `b`; one of `a`, `b`, `c`
            Kind::NoneOf(expected.split('`').skip(1).step_by(2).collect())
        } else {
            wanted(expected).or_else(|| wanted(what)).map_or(Kind::Other, Kind::Type)
        }
    }
}

/// The kind of value that is meant, by a word of serde's, of the standard library's or of our own.
fn wanted(words: &str) -> Option<&'static str> {
    const KINDS: [(&str, &str); 20] = [
        ("a sequence", "danh sách"),
        ("a map", "đối tượng"),
        ("struct ", "đối tượng"),
        ("a boolean", "true hoặc false"),
        ("provided string was not `true` or `false`", "true hoặc false"),
        ("a string", "văn bản"),
        ("a borrowed string", "văn bản"),
        ("UUID", "mã định danh (UUID)"),
        ("a formatted date", "ngày, viết dạng 2026-01-31"),
        ("RFC 3339", "thời điểm, viết dạng 2026-01-31T08:00:00+07:00"),
        ("YYYY-MM", "tháng, viết dạng 2026-01"),
        ("premature end of input", "ngày giờ đầy đủ"),
        ("input contains invalid characters", "ngày giờ, viết dạng 2026-01-31"),
        ("input is out of range", "ngày giờ có thật"),
        ("invalid digit found in string", "số nguyên"),
        ("too large to fit", "số nhỏ hơn"),
        ("invalid float literal", "số"),
        ("f64", "số"),
        ("f32", "số"),
        ("telephone number", "số điện thoại, viết dạng 0912345678 hoặc +84912345678"),
    ];
    let named = KINDS.iter().find(|(word, _)| words.contains(word)).map(|(_, vi)| *vi);
    let number = words.strip_prefix(['i', 'u']).is_some_and(|bits| ["8", "16", "32", "64"].contains(&bits));
    named.or(if number { Some("số nguyên, trong phạm vi cho phép") } else { None })
}

#[cfg(test)]
mod tests {
    use serde::Deserialize;
    use serde::de::DeserializeOwned;
    use serde_json::json;

    use super::*;
    use crate::Language;

    #[derive(Debug, Deserialize)]
    #[serde(rename_all = "camelCase", deny_unknown_fields)]
    #[expect(dead_code, reason = "only read")]
    struct Line {
        product_id: uuid::Uuid,
        quantity: i64,
        #[serde(default)]
        unit: Option<Unit>,
        #[serde(default)]
        day: Option<chrono::NaiveDate>,
        #[serde(default)]
        at: Option<chrono::DateTime<chrono::Utc>>,
        #[serde(default)]
        lots: Vec<bool>,
    }

    #[derive(Debug, Deserialize)]
    #[serde(rename_all = "camelCase")]
    enum Unit {
        Whole,
        Retail,
    }

    fn said<T: DeserializeOwned + std::fmt::Debug>(
        value: serde_json::Value,
        language: Language,
    ) -> (String, String) {
        let error = serde_path_to_error::deserialize::<_, T>(&value).unwrap_err();
        let path = error.path().to_string();
        let at = if path == "." { "" } else { &path };
        let problem = wrong_value(at, &error.inner().to_string()).problem(language, "");
        let (field, said) = problem.errors.into_iter().next().unwrap();
        (field, said.join("; "))
    }

    #[test]
    fn people_read_what_is_wrong_in_their_language() {
        let id = uuid::Uuid::nil();
        for (value, field, vi) in [
            (json!({"quantity": 1}), "productId", "Còn thiếu"),
            (
                json!({"productId": id, "quantity": "x"}),
                "quantity",
                "Phải là số nguyên, trong phạm vi cho phép",
            ),
            (json!({"productId": "x", "quantity": 1}), "productId", "Phải là mã định danh (UUID)"),
            (
                json!({"productId": id, "quantity": 1, "unit": "box"}),
                "unit",
                "Phải là một trong: whole, retail",
            ),
            (json!({"productId": id, "quantity": 1, "colour": 1}), "colour", "Không có trường này"),
            (json!({"productId": id, "quantity": 1, "lots": "x"}), "lots", "Phải là danh sách"),
            (json!({"productId": id, "quantity": 1, "lots": [1]}), "lots[0]", "Phải là true hoặc false"),
            (json!({"productId": id, "quantity": 1, "day": 5}), "day", "Phải là ngày, viết dạng 2026-01-31"),
            (
                json!({"productId": id, "quantity": 1, "day": "x"}),
                "day",
                "Phải là ngày giờ, viết dạng 2026-01-31",
            ),
            (
                json!({"productId": id, "quantity": 1, "at": "2026-13-01T00:00:00Z"}),
                "at",
                "Phải là ngày giờ có thật",
            ),
        ] {
            assert_eq!(said::<Line>(value, Language::Vi), (field.to_owned(), vi.to_owned()));
        }
        let lines = said::<Vec<Line>>(json!([{"productId": id}]), Language::Vi);
        assert_eq!(lines, ("[0].quantity".to_owned(), "Còn thiếu".to_owned()));
        let not_an_object = said::<Line>(json!(5), Language::Vi);
        assert_eq!(not_an_object, ("body".to_owned(), "Phải là đối tượng".to_owned()));
    }

    #[test]
    fn who_writes_a_client_reads_the_reason() {
        let (field, en) = said::<Line>(json!({"quantity": 1}), Language::En);
        assert_eq!((field.as_str(), en.as_str()), ("productId", "Invalid value: missing field `productId`"));
    }
}
