//! The life of an order, its buyer's credit, an order of which only a part is in stock, totals reckoned elsewhere.

mod credit;
mod given_back;
mod split;
mod split_uses;
mod stated;
mod status;

pub use credit::{CreditCheck, CreditPolicy, CreditProblem, CreditVerdict};
pub use given_back::PromotionGoods;
pub use split::{LineFigures, LinePart, LineToSplit, ShortagePolicy, split_line, units_now};
pub use split_uses::{LineInParts, split_explanations, split_uses};
pub use stated::{Figures, FreeGoods, StatedTotals, TotalsDifference};
pub use status::{OrderAction, OrderStatus, OrderType, TransitionError};
