//! Routes: ordered lists of outlets that one rep visits on given weekdays.
//!
//! [`plan`] answers what a rep has to do on a day, for the phone's screen and for those who must know whether a visit
//! is in route. Who walks a route is kept with its history ([`store::assignments`]).

mod error;
mod http;
pub mod import;
mod model;
pub mod plan;
mod service;
pub mod store;

pub use error::RouteError;
pub use http::router;
pub use model::{Assignment, DayRoute, NewRoute, NewStop, Route, RouteStatus, Stop};
