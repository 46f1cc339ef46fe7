//! The endpoints.

mod declarations;
mod live;
mod locations;
mod path;
mod positions;
mod suspicions;

use std::ops::RangeInclusive;

use chrono::{Datelike as _, NaiveDate};
use platform::{ApiError, ApiResult, App};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

/// Days a list may span.
const MAX_DAYS: i64 = 92;

/// All endpoints of tracking.
pub fn router() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(locations::send_locations))
        .routes(routes!(live::live))
        .routes(routes!(positions::live_positions))
        .routes(routes!(path::path))
        .routes(routes!(suspicions::list_suspicions))
        .routes(routes!(declarations::declare, declarations::list_declarations))
}

/// The days of a list; today when nothing is said.
fn days(app: &App, from: Option<NaiveDate>, to: Option<NaiveDate>) -> ApiResult<RangeInclusive<NaiveDate>> {
    let to = to.or(from).unwrap_or_else(|| app.today());
    let from = from.unwrap_or(to);
    let years = 2000..=2100;
    if years.contains(&from.year())
        && years.contains(&to.year())
        && (0..MAX_DAYS).contains(&(to - from).num_days())
    {
        Ok(from..=to)
    } else {
        Err(ApiError::invalid_field(
            "from",
            "Khoảng thời gian phải từ 1 đến 92 ngày, trong các năm 2000 đến 2100",
            "Must span 1 to 92 days in the years 2000 to 2100",
        ))
    }
}
