//! Customers (outlets): who buys, where they are, and what became of them.

mod error;
mod http;
pub mod import;
pub mod model;
pub mod service;
pub mod store;

pub use error::CustomerError;
pub use http::create::{NewOutlet, propose};

use axum::extract::DefaultBodyLimit;
use platform::App;
use utoipa_axum::router::{OpenApiRouter, UtoipaMethodRouterExt as _};
use utoipa_axum::routes;

/// The endpoints of customers.
pub fn router() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(http::list::list_customers, http::create::create_customer))
        .routes(routes!(http::show::get_customer, http::update::update_customer))
        .routes(routes!(http::location::relocate_customer))
        .routes(routes!(http::decide::approve_customer))
        .routes(routes!(http::decide::reject_customer))
        .routes(routes!(http::history::get_customer_history))
        .routes(routes!(http::orders::list_customer_orders))
        .routes(routes!(http::visits::list_customer_visits))
        .routes(
            routes!(http::photos::list_customer_photos, http::photos::add_customer_photo)
                .layer(DefaultBodyLimit::max(files::form::MAX_FORM)),
        )
        .routes(routes!(http::photos::remove_customer_photo))
}
