//! Promotions: what is given, to whom, from when to when. The rules themselves are `domain::pricing`.

mod error;
mod hand_out;
mod http;
pub mod model;
pub mod rules;
pub mod service;
mod settle;
mod simulate;
pub mod store;
mod usage;
mod verify;

pub use error::PromotionError;
pub use usage::{
    Booking, UsageError, UsageKind, book_usage, give_back_usage, lock_usage, move_usage, release_usage,
    usage, used_by,
};
pub use verify::{Finding, verify};

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
        .routes(routes!(http::switch::end_promotion))
        .routes(routes!(http::simulate::simulate_promotion))
        .routes(routes!(http::settle::settle_promotion))
        .routes(routes!(http::owed::list_owed))
        .routes(routes!(http::owed::hand_out_goods))
}
