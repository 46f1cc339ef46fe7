//! Where the people in the field are and were: the phone's positions, the live board, the day's path.

mod http;
mod model;
mod position;
mod store;

pub use http::router;
pub use position::note_position;
