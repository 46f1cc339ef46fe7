//! Visits to outlets: check-in and check-out, the steps between them, what the company wants of a visit, and where outlets
//! stand.
//!
//! The server decides what the phone can't be trusted with: how far the rep stood from where the outlet was at that time,
//! whether the outlet was in the day's plan, and whether all that the policy wants was done. The functions of [`service`]
//! work for a request that waits and for a record that arrives from a day without network.

mod error;
mod http;
mod model;
pub mod service;
mod store;
mod verify;
mod words;

pub use error::VisitError;
pub use http::router;
pub use model::{FilledSurvey, Photo, ShelfCount, ShelfLine, Visit};
pub use store::ProposalRow;
pub use verify::verify;
