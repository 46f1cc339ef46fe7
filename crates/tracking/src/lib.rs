//! Where the people in the field are and were: the phone's positions, the live board, the day's path with its stops and
//! gaps, declarations, and signs that something isn't true.
//!
//! A batch of positions is one statement ([`service::record_points`]): points are known by their time, so nothing else
//! makes a repeat harmless. What a path is reckoned from is pure ([`domain::track`]).

mod http;
mod model;
mod position;
pub mod service;
mod store;
mod suspicion;
pub mod worker;

pub use http::router;
pub use model::{Batch, Broken, Declaration, EventInput, PointInput, Recorded};
pub use position::note_position;
