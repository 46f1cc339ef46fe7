//! The life of a sales order, and whether its buyer's credit carries it.

mod credit;
mod status;

pub use credit::{CreditCheck, CreditPolicy, CreditProblem, CreditVerdict};
pub use status::{OrderAction, OrderStatus, OrderType, TransitionError};
