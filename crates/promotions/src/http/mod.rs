//! The endpoints.

pub(crate) mod create;
pub(crate) mod list;
pub(crate) mod show;
pub(crate) mod switch;
pub(crate) mod update;
pub(crate) mod view;
