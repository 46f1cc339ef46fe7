//! All SQL of orders, invoices and issues.

mod decide;
mod insert;
mod invoices;
mod lists;
mod orders;
mod parts;
mod policies;
mod print;
mod returns;
mod sale;
mod verify;

pub use decide::*;
pub use insert::*;
pub use invoices::*;
pub use lists::*;
pub use orders::*;
pub use parts::*;
pub use policies::*;
pub use print::*;
pub use returns::*;
pub use sale::*;
pub use verify::*;
