//! KPIs: what is asked of reps in a month, and how far they have come.
//!
//! **Targets** are set per rep for days of a month; each amount is a whole month's and counts for its days
//! ([`domain::kpi`]). **Actuals** come from documents: [`refresh`] finds out every minute on which days something has
//! changed, however late it came, and reckons these days anew as a whole; nothing is ever added up, so it may run twice or
//! be cut off. [`repair`] does the same at night for all days of the last two months. What people read never touches
//! documents.

mod error;
mod http;
mod model;
mod performance;
mod refresh;
mod sheet;
mod store;
mod targets;
mod verify;

pub use error::KpiError;
pub use http::router;
pub use refresh::{Refreshed, refresh, repair};
pub use verify::verify;
