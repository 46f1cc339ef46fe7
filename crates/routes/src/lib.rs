//! Routes: ordered lists of outlets that one rep visits on given weekdays.
//!
//! [`plan`] answers what a rep has to do on a day, for the phone's screen, for the supervisor's calendar and for those who
//! must know whether a visit is in route. Who walks a route is kept with its history ([`store::assignments`]); substitutes,
//! leave and holidays change the plan of their days only.

mod error;
mod http;
pub mod import;
mod model;
pub mod plan;
pub mod plan_cache;
mod service;
pub mod store;
mod verify;

pub use error::RouteError;
pub use http::router;
pub use model::{
    Assignment, DayPlan, DayRoute, Holiday, Leave, NewAssignment, NewRoute, NewStop, Route, RoutePolicy,
    RouteStatus, Stop, Substitution,
};
pub use verify::verify;
