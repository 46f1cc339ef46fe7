//! What every capability's HTTP side stands on, and nothing of any capability.
//!
//! A request goes: [`observe`] (trace id, log line, metrics, problem+json) → extractors ([`Authorized`] says who
//! acts and that they may, [`Command`] reads a JSON body with its idempotency key) → the capability → [`transaction!`].

mod app;
pub mod body;
mod caller;
mod checks;
mod clock;
pub mod config;
mod error;
mod extract;
mod finding;
pub mod forwarded;
mod idempotency;
mod if_match;
mod kept;
pub mod limit;
mod mode;
pub mod observe;
mod page;
mod policy_of;
mod rows;
mod transaction;
mod wrong_value;

pub use app::{App, AppParts, Wake};
pub use caller::{Authenticator, Authorized, BoxFuture, Caller, Identity, Scope, SignedIn};
pub use checks::Checks;
pub use clock::{Clock, SystemClock, TestClock};
pub use config::Config;
pub use error::{ApiError, ApiResult, FieldError, Language, Problem};
pub use extract::{Command, Path, Query};
pub use finding::Finding;
pub use idempotency::{First, Once};
pub use if_match::IfMatch;
pub use kept::Kept;
pub use mode::{Flag, Mode};
pub use page::{ListFormat, Page, PageQuery, Pagination};
pub use policy_of::PolicyOf;
pub use rows::{Loaded, RowError};
pub use wrong_value::wrong_value;

#[doc(hidden)]
pub mod macro_support {
    pub use crate::transaction::body;
    pub use db::PgConnection;
    pub use db::retry::{Attempts, Stage};
}
