//! Files in: imports of the company's CSV and XLSX files as they are, and templates to fill in.
//!
//! A file goes: [`table`](crate::table) (bytes to cells under known headers) → [`kinds`](crate::kinds) (cells to rows, bad
//! ones noted with row, column, value) → the capability that owns the data (its `import` module) in one transaction. A new
//! kind of file is a module in `kinds` with its columns, and an `import` module there.

mod error;
mod fields;
mod http;
mod kinds;
mod load_customers;
mod load_users;
mod report;
mod service;
mod store;
mod table;
mod template;

use axum::extract::DefaultBodyLimit;
use platform::App;
use utoipa_axum::router::{OpenApiRouter, UtoipaMethodRouterExt as _};
use utoipa_axum::routes;

pub use error::ImportError;
pub use kinds::ImportKind;
pub use report::{ImportReport, ImportRowError, Report};
pub use service::{Mode, Options, run};
pub use table::FileError;
pub use template::template;

/// The endpoints of imports.
pub fn router() -> OpenApiRouter<App> {
    // The form around the file needs some room too.
    let limit = DefaultBodyLimit::max(http::LIMIT);
    OpenApiRouter::new()
        .routes(routes!(http::import::import_file).layer(limit))
        .routes(routes!(http::import::import_routes).layer(limit))
        .routes(routes!(http::count::import_counted).layer(limit))
        .routes(routes!(http::count::count_sheet))
        .routes(routes!(http::template::import_template))
}
