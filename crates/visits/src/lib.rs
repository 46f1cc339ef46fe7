//! Visits to outlets, the photos taken there, and the working day around them.
//!
//! A rep clocks in, checks in at an outlet, does the steps, checks out, and clocks out. The server decides what the
//! phone can't be trusted with: how far the rep stood from the outlet, and whether the outlet was in the day's plan.

mod attendance;
mod error;
mod http;
mod image;
mod model;
mod service;
mod store;

pub use error::VisitError;
pub use http::router;
