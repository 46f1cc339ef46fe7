//! The endpoints.

mod assignment;
mod create;
mod customers;
mod list;
mod one;
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
        .routes(routes!(one::get_route, one::update_route))
        .routes(routes!(customers::list_route_customers, customers::update_route_customers))
        .routes(routes!(assignment::list_assignments, assignment::assign_route))
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
