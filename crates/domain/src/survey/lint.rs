use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::answers::fits;
use super::{Answer, Choice, Condition, Form, Kind};

const MOST_QUESTIONS: usize = 500;
const MOST_OPTIONS: usize = 200;
const DEEPEST: usize = 10;

/// What is wrong with a form.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, thiserror::Error)]
#[serde(rename_all = "camelCase")]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub enum Flaw {
    /// No questions, or more than 500.
    #[error("a form has 1 to 500 questions")]
    Questions,
    /// An id that is empty, too long, or has other characters than letters, digits, `-` and `_`.
    #[error("an id has 1 to 50 letters, digits, - and _")]
    Id,
    /// Two questions with one id.
    #[error("another question has this id")]
    DuplicateId,
    /// Nothing is asked, or too much.
    #[error("a question has 1 to 1,000 characters")]
    Text,
    /// Nothing to choose, the same twice, too much, or without label.
    #[error("there must be 1 to 200 different choices with labels")]
    Options,
    /// The least is more than the most.
    #[error("nothing fits the range")]
    Range,
    /// A condition looks at this question itself, a later one, or none.
    #[error("a condition looks at earlier questions only")]
    NotEarlier,
    /// A condition that can never hold: words where the question gives a number, or the like.
    #[error("the condition doesn't fit the question it looks at")]
    Condition,
    /// Conditions in conditions in conditions.
    #[error("the condition is nested too deep, or empty")]
    Nesting,
}

/// A flaw and where it is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct FormProblem {
    /// The question's id; empty for the form as a whole.
    pub question: String,
    /// What is wrong.
    pub flaw: Flaw,
}

/// All that is wrong with a form; one without flaws can be published.
pub fn lint(form: &Form) -> Vec<FormProblem> {
    let mut problems = Vec::new();
    if form.questions.is_empty() || form.questions.len() > MOST_QUESTIONS {
        problems.push(FormProblem { question: String::new(), flaw: Flaw::Questions });
    }
    let mut earlier: BTreeMap<&str, &Kind> = BTreeMap::new();
    for question in &form.questions {
        let mut found = |flaw| problems.push(FormProblem { question: question.id.clone(), flaw });
        let plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_');
        if !(1..=50).contains(&question.id.len()) || !question.id.chars().all(plain) {
            found(Flaw::Id);
        }
        if !(1..=1_000).contains(&question.text.trim().chars().count()) {
            found(Flaw::Text);
        }
        kind_flaws(&question.kind, &mut found);
        if let Some(condition) = &question.show_if {
            if condition.depth() > DEEPEST {
                found(Flaw::Nesting);
            } else {
                condition_flaws(condition, &earlier, &mut found);
            }
        }
        if earlier.insert(&question.id, &question.kind).is_some() {
            found(Flaw::DuplicateId);
        }
    }
    problems
}

fn kind_flaws(kind: &Kind, found: &mut impl FnMut(Flaw)) {
    fn upside_down<T: PartialOrd>(min: Option<T>, max: Option<T>) -> bool {
        matches!((min, max), (Some(min), Some(max)) if min > max)
    }
    match kind {
        Kind::Text { max_length } if !(1..=10_000).contains(&max_length.unwrap_or(1)) => found(Flaw::Range),
        Kind::Number { min, max, .. } if upside_down(*min, *max) => found(Flaw::Range),
        Kind::Date { min, max } if upside_down(*min, *max) => found(Flaw::Range),
        Kind::Photo { min, max }
            if upside_down(*min, Some(max.unwrap_or(10))) || max.is_some_and(|m| m > 50) =>
        {
            found(Flaw::Range);
        }
        Kind::Choice { options } => option_flaws(options, found),
        Kind::Multi { options, min, max } => {
            option_flaws(options, found);
            let all = u32::try_from(options.len()).unwrap_or(u32::MAX);
            if upside_down(*min, Some(max.unwrap_or(all).min(all))) {
                found(Flaw::Range);
            }
        }
        Kind::Text { .. } | Kind::Number { .. } | Kind::Date { .. } | Kind::Photo { .. } | Kind::YesNo => {}
    }
}

fn option_flaws(options: &[Choice], found: &mut impl FnMut(Flaw)) {
    let good = |option: &Choice| {
        (1..=100).contains(&option.value.chars().count())
            && (1..=300).contains(&option.label.trim().chars().count())
    };
    let once =
        options.iter().enumerate().all(|(i, o)| options[..i].iter().all(|other| other.value != o.value));
    if options.is_empty() || options.len() > MOST_OPTIONS || !once || !options.iter().all(good) {
        found(Flaw::Options);
    }
}

fn condition_flaws(condition: &Condition, earlier: &BTreeMap<&str, &Kind>, found: &mut impl FnMut(Flaw)) {
    let mut look = |question: &str, fits: &dyn Fn(&Kind) -> bool| match earlier.get(question) {
        None => found(Flaw::NotEarlier),
        Some(kind) if !fits(kind) => found(Flaw::Condition),
        Some(_) => {}
    };
    match condition {
        Condition::Answered { question } => look(question, &|_| true),
        Condition::Is { question, value } => look(question, &|kind| match (kind, value) {
            // One of several.
            (Kind::Multi { options, .. }, Answer::Text(one)) => options.iter().any(|o| o.value == *one),
            (Kind::Photo { .. }, _) => false,
            _ => fits(kind, value).is_ok(),
        }),
        Condition::AtLeast { question, value } | Condition::AtMost { question, value } => {
            let counted = |kind: &Kind| {
                matches!(kind, Kind::Number { .. } | Kind::Multi { .. } | Kind::Photo { .. })
                    && value.is_finite()
            };
            look(question, &counted);
        }
        Condition::All { of } | Condition::Any { of } => {
            if of.is_empty() {
                found(Flaw::Nesting);
            }
            for one in of {
                condition_flaws(one, earlier, found);
            }
        }
        Condition::Not { of } => condition_flaws(of, earlier, found),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn flaws(questions: &str) -> Vec<(String, Flaw)> {
        let form: Form = serde_json::from_str(&format!("{{\"questions\": [{questions}]}}")).unwrap();
        lint(&form).into_iter().map(|p| (p.question, p.flaw)).collect()
    }

    #[test]
    fn a_form_that_can_not_be_meant_is_named_with_all_its_flaws() {
        let open = r#"{"id": "a", "text": "A?", "type": "yesNo"}"#;
        assert_eq!(flaws(""), [(String::new(), Flaw::Questions)]);
        assert_eq!(flaws(open), []);
        for (question, flaw) in [
            (r#"{"id": "a", "text": "B?", "type": "yesNo"}"#, Flaw::DuplicateId),
            (r#"{"id": "a b", "text": "B?", "type": "yesNo"}"#, Flaw::Id),
            (r#"{"id": "b", "text": " ", "type": "yesNo"}"#, Flaw::Text),
            (r#"{"id": "b", "text": "B?", "type": "choice", "options": []}"#, Flaw::Options),
            (r#"{"id": "b", "text": "B?", "type": "number", "min": 2, "max": 1}"#, Flaw::Range),
            (r#"{"id": "b", "text": "B?", "type": "photo", "min": 11}"#, Flaw::Range),
            (
                r#"{"id": "b", "text": "B?", "type": "multi", "min": 2, "options": [{"value": "x", "label": "X"}]}"#,
                Flaw::Range,
            ),
            (
                r#"{"id": "b", "text": "B?", "type": "yesNo", "showIf": {"op": "answered", "question": "b"}}"#,
                Flaw::NotEarlier,
            ),
            (
                r#"{"id": "b", "text": "B?", "type": "yesNo", "showIf": {"op": "is", "question": "a", "value": "yes"}}"#,
                Flaw::Condition,
            ),
            (
                r#"{"id": "b", "text": "B?", "type": "yesNo", "showIf": {"op": "atLeast", "question": "a", "value": 1}}"#,
                Flaw::Condition,
            ),
            (
                r#"{"id": "b", "text": "B?", "type": "yesNo", "showIf": {"op": "any", "of": []}}"#,
                Flaw::Nesting,
            ),
        ] {
            let found = flaws(&format!("{open}, {question}"));
            assert_eq!(found.iter().map(|(_, flaw)| *flaw).collect::<Vec<_>>(), [flaw], "{question}");
        }
    }
}
