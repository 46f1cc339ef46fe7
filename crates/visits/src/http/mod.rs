//! The endpoints.

mod attendance;
mod check_in;
mod check_out;
mod clock;
mod list;
mod notes;
mod one;
mod photo_content;
mod photos;

use axum::extract::DefaultBodyLimit;
use platform::App;
use utoipa_axum::router::{OpenApiRouter, UtoipaMethodRouterExt as _};
use utoipa_axum::routes;

/// A photo and what the form around it takes.
const PHOTO_BODY: usize = 16 * 1024 * 1024;

/// All endpoints of visits and attendance.
pub fn router() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(list::list_visits))
        .routes(routes!(check_in::check_in))
        .routes(routes!(one::get_visit))
        .routes(routes!(check_out::check_out))
        .routes(routes!(notes::write_notes))
        .routes(routes!(photos::add_photo).layer(DefaultBodyLimit::max(PHOTO_BODY)))
        .routes(routes!(photo_content::get_photo_content))
        .routes(routes!(clock::clock_in))
        .routes(routes!(clock::clock_out))
        .routes(routes!(attendance::list_attendance))
        .routes(routes!(attendance::today))
}
