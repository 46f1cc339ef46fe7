use std::collections::BTreeMap;

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};

use super::{Choice, Condition, Form, Kind};

/// An answer: yes or no, a number, words (also a choice's value, or a day), or several choices or photos.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(untagged)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub enum Answer {
    /// Yes or no.
    YesNo(bool),
    /// A number.
    Number(f64),
    /// Words, a choice's value, or a day.
    Text(String),
    /// Choices' values, or photos' digests.
    Many(Vec<String>),
}

/// Answers by their questions.
pub type Answers = BTreeMap<String, Answer>;

/// What is wrong with an answer.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, thiserror::Error)]
#[serde(rename_all = "camelCase")]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub enum Wrong {
    /// It must be answered.
    #[error("must be answered")]
    Missing,
    /// There is no such question.
    #[error("is not asked in this form")]
    Unknown,
    /// Words where a number is wanted, or the like.
    #[error("is not of the question's kind")]
    Kind,
    /// Below or above what is allowed, or too long, too few, too many.
    #[error("is out of range")]
    Range,
    /// Not among what can be chosen, or twice.
    #[error("is not among the choices")]
    Choice,
}

/// An answer that doesn't fit.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct AnswerProblem {
    /// Which question.
    pub question: String,
    /// What is wrong.
    pub wrong: Wrong,
}

/// Answers held against a form.
#[derive(Debug, Clone, PartialEq)]
pub struct Checked {
    /// Those to questions that were asked; what the rep typed before a question disappeared is left out.
    pub answers: Answers,
    /// What doesn't fit.
    pub problems: Vec<AnswerProblem>,
}

/// Holds answers against the form, question by question: which are asked depends on what was answered before.
pub fn check(form: &Form, given: &Answers) -> Checked {
    let mut checked = Checked { answers: Answers::new(), problems: Vec::new() };
    for question in &form.questions {
        let asked = question.show_if.as_ref().is_none_or(|condition| holds(condition, &checked.answers));
        if !asked {
            continue;
        }
        let mut problem =
            |wrong| checked.problems.push(AnswerProblem { question: question.id.clone(), wrong });
        match given.get(&question.id).filter(|answer| !is_empty(answer)) {
            None if question.required => problem(Wrong::Missing),
            None => {}
            Some(answer) => match fits(&question.kind, answer) {
                Ok(()) => {
                    checked.answers.insert(question.id.clone(), answer.clone());
                }
                Err(wrong) => problem(wrong),
            },
        }
    }
    for name in given.keys() {
        if !form.questions.iter().any(|question| question.id == *name) {
            checked.problems.push(AnswerProblem { question: name.clone(), wrong: Wrong::Unknown });
        }
    }
    checked
}

/// What was typed and deleted again is no answer.
fn is_empty(answer: &Answer) -> bool {
    match answer {
        Answer::Text(text) => text.trim().is_empty(),
        Answer::Many(many) => many.is_empty(),
        Answer::YesNo(_) | Answer::Number(_) => false,
    }
}

fn holds(condition: &Condition, answers: &Answers) -> bool {
    let measure = |question: &str| match answers.get(question)? {
        Answer::Number(number) => Some(*number),
        // Far below where f64 counts inexactly.
        Answer::Many(many) => Some(many.len() as f64),
        Answer::YesNo(_) | Answer::Text(_) => None,
    };
    match condition {
        Condition::Answered { question } => answers.contains_key(question),
        Condition::Is { question, value } => match (answers.get(question), value) {
            (Some(Answer::Many(many)), Answer::Text(one)) => many.contains(one),
            (answer, value) => answer == Some(value),
        },
        Condition::AtLeast { question, value } => measure(question).is_some_and(|n| n >= *value),
        Condition::AtMost { question, value } => measure(question).is_some_and(|n| n <= *value),
        Condition::All { of } => of.iter().all(|one| holds(one, answers)),
        Condition::Any { of } => of.iter().any(|one| holds(one, answers)),
        Condition::Not { of } => !holds(of, answers),
    }
}

pub(super) fn fits(kind: &Kind, answer: &Answer) -> Result<(), Wrong> {
    let when = |good, wrong| if good { Ok(()) } else { Err(wrong) };
    match (kind, answer) {
        (Kind::Text { max_length }, Answer::Text(text)) => {
            let longest = max_length.unwrap_or(2_000);
            when(text.chars().count() <= usize::try_from(longest).unwrap_or(usize::MAX), Wrong::Range)
        }
        (Kind::Number { min, max, whole }, Answer::Number(n)) => {
            let within = n.is_finite() && min.is_none_or(|min| *n >= min) && max.is_none_or(|max| *n <= max);
            when(within && (!whole || n.fract() == 0.0), Wrong::Range)
        }
        (Kind::Choice { options }, Answer::Text(value)) => when(has(options, value), Wrong::Choice),
        (Kind::Multi { options, min, max }, Answer::Many(values)) => {
            let known = values.iter().all(|value| has(options, value));
            let once = values.iter().enumerate().all(|(i, value)| !values[..i].contains(value));
            when(known && once, Wrong::Choice)?;
            when(count_fits(values, *min, *max), Wrong::Range)
        }
        (Kind::Date { min, max }, Answer::Text(day)) => {
            let day: NaiveDate = day.parse().map_err(|_| Wrong::Kind)?;
            when(min.is_none_or(|min| day >= min) && max.is_none_or(|max| day <= max), Wrong::Range)
        }
        (Kind::Photo { min, max }, Answer::Many(photos)) => {
            when(photos.iter().all(|photo| is_digest(photo)), Wrong::Kind)?;
            when(count_fits(photos, *min, Some(max.unwrap_or(10))), Wrong::Range)
        }
        (Kind::YesNo, Answer::YesNo(_)) => Ok(()),
        _ => Err(Wrong::Kind),
    }
}

fn has(options: &[Choice], value: &str) -> bool {
    options.iter().any(|option| option.value == value)
}

fn count_fits(values: &[String], min: Option<u32>, max: Option<u32>) -> bool {
    let count = u32::try_from(values.len()).unwrap_or(u32::MAX);
    min.is_none_or(|min| count >= min) && max.is_none_or(|max| count <= max)
}

/// A SHA-256 in lower-case hexadecimal.
fn is_digest(text: &str) -> bool {
    text.len() == 64 && text.bytes().all(|b| matches!(b, b'0'..=b'9' | b'a'..=b'f'))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::survey::{Question, lint};

    const FORM: &str = r#"{ "questions": [
        { "id": "sells", "text": "Có bán hàng đối thủ?", "type": "yesNo", "required": true },
        { "id": "brands", "text": "Hãng nào?", "type": "multi", "required": true, "max": 2,
          "options": [{"value": "a", "label": "A"}, {"value": "b", "label": "B"}, {"value": "c", "label": "C"}],
          "showIf": { "op": "is", "question": "sells", "value": true } },
        { "id": "price", "text": "Giá của B?", "type": "number", "min": 1, "max": 1000000, "whole": true, "required": true,
          "showIf": { "op": "all", "of": [{ "op": "is", "question": "brands", "value": "b" },
                                          { "op": "not", "of": { "op": "atLeast", "question": "brands", "value": 3 } }] } },
        { "id": "until", "text": "Đến ngày?", "type": "date", "min": "2026-01-01" },
        { "id": "photo", "text": "Ảnh kệ", "type": "photo", "min": 1, "max": 2 },
        { "id": "grade", "text": "Đánh giá", "type": "choice", "options": [{"value": "good", "label": "Tốt"}] },
        { "id": "more", "text": "Ý kiến", "type": "text", "maxLength": 5 }
    ]}"#;

    fn form() -> Form {
        let form: Form = serde_json::from_str(FORM).unwrap();
        assert_eq!(lint(&form), []);
        form
    }

    fn answers(json: &str) -> Answers {
        serde_json::from_str(json).unwrap()
    }

    fn wrong(json: &str) -> Vec<(String, Wrong)> {
        check(&form(), &answers(json)).problems.into_iter().map(|p| (p.question, p.wrong)).collect()
    }

    #[test]
    fn a_form_reads_as_it_was_written() {
        let again: Form = serde_json::from_str(&serde_json::to_string(&form()).unwrap()).unwrap();
        assert_eq!(again, form());
    }

    #[test]
    fn only_what_is_asked_must_be_answered() {
        assert_eq!(wrong("{}"), [("sells".into(), Wrong::Missing)]);
        assert_eq!(wrong(r#"{"sells": false}"#), []);
        assert_eq!(wrong(r#"{"sells": true}"#), [("brands".into(), Wrong::Missing)]);
        assert_eq!(wrong(r#"{"sells": true, "brands": ["a"]}"#), []);
        assert_eq!(wrong(r#"{"sells": true, "brands": ["a", "b"]}"#), [("price".into(), Wrong::Missing)]);
        assert_eq!(wrong(r#"{"sells": true, "brands": ["b"], "price": 12000}"#), []);
    }

    #[test]
    fn what_was_typed_before_the_question_disappeared_is_left_out() {
        let checked = check(&form(), &answers(r#"{"sells": false, "brands": ["b"], "price": 12000}"#));
        assert_eq!(checked, Checked { answers: answers(r#"{"sells": false}"#), problems: Vec::new() });
    }

    #[test]
    fn an_answer_fits_its_question() {
        for (answer, name, fault) in [
            (r#""brands": ["a", "b", "c"]"#, "brands", Wrong::Range),
            (r#""brands": ["a", "a"]"#, "brands", Wrong::Choice),
            (r#""brands": ["x"]"#, "brands", Wrong::Choice),
            (r#""brands": "a""#, "brands", Wrong::Kind),
            (r#""brands": ["b"], "price": 0"#, "price", Wrong::Range),
            (r#""brands": ["b"], "price": 1.5"#, "price", Wrong::Range),
            (r#""brands": ["b"], "price": "1""#, "price", Wrong::Kind),
            (r#""brands": ["a"], "until": "2025-12-31""#, "until", Wrong::Range),
            (r#""brands": ["a"], "until": "31/12/2026""#, "until", Wrong::Kind),
            (r#""brands": ["a"], "photo": ["x"]"#, "photo", Wrong::Kind),
            (r#""brands": ["a"], "grade": "bad""#, "grade", Wrong::Choice),
            (r#""brands": ["a"], "more": "dài quá""#, "more", Wrong::Range),
            (r#""brands": ["a"], "other": 1"#, "other", Wrong::Unknown),
        ] {
            let problems = wrong(&format!(r#"{{"sells": true, {answer}}}"#));
            assert_eq!(problems, [(name.into(), fault)], "{answer}");
        }
        let digest = "0".repeat(64);
        assert_eq!(wrong(&format!(r#"{{"sells": false, "photo": ["{digest}"], "more": " "}}"#)), []);
    }

    fn answer() -> impl Strategy<Value = Answer> {
        prop_oneof![
            any::<bool>().prop_map(Answer::YesNo),
            (-5.0..1e7).prop_map(Answer::Number),
            "[abc]|good|2026-05-01|".prop_map(Answer::Text),
            prop::collection::vec("[abcx]", 0..4).prop_map(Answer::Many),
        ]
    }

    proptest! {
        #[test]
        fn what_was_kept_fits_and_checking_it_again_keeps_it_all(
            given in prop::collection::btree_map("sells|brands|price|until|photo|grade|more|other", answer(), 0..8),
        ) {
            let form = form();
            let once = check(&form, &given);
            let again = check(&form, &once.answers);
            prop_assert_eq!(&again.answers, &once.answers);
            prop_assert!(again.problems.iter().all(|p| p.wrong == Wrong::Missing));
            for (name, answer) in &once.answers {
                let question: &Question = form.questions.iter().find(|q| q.id == *name).unwrap();
                prop_assert_eq!(fits(&question.kind, answer), Ok(()));
                prop_assert_eq!(given.get(name), Some(answer));
            }
        }

        #[test]
        fn a_problem_is_told_once_a_question(
            given in prop::collection::btree_map("sells|brands|price|other", answer(), 0..4),
        ) {
            let problems = check(&form(), &given).problems;
            let names: std::collections::BTreeSet<_> = problems.iter().map(|p| p.question.clone()).collect();
            prop_assert_eq!(names.len(), problems.len());
        }
    }
}
