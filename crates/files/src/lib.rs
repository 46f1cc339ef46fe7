//! Photos by their content: stored once, checked, sent in parts, made smaller, and known again.
//!
//! A content's name is the SHA-256 of its bytes. The phone computes it, may tell of a photo before the photo's bytes
//! are here, and sends them when the network allows: whole, in parts that any server can go on with, or straight to
//! the store by a link. A distributor has a content when it has sent all its bytes; that another one has it is never
//! told. The worker ([`worker::run`]) makes thumbnails and finds photos that show what photos of other visits show.

mod error;
pub mod form;
mod hash;
mod http;
mod image;
mod model;
pub mod photos;
mod picture;
pub mod send;
pub mod service;
pub mod store;
pub mod worker;

pub use error::FileError;
pub use http::router;
pub use model::{Duplicate, Stored};
pub use picture::Picture;

/// The largest image, in bytes.
pub const MAX_BYTES: usize = 15 * 1024 * 1024;
