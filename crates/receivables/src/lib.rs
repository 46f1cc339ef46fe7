//! What customers owe: an append-only ledger per customer, and the balances and open items that always equal it.
//!
//! [`ledger`] is where every other capability posts; its module text says in which order locks are taken. [`verify`]
//! proves that balances and ledger agree. A new kind of document posts through [`ledger`] and never writes the tables
//! itself.

mod error;
mod http;
pub mod ledger;
mod model;
mod service;
mod store;
mod verify;

use platform::App;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

pub use error::LedgerError;
pub use model::EntryKind;
pub use verify::{Finding, verify};

/// The capability's endpoints.
pub fn router() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(http::balances::list_balances))
        .routes(routes!(http::customer::show_account))
        .routes(routes!(http::receipts::list_receipts, http::receipts::create_receipt))
        .routes(routes!(http::ageing::list_ageing))
}
