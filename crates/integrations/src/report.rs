use platform::{Language, Loaded, RowError};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// The most bad rows that are told one by one; a file with more is another file than it should be.
const MOST_ERRORS: usize = 1_000;

/// What an import did.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Report {
    /// Rows below the headers, blank ones not counted.
    pub rows: u32,
    /// What became of the good rows; nothing at all when nothing was loaded.
    pub loaded: Loaded,
    /// What is wrong with the others, by row.
    pub errors: Vec<RowError>,
    /// Headers that nothing is done with.
    pub ignored_columns: Vec<String>,
    /// Whether it was only tried.
    pub dry_run: bool,
}

/// What an import did, as clients see it.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct ImportReport {
    /// Rows below the headers, blank ones not counted.
    pub rows: u32,
    /// New things.
    pub created: u32,
    /// Things that were changed.
    pub updated: u32,
    /// Things that were so already.
    pub unchanged: u32,
    /// Whether it was only tried: then nothing was changed, and the numbers tell what would be.
    pub dry_run: bool,
    /// What is wrong, by row: the first 1,000. Unless the good rows were asked for, nothing is loaded when there is one.
    #[schema(max_items = 1000)]
    pub errors: Vec<ImportRowError>,
    /// How many things are wrong in all.
    pub error_count: usize,
    /// Headers that nothing is done with.
    pub ignored_columns: Vec<String>,
}

/// What is wrong with a cell.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct ImportRowError {
    /// The row as people see it in the file: the first line is 1.
    pub row: u32,
    /// The header of the column.
    pub column: String,
    /// What stands there.
    pub value: String,
    /// What is wrong, in the client's language.
    pub message: String,
}

impl Report {
    /// In a language.
    pub fn view(&self, language: Language) -> ImportReport {
        let error = |error: &RowError| ImportRowError {
            row: error.row,
            column: error.column.clone().into_owned(),
            value: error.value.clone(),
            message: error.message(language).to_owned(),
        };
        ImportReport {
            rows: self.rows,
            created: self.loaded.created,
            updated: self.loaded.updated,
            unchanged: self.loaded.unchanged,
            dry_run: self.dry_run,
            errors: self.errors.iter().take(MOST_ERRORS).map(error).collect(),
            error_count: self.errors.len(),
            ignored_columns: self.ignored_columns.clone(),
        }
    }
}
