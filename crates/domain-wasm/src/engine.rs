//! Questions and answers as JSON.

use domain::pricing::{OrderDraft, PriceBook, PricedOrder, PricingError, Promotion, RuleBook, Usage};
use serde::{Deserialize, Serialize};

/// A question with everything it needs.
#[derive(Deserialize)]
struct Question {
    draft: OrderDraft,
    book: PriceBook,
    #[serde(default)]
    promotions: Vec<Promotion>,
    #[serde(default)]
    usage: Usage,
}

/// Either the order, or why there is none.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
enum Answer<T> {
    Ok(T),
    Error(Problem),
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Problem {
    code: &'static str,
    message: String,
}

impl From<PricingError> for Problem {
    fn from(error: PricingError) -> Self {
        let code = match error {
            PricingError::UnknownProduct { .. } => "unknownProduct",
            PricingError::Quantity { .. } => "quantity",
            PricingError::Overflow(_) => "overflow",
        };
        Self { code, message: error.to_string() }
    }
}

fn malformed(error: &serde_json::Error) -> Problem {
    Problem { code: "malformed", message: error.to_string() }
}

fn written<T: Serialize>(answer: Result<T, Problem>) -> Vec<u8> {
    let answer = match answer {
        Ok(answer) => Answer::Ok(answer),
        Err(problem) => Answer::Error(problem),
    };
    // Our own types always have a JSON form.
    serde_json::to_vec(&answer).unwrap_or_default()
}

/// Answers a question that brings its promotions along.
pub fn answer(question: &[u8]) -> Vec<u8> {
    written(serde_json::from_slice(question).map_err(|error| malformed(&error)).and_then(
        |question: Question| {
            let Question { draft, book, promotions, usage } = question;
            Ok(domain::pricing::price(&draft, &book, &promotions, &usage)?)
        },
    ))
}

/// Promotions that were read once.
#[derive(Default)]
pub struct Book(Option<RuleBook<'static>>);

impl Book {
    /// A book without promotions.
    pub const EMPTY: Self = Self(None);

    /// Reads promotions in place of the earlier ones; if they are malformed the earlier ones stay.
    pub fn load(&mut self, promotions: &[u8]) -> Vec<u8> {
        let promotions = serde_json::from_slice(promotions).map_err(|error| malformed(&error));
        written(promotions.map(|promotions: Vec<Promotion>| {
            let count = promotions.len();
            self.0 = Some(RuleBook::new(promotions));
            count
        }))
    }

    /// Answers a question with the promotions that were read.
    pub fn quote(&self, question: &[u8]) -> Vec<u8> {
        written(serde_json::from_slice(question).map_err(|error| malformed(&error)).and_then(
            |question: Question| {
                let Question { draft, book, usage, .. } = question;
                let priced: Result<PricedOrder, PricingError> = match &self.0 {
                    Some(rules) => rules.price(&draft, &book, &usage),
                    None => domain::pricing::price(&draft, &book, &[], &usage),
                };
                Ok(priced?)
            },
        ))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const QUESTION: &str = r#"{
        "draft": {
            "buyer": {"customerId": "00000000-0000-0000-0000-000000000001", "distributorId": "00000000-0000-0000-0000-000000000002"},
            "date": "2026-08-15", "orderType": "PreSales",
            "lines": [{"productId": "00000000-0000-0000-0000-000000000003", "quantity": 2, "unit": "retail"}]
        },
        "book": {"00000000-0000-0000-0000-000000000003": {"whole": 1200, "retail": 100, "vat": 8, "conversion": 12}}
    }"#;

    fn text(answer: Vec<u8>) -> String {
        String::from_utf8(answer).unwrap()
    }

    #[test]
    fn a_question_without_promotions_is_priced_bare() {
        let bare = text(answer(QUESTION.as_bytes()));
        assert!(bare.starts_with(r#"{"ok":{"lines":["#), "{bare}");
        assert!(bare.contains(r#""total":216"#), "{bare}");
        assert_eq!(text(Book::EMPTY.quote(QUESTION.as_bytes())), bare);
    }

    #[test]
    fn problems_are_answers_too() {
        assert!(text(answer(b"{")).starts_with(r#"{"error":{"code":"malformed""#));
        let nothing = QUESTION.replace(r#""quantity": 2"#, r#""quantity": 0"#);
        assert!(text(answer(nothing.as_bytes())).starts_with(r#"{"error":{"code":"quantity""#));
        let mut book = Book::EMPTY;
        assert_eq!(text(book.load(b"[]")), r#"{"ok":0}"#);
        assert!(text(book.load(b"[1]")).starts_with(r#"{"error""#));
    }
}
