//! The organisation tree and the distributors.
//!
//! A unit has an id, a code that may repeat, and a hierarchical index (`1.1.1.2.1`) that names it in files. Each row
//! also keeps the ids of its ancestors, so that "everything under these units" is one index look-up. Both are kept
//! right by [`units`], the only writer of the tree, one change at a time.

pub mod distributors;
mod error;
mod http;
pub mod import;
pub mod model;
mod store;
pub mod units;

use axum::extract::DefaultBodyLimit;
use platform::App;
use utoipa_axum::router::{OpenApiRouter, UtoipaMethodRouterExt as _};
use utoipa_axum::routes;

pub use error::{DistributorError, UnitError};

/// `/org-units`, `/distributors`.
pub fn router() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(http::list_units::list_units, http::create_unit::create_unit))
        .routes(routes!(http::unit::get_unit, http::unit::update_unit))
        .routes(routes!(http::move_unit::move_unit))
        .routes(routes!(
            http::list_distributors::list_distributors,
            http::create_distributor::create_distributor
        ))
        .routes(routes!(http::distributor::get_distributor, http::distributor::update_distributor))
        .routes(routes!(http::approve_distributor::approve_distributor))
        .routes(
            routes!(
                http::distributor_photos::list_distributor_photos,
                http::distributor_photos::add_distributor_photo
            )
            .layer(DefaultBodyLimit::max(files::form::MAX_FORM)),
        )
        .routes(routes!(http::distributor_photos::remove_distributor_photo))
}
