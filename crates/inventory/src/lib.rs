//! Stock: warehouses, the append-only ledger of movements, and the balances that always equal it.
//!
//! [`stock`] is where every other capability posts; its module text says in which order locks are taken. [`verify`]
//! proves that balances and ledger agree. A new kind of document posts through [`stock`] and never writes the tables
//! itself.

mod error;
mod http;
pub mod import;
mod model;
mod service;
pub mod stock;
pub mod store;
mod verify;

use platform::App;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

pub use error::{InventoryError, Shortage, StockError};
pub use model::Reason;
pub use verify::{Finding, verify};

/// The capability's endpoints.
pub fn router() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(http::warehouses::list_warehouses, http::warehouses::create_warehouse))
        .routes(routes!(http::stock::list_stock))
        .routes(routes!(http::movements::list_movements))
        .routes(routes!(http::receipts::list_receipts, http::receipts::create_receipt))
        .routes(routes!(http::adjustments::create_adjustment))
}
