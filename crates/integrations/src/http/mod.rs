//! The endpoints.

pub(crate) mod count;
pub(crate) mod import;
pub(crate) mod template;

/// The largest body: a file, and what a form puts around it.
pub(crate) const LIMIT: usize = crate::table::MAX_BYTES + 64 * 1024;
