//! Stock: warehouses, the append-only ledger of movements, and the balances that always equal it.
//!
//! [`stock`] is where every other capability posts; its module text says in which order locks are taken. [`verify`]
//! proves that balances and ledger agree. A new kind of document posts through [`stock`] and never writes the tables
//! itself.

mod error;
mod http;
pub mod import;
pub mod import_count;
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
pub use service::{Reward, Rewarded, reward};
pub use verify::{Finding, verify};

/// The capability's endpoints.
pub fn router() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(http::warehouses::list_warehouses, http::warehouses::create_warehouse))
        .routes(routes!(http::warehouses::update_warehouse))
        .routes(routes!(http::stock::list_stock))
        .routes(routes!(http::movements::list_movements))
        .routes(routes!(http::receipts::list_receipts, http::receipts::create_receipt))
        .routes(routes!(http::adjustments::list_adjustments, http::adjustments::create_adjustment))
        .routes(routes!(http::adjustments::get_adjustment))
        .routes(routes!(http::counts::list_counts, http::counts::open_count))
        .routes(routes!(http::counts::get_count))
        .routes(routes!(http::counts::set_counted, http::counts::add_counted))
        .routes(routes!(http::counts::close_count))
        .routes(routes!(http::counts::cancel_count))
        .routes(routes!(http::transfers::list_transfers, http::transfers::create_transfer))
        .routes(routes!(http::transfers::get_transfer))
        .routes(routes!(http::transfers::receive_transfer))
        .routes(routes!(http::transfers::cancel_transfer))
        .routes(routes!(http::print::print_receipt))
        .routes(routes!(http::print::print_transfer))
        .routes(routes!(http::print::print_count))
        .routes(routes!(http::print::print_adjustment))
}
