//! The endpoints.

pub(crate) mod import;
pub(crate) mod template;
