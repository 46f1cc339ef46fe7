//! Surveys: forms of questions, some asked only after certain answers, and whether answers fit the form.

mod answers;
mod lint;

pub use answers::{Answer, AnswerProblem, Answers, Checked, Wrong, check};
pub use lint::{Flaw, FormProblem, lint};

use std::collections::BTreeSet;

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};

/// The questions in the order they are asked.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Form {
    /// At least one, at most 500.
    pub questions: Vec<Question>,
}

/// A question.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Question {
    /// Its name within the form, by which answers and conditions refer to it.
    pub id: String,
    /// What is asked.
    pub text: String,
    /// Whether it must be answered when it is asked.
    #[serde(default)]
    pub required: bool,
    /// When it is asked; always when absent. Looks at earlier questions only.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub show_if: Option<Condition>,
    /// What can be answered.
    #[serde(flatten)]
    pub kind: Kind,
}

/// What can be answered.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "camelCase", rename_all_fields = "camelCase")]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub enum Kind {
    /// Words.
    Text {
        /// The most characters; 2,000 when absent.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        max_length: Option<u32>,
    },
    /// A number.
    Number {
        /// The least.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        min: Option<f64>,
        /// The most.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        max: Option<f64>,
        /// Whether only whole numbers fit.
        #[serde(default)]
        whole: bool,
    },
    /// One of these.
    Choice {
        /// What can be chosen.
        options: Vec<Choice>,
    },
    /// Some of these.
    Multi {
        /// What can be chosen.
        options: Vec<Choice>,
        /// The fewest.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        min: Option<u32>,
        /// The most.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        max: Option<u32>,
    },
    /// A day, `YYYY-MM-DD`.
    Date {
        /// The first that fits.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        min: Option<NaiveDate>,
        /// The last that fits.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        max: Option<NaiveDate>,
    },
    /// Photos, by the SHA-256 of their bytes.
    Photo {
        /// The fewest.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        min: Option<u32>,
        /// The most; 10 when absent.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        max: Option<u32>,
    },
    /// Yes or no.
    YesNo,
}

/// Something that can be chosen.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Choice {
    /// What is stored.
    pub value: String,
    /// What is shown.
    pub label: String,
}

/// When a question is asked.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "op", rename_all = "camelCase", rename_all_fields = "camelCase")]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema), schema(no_recursion))]
pub enum Condition {
    /// The question was answered.
    Answered {
        /// Which.
        question: String,
    },
    /// The answer is this one, or this is among what was chosen.
    Is {
        /// Which question.
        question: String,
        /// The answer.
        value: Answer,
    },
    /// The number, or how much was chosen, is at least this.
    AtLeast {
        /// Which question.
        question: String,
        /// How much.
        value: f64,
    },
    /// The number, or how much was chosen, is at most this.
    AtMost {
        /// Which question.
        question: String,
        /// How much.
        value: f64,
    },
    /// All of these hold.
    All {
        /// At least one.
        of: Vec<Condition>,
    },
    /// One of these holds.
    Any {
        /// At least one.
        of: Vec<Condition>,
    },
    /// This doesn't hold.
    Not {
        /// What.
        of: Box<Condition>,
    },
}

impl Condition {
    /// The questions that it looks at.
    pub fn questions(&self) -> BTreeSet<&str> {
        match self {
            Self::Answered { question }
            | Self::Is { question, .. }
            | Self::AtLeast { question, .. }
            | Self::AtMost { question, .. } => BTreeSet::from([question.as_str()]),
            Self::All { of } | Self::Any { of } => of.iter().flat_map(Self::questions).collect(),
            Self::Not { of } => of.questions(),
        }
    }

    fn depth(&self) -> usize {
        match self {
            Self::All { of } | Self::Any { of } => 1 + of.iter().map(Self::depth).max().unwrap_or(0),
            Self::Not { of } => 1 + of.depth(),
            _ => 1,
        }
    }
}
