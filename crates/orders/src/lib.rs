//! Order to cash: quotes, sales orders and their decisions, invoices, goods issues.
//!
//! An order is priced here by the engine of `domain` with the prices and promotions of its business day. Approval
//! reserves stock, the invoice takes over what was approved, the issue posts stock and the customer's debt. Each step
//! is one transaction that locks in this order: the orders' rows, the invoice's row, the customer's balance, the
//! document counter, stock in product order.

mod error;
mod http;
mod invoice_error;
pub mod model;
pub mod service;
mod store;
mod verify;

use platform::App;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

pub use error::OrderError;
pub use verify::{Finding, verify};

/// `/pricing/quote`, `/orders…`, `/invoices…`, `/goods-issues…`, `/returns…`, `/policies/orders`, `/customers/{id}/credit`
pub fn router() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(http::quote::quote))
        .routes(routes!(http::list::list_orders, http::create::create_order))
        .routes(routes!(http::get::get_order, http::edit::edit_order))
        .routes(routes!(http::edit::submit_order))
        .routes(routes!(http::decide::approve))
        .routes(routes!(http::decide::fulfil))
        .routes(routes!(http::decide::reject))
        .routes(routes!(http::decide::cancel))
        .routes(routes!(http::decide::review))
        .routes(routes!(http::bulk::bulk_approve))
        .routes(routes!(http::bulk::bulk_reject))
        .routes(routes!(http::print::print_order))
        .routes(routes!(http::invoices::list_invoices, http::invoices::create_invoice))
        .routes(routes!(http::invoices::get_invoice))
        .routes(routes!(http::issue::issue_invoice))
        .routes(routes!(http::issue::cancel_invoice))
        .routes(routes!(http::issue::close_invoice))
        .routes(routes!(http::returns::list_returns, http::returns::create_return))
        .routes(routes!(http::returns::get_return))
        .routes(routes!(http::returns::approve_return))
        .routes(routes!(http::returns::reject_return))
        .routes(routes!(http::returns::cancel_return))
        .routes(routes!(http::returns::receive_return))
        .routes(routes!(http::print::print_invoice))
        .routes(routes!(http::print::print_issue))
        .routes(routes!(http::print::print_return))
        .routes(routes!(
            http::policies::get_policy,
            http::policies::set_policy,
            http::policies::delete_policy
        ))
        .routes(routes!(http::credit::customer_credit))
}
