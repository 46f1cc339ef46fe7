//! The endpoints.

mod live;
mod locations;
mod path;

use platform::App;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

/// All endpoints of tracking.
pub fn router() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(locations::send_locations))
        .routes(routes!(live::live))
        .routes(routes!(path::path))
}
