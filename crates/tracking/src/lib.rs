//! Where the people in the field are and were: the phone's positions, the live board, the day's path.

mod http;
mod model;
mod store;

pub use http::router;
