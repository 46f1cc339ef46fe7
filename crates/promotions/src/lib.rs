//! Promotions: what is given, to whom, from when to when. The rules themselves are `domain::pricing`.

mod error;
mod http;
pub mod model;
pub mod service;
pub mod store;

pub use error::PromotionError;

use platform::App;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

/// The endpoints of promotions.
pub fn router() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(http::list::list_promotions, http::create::create_promotion))
        .routes(routes!(http::show::get_promotion, http::update::update_promotion))
        .routes(routes!(http::switch::activate_promotion))
        .routes(routes!(http::switch::pause_promotion))
}
