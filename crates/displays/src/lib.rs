//! Display programs: outlets that show goods as agreed get a reward. Reps photograph the display, a supervisor passes or
//! fails it, and where the program wants it the area manager confirms.
//!
//! A *display record* is what one visit shows of one program. Its scores are never changed, only followed by others.

mod error;
mod http;
mod model;
mod service;
mod store;

pub use error::DisplayError;
pub use model::{DisplayRecord, Program};
pub use service::{Shown, add_photo};

use platform::App;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

/// The endpoints of displays.
pub fn router() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(http::programs::list_programs, http::create::create_program))
        .routes(routes!(http::programs::get_program, http::update::update_program))
        .routes(routes!(http::customers::list_registered, http::customers::register_customers))
        .routes(routes!(http::records::list_records))
        .routes(routes!(http::records::get_record))
        .routes(routes!(http::score::score_display))
        .routes(routes!(http::score::bulk_score))
}
