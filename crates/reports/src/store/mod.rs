//! All SQL of the capability; it only reads.

mod dashboard;
mod sales;
mod stock_expiry;

pub(crate) use dashboard::{Dashboard, find_dashboard};
pub(crate) use sales::{Basis, SalesFilter, SalesLevel, SalesLine, list_sales_by_rep};
pub(crate) use stock_expiry::{ExpiringLot, list_expiring};
