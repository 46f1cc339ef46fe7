//! All SQL of orders, invoices and issues.

mod invoices;
mod lists;
mod orders;
mod verify;

pub use invoices::*;
pub use lists::*;
pub use orders::*;
pub use verify::*;
