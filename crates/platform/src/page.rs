use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use crate::ApiError;

/// Which part of a list, and what to search for. Lists hold at most 100 rows a page.
#[derive(Debug, Clone, Default, Deserialize, IntoParams)]
#[serde(rename_all = "camelCase", default)]
#[into_params(parameter_in = Query, rename_all = "camelCase")]
pub struct PageQuery {
    /// Text to find; case and Vietnamese diacritics don't matter.
    pub search: Option<String>,
    /// Page number, from 1.
    #[param(minimum = 1)]
    pub page: Option<i64>,
    /// Rows a page, 1 to 100; 20 when absent.
    #[param(minimum = 1, maximum = 100)]
    pub page_size: Option<i64>,
}

impl PageQuery {
    /// The checked page.
    ///
    /// # Errors
    /// 400 when a number is out of range.
    pub fn checked(&self) -> Result<Page, ApiError> {
        let number = self.page.unwrap_or(1);
        let size = self.page_size.unwrap_or(20);
        if !(1..=1_000_000).contains(&number) {
            return Err(ApiError::invalid_field("page", "Phải từ 1 trở lên", "Must be 1 or more"));
        }
        if !(1..=100).contains(&size) {
            return Err(ApiError::invalid_field("pageSize", "Phải từ 1 đến 100", "Must be 1 to 100"));
        }
        let search = self.search.as_deref().map(domain::text::search_key).filter(|s| !s.is_empty());
        if search.as_ref().is_some_and(|s| s.len() > 200) {
            return Err(ApiError::invalid_field("search", "Tối đa 200 ký tự", "At most 200 characters"));
        }
        Ok(Page { number, size, search: search.map(|s| like_pattern(&s)) })
    }
}

/// `%text%` with the pattern's own signs escaped.
fn like_pattern(text: &str) -> String {
    let mut pattern = String::with_capacity(text.len() + 2);
    pattern.push('%');
    for c in text.chars() {
        if matches!(c, '%' | '_' | '\\') {
            pattern.push('\\');
        }
        pattern.push(c);
    }
    pattern.push('%');
    pattern
}

/// How a list is answered.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub enum ListFormat {
    /// A page of rows.
    #[default]
    Json,
    /// All rows that the filter finds, as an Excel file.
    Xlsx,
}

/// A checked page of a list.
#[derive(Debug, Clone)]
pub struct Page {
    number: i64,
    size: i64,
    /// A `LIKE` pattern over a `search_key` column, if something is searched.
    pub search: Option<String>,
}

impl Page {
    /// All of the list, `most` rows of it.
    pub fn whole(self, most: i64) -> Page {
        Page { number: 1, size: most, search: self.search }
    }

    /// For `LIMIT`.
    pub fn limit(&self) -> i64 {
        self.size
    }

    /// For `OFFSET`.
    pub fn offset(&self) -> i64 {
        (self.number - 1) * self.size
    }

    /// What the answer says about the whole list.
    pub fn of(&self, total_items: i64) -> Pagination {
        Pagination {
            current_page: self.number,
            page_size: self.size,
            total_items,
            total_pages: (total_items + self.size - 1) / self.size,
        }
    }
}

/// Where a page stands in its list.
#[derive(Debug, Clone, Copy, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct Pagination {
    /// From 1.
    pub current_page: i64,
    /// Rows a page.
    pub page_size: i64,
    /// Rows in the whole list.
    pub total_items: i64,
    /// Pages in the whole list.
    pub total_pages: i64,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_page_over_100_rows_is_refused() {
        assert!(PageQuery { page_size: Some(101), ..PageQuery::default() }.checked().is_err());
    }

    #[test]
    fn signs_of_a_pattern_in_the_search_are_plain_text() {
        let page = PageQuery { search: Some("50%_".into()), ..PageQuery::default() }.checked().unwrap();
        assert_eq!(page.search.as_deref(), Some("%50\\%\\_%"));
    }
}
