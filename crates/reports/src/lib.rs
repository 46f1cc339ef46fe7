//! Reports: figures over what the other capabilities wrote, on screen and as Excel files.
//!
//! Each report is one endpoint under `http`, one statement in `store`, and, for the file, a sheet of `sheets`. All of
//! them show only what the caller may see.

mod erp;
mod http;
mod snapshots;
mod store;
mod verify;

use platform::App;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

pub use erp::{ErpError, Exported, export_days};
pub use snapshots::{build as build_snapshots, build_missing as build_missing_snapshots};
pub use verify::{Dangling, Finding, verify, verify_references};

/// The capability's endpoints.
pub fn router() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(http::sales_by_rep::sales_by_rep))
        .routes(routes!(http::stock_expiry::stock_expiry))
        .routes(routes!(http::stock_xnt::stock_xnt))
        .routes(routes!(http::dashboard::dashboard))
        .routes(routes!(http::erp_export::export_erp))
        .routes(routes!(http::erp_history::list_erp_exports))
}
