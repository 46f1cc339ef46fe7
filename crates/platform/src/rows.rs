use std::borrow::Cow;

use crate::Language;

/// What is wrong with one row of a file that is read in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RowError {
    /// The row as people see it in the file: the first line is 1.
    pub row: u32,
    /// The header of the column.
    pub column: Cow<'static, str>,
    /// What stands there.
    pub value: String,
    vi: Cow<'static, str>,
    en: Cow<'static, str>,
}

impl RowError {
    /// With the reason in both languages.
    pub fn new(
        row: u32,
        column: impl Into<Cow<'static, str>>,
        value: impl Into<String>,
        vi: impl Into<Cow<'static, str>>,
        en: impl Into<Cow<'static, str>>,
    ) -> Self {
        RowError { row, column: column.into(), value: value.into(), vi: vi.into(), en: en.into() }
    }

    /// The reason in a language.
    pub fn message(&self, language: Language) -> &str {
        match language {
            Language::Vi => &self.vi,
            Language::En => &self.en,
        }
    }
}

/// What became of the good rows of a file.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Loaded {
    /// New things.
    pub created: u32,
    /// Things that were changed.
    pub updated: u32,
    /// Things that were so already.
    pub unchanged: u32,
}
