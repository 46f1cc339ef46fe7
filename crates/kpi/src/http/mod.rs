//! The endpoints.

mod performance;
mod targets;

use platform::App;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

/// All endpoints of KPIs.
pub fn router() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(targets::list_targets, targets::set_targets))
        .routes(routes!(targets::delete_target))
        .routes(routes!(targets::copy_targets))
        .routes(routes!(performance::get_performance))
}
