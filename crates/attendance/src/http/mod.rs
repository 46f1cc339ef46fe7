//! The endpoints.

mod clock;
mod correct;
mod events;
mod month;
mod timesheet;
mod work_times;

use platform::{ApiError, App};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

/// All endpoints of attendance.
pub fn router() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(clock::clock_in))
        .routes(routes!(clock::clock_out))
        .routes(routes!(month::list_attendance))
        .routes(routes!(month::today))
        .routes(routes!(timesheet::get_timesheet))
        .routes(routes!(events::list_events))
        .routes(routes!(correct::correct))
        .routes(routes!(correct::add_event))
        .routes(routes!(work_times::get_work_times, work_times::set_work_times))
}

/// The text without the space around it.
fn text(field: &str, value: &str, longest: usize) -> Result<String, ApiError> {
    let value = value.trim();
    if value.chars().count() > longest {
        return Err(ApiError::invalid_field(
            field,
            format!("Tối đa {longest} ký tự"),
            format!("At most {longest} characters"),
        ));
    }
    Ok(value.to_owned())
}

/// Like [`text`], and not empty.
fn required(field: &str, value: &str, longest: usize) -> Result<String, ApiError> {
    let text = text(field, value, longest)?;
    if text.is_empty() { Err(ApiError::invalid_field(field, "Bắt buộc", "Required")) } else { Ok(text) }
}
