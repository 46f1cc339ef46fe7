//! What phones download and upload: deltas of what they hold, the ledger of operations they sent, and the cases that a
//! person must settle.

mod cases;
mod cursor;
mod delta;
mod error;
mod http;
mod kind;
mod upload;

use platform::App;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

/// `/sync`.
pub fn router() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(http::delta::sync_delta))
        .routes(routes!(http::upload::sync_upload))
        .routes(routes!(http::operations::list_operations))
        .routes(routes!(http::operations::get_operation))
        .routes(routes!(http::operations::list_strays))
        .routes(routes!(http::operations::list_devices))
        .routes(routes!(http::cases::list_exceptions))
        .routes(routes!(http::cases::get_exception))
        .routes(routes!(http::cases::resolve_exception))
}
