//! What customers owe: an append-only ledger per customer, and the balances and open items that always equal it.
//!
//! [`ledger`] is where every other capability posts; its module text says in which order locks are taken. [`verify`]
//! proves that balances and ledger agree. A new kind of document posts through [`ledger`] and never writes the tables
//! itself.

mod cash;
mod error;
mod http;
pub mod import;
pub mod ledger;
mod model;
mod service;
mod store;
mod verify;

use platform::App;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

pub use error::LedgerError;
pub use model::{Allocated, EntryKind, MoneyReceipt, PaymentMethod};
pub use service::{Payment, Pays, Received, receive};
pub use verify::{Finding, verify};

/// The capability's endpoints.
pub fn router() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(http::balances::list_balances))
        .routes(routes!(http::customer::show_account))
        .routes(routes!(http::statement::show_statement))
        .routes(routes!(http::receipts::list_receipts, http::receipts::create_receipt))
        .routes(routes!(http::receipts::cancel_receipt))
        .routes(routes!(http::refunds::list_refunds, http::refunds::create_refund))
        .routes(routes!(http::adjustments::list_adjustments, http::adjustments::create_adjustment))
        .routes(routes!(http::allocations::list_allocations, http::allocations::create_allocations))
        .routes(routes!(http::allocations::undo_allocation))
        .routes(routes!(http::ageing::list_ageing))
        .routes(routes!(http::overdue::list_overdue))
        .routes(routes!(http::alerts::list_credit_alerts))
        .routes(routes!(http::hand_overs::list_hand_overs, http::hand_overs::create_hand_over))
        .routes(routes!(
            http::policy::show_cash_policy,
            http::policy::set_cash_policy,
            http::policy::delete_cash_policy
        ))
        .routes(routes!(http::print::print_receipt))
        .routes(routes!(http::print::print_refund))
        .routes(routes!(http::print::print_adjustment))
        .routes(routes!(http::print::print_hand_over))
        .routes(routes!(http::print::print_statement))
}
