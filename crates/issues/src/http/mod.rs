//! The endpoints.

pub(crate) mod list;
pub(crate) mod open;
pub(crate) mod post;
pub(crate) mod resolve;
pub(crate) mod show;
