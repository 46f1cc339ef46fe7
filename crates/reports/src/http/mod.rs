//! The endpoints.

pub(crate) mod dashboard;
pub(crate) mod erp_export;
pub(crate) mod erp_history;
pub(crate) mod sales_by_rep;
pub(crate) mod stock_expiry;
pub(crate) mod stock_xnt;

use chrono::{Datelike as _, NaiveDate};
use platform::{ApiError, ApiResult};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// The longest period of a report, in days.
const LONGEST: i64 = 366;

/// How a report is delivered.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub(crate) enum ReportFormat {
    /// Rows and totals.
    #[default]
    Json,
    /// An Excel file.
    Xlsx,
}

/// A column of a report: the name of its field and its header.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct ReportColumn {
    key: &'static str,
    title: &'static str,
}

/// Names the columns by the fields of the rows.
fn columns(keys: &'static [&'static str], columns: &'static [sheets::Column]) -> Vec<ReportColumn> {
    keys.iter().zip(columns).map(|(key, column)| ReportColumn { key, title: column.header }).collect()
}

/// The period of a report: this month up to today when nothing is said.
fn period(
    from: Option<NaiveDate>,
    to: Option<NaiveDate>,
    today: NaiveDate,
) -> ApiResult<(NaiveDate, NaiveDate)> {
    let to = to.unwrap_or(today);
    let from = from.unwrap_or_else(|| to.with_day(1).unwrap_or(to));
    let days = to.signed_duration_since(from).num_days();
    if days < 0 {
        return Err(ApiError::invalid_field(
            "from",
            "Phải trước hoặc bằng ngày cuối",
            "Must not be after `to`",
        ));
    }
    if days >= LONGEST {
        return Err(ApiError::invalid_field(
            "from",
            format!("Tối đa {LONGEST} ngày"),
            format!("At most {LONGEST} days"),
        ));
    }
    Ok((from, to))
}

fn vn(day: NaiveDate) -> String {
    domain::business_day::format_vn_date(day)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn day(text: &str) -> NaiveDate {
        text.parse().unwrap()
    }

    #[test]
    fn without_dates_the_period_is_this_month_up_to_today() {
        assert_eq!(period(None, None, day("2026-08-06")).unwrap(), (day("2026-08-01"), day("2026-08-06")));
        assert_eq!(
            period(None, Some(day("2026-07-31")), day("2026-08-06")).unwrap(),
            (day("2026-07-01"), day("2026-07-31"))
        );
    }

    #[test]
    fn a_period_runs_forward_and_is_no_longer_than_a_leap_year() {
        let today = day("2026-08-06");
        assert!(period(Some(day("2026-08-02")), Some(day("2026-08-01")), today).is_err());
        assert!(period(Some(day("2024-01-01")), Some(day("2024-12-31")), today).is_ok());
        assert!(period(Some(day("2024-01-01")), Some(day("2025-01-01")), today).is_err());
    }
}
