//! The endpoints.

mod assignment;
mod calendar;
mod create;
mod customers;
mod holidays;
mod leave;
mod leave_decision;
mod list;
mod one;
mod plan;
mod policy;
mod substitutions;
mod suggestion;
mod today;

use chrono::{Datelike as _, NaiveDate};
use platform::{ApiError, ApiResult, App};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

/// All endpoints of routes.
pub fn router() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(list::list_routes, create::create_route))
        .routes(routes!(today::today_route))
        .routes(routes!(plan::plan_route))
        .routes(routes!(calendar::plan_calendar))
        .routes(routes!(one::get_route, one::update_route))
        .routes(routes!(customers::list_route_customers, customers::update_route_customers))
        .routes(routes!(suggestion::suggest_route_order))
        .routes(routes!(assignment::list_assignments, assignment::assign_route))
        .routes(routes!(substitutions::list_substitutions, substitutions::substitute))
        .routes(routes!(substitutions::cancel_substitution))
        .routes(routes!(policy::get_policy, policy::set_policy))
        .routes(routes!(holidays::list_holidays, holidays::add_holiday))
        .routes(routes!(holidays::remove_holiday))
        .routes(routes!(leave::list_leave, leave::request_leave))
        .routes(routes!(leave_decision::approve_leave))
        .routes(routes!(leave_decision::reject_leave))
        .routes(routes!(leave_decision::cancel_leave))
}

/// The text without the space around it.
fn text(field: &str, value: &str, longest: usize) -> ApiResult<String> {
    let value = value.trim();
    if value.is_empty() || value.chars().count() > longest {
        return Err(ApiError::invalid_field(
            field,
            format!("Phải có từ 1 đến {longest} ký tự"),
            format!("Must have 1 to {longest} characters"),
        ));
    }
    Ok(value.to_owned())
}

/// A day that people plan or look back to.
fn day(field: &str, date: NaiveDate) -> ApiResult<NaiveDate> {
    if (2000..=2100).contains(&date.year()) {
        Ok(date)
    } else {
        Err(ApiError::invalid_field(field, "Phải từ năm 2000 đến 2100", "Must be in the years 2000 to 2100"))
    }
}

/// What somebody should know; may be nothing.
fn note(value: Option<&str>) -> ApiResult<String> {
    let value = value.unwrap_or_default().trim();
    if value.chars().count() > 2000 {
        return Err(ApiError::invalid_field("note", "Tối đa 2000 ký tự", "At most 2000 characters"));
    }
    Ok(value.to_owned())
}

/// The longest span that is planned or looked at as one.
const LONGEST_SPAN: u64 = 366;

/// A span of days, both ends counted, of at most `longest` days.
fn span(
    first: (&str, NaiveDate),
    last: (&str, NaiveDate),
    longest: u64,
) -> ApiResult<(NaiveDate, NaiveDate)> {
    let (from, to) = (day(first.0, first.1)?, day(last.0, last.1)?);
    match crate::plan::days_in(from, to) {
        None => Err(ApiError::invalid_field(
            last.0,
            "Phải từ ngày đầu trở đi",
            "Must be the first day or a later one",
        )),
        Some(days) if days > longest => Err(ApiError::invalid_field(
            last.0,
            format!("Tối đa {longest} ngày"),
            format!("At most {longest} days"),
        )),
        Some(_) => Ok((from, to)),
    }
}
