use std::borrow::Cow;

use serde::{Deserialize, Serialize};
use serde_json::Value;
use utoipa::ToSchema;

use crate::Language;

/// When a command tells of something: while it happens, or after it has happened in the field.
///
/// A phone works a whole day without network. What a rep did at ten o'clock can't be undone by refusing it at six: it is
/// written down as it was, and what a person should look at is flagged.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Mode {
    /// Somebody waits for the answer: what the rules forbid is refused (409, 422) and leaves no trace.
    Live,
    /// It has happened already: what a person can settle isn't refused but stored and flagged. Malformed records, ids the
    /// caller may not see and missing rights are refused all the same.
    Late,
}

impl Mode {
    /// Whether it has happened already.
    pub fn is_late(self) -> bool {
        self == Mode::Late
    }

    /// Either the error that ends a live command, or a flag more on a late one.
    ///
    /// # Errors
    /// `refusal()`, in [`Mode::Live`].
    pub fn refuse_or_flag<E>(
        self,
        flags: &mut Vec<Flag>,
        flag: impl FnOnce() -> Flag,
        refusal: impl FnOnce() -> E,
    ) -> Result<(), E> {
        match self {
            Mode::Live => Err(refusal()),
            Mode::Late => {
                flags.push(flag());
                Ok(())
            }
        }
    }
}

/// Something about a stored record that a person should look at.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct Flag {
    /// Stable, dotted: the code the rule would have refused a live command with (`visits.another_open`).
    #[schema(value_type = String)]
    pub code: Cow<'static, str>,
    /// What is odd about it, and what to do, in Vietnamese.
    #[schema(value_type = String)]
    pub vi: Cow<'static, str>,
    /// The same in English.
    #[schema(value_type = String)]
    pub en: Cow<'static, str>,
    /// Figures that help to judge it; null when there are none.
    #[serde(default)]
    pub details: Value,
}

impl Flag {
    /// A flag without details.
    pub fn new(
        code: impl Into<Cow<'static, str>>,
        vi: impl Into<Cow<'static, str>>,
        en: impl Into<Cow<'static, str>>,
    ) -> Self {
        Flag { code: code.into(), vi: vi.into(), en: en.into(), details: Value::Null }
    }

    /// The same with figures.
    #[must_use]
    pub fn with(mut self, details: Value) -> Self {
        self.details = details;
        self
    }

    /// Its text in the reader's language.
    pub fn message(&self, language: Language) -> &str {
        match language {
            Language::Vi => &self.vi,
            Language::En => &self.en,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn flag() -> Flag {
        Flag::new("visits.another_open", "Còn một lượt đang mở.", "Another visit is open.")
    }

    #[test]
    fn a_live_command_is_refused_and_a_late_one_flagged() {
        let mut flags = Vec::new();
        assert_eq!(Mode::Live.refuse_or_flag(&mut flags, flag, || "refused"), Err("refused"));
        assert!(flags.is_empty());
        assert_eq!(Mode::Late.refuse_or_flag(&mut flags, flag, || "refused"), Ok(()));
        assert_eq!(flags, [flag()]);
    }

    #[test]
    fn flags_survive_the_database() {
        let flag = flag().with(serde_json::json!({ "metres": 250 }));
        let kept: Flag = serde_json::from_value(serde_json::to_value(&flag).unwrap()).unwrap();
        assert_eq!(kept, flag);
        assert_eq!(kept.message(Language::En), "Another visit is open.");
    }
}
