//! The endpoints.

pub(crate) mod create;
pub(crate) mod list;
pub(crate) mod owed;
pub(crate) mod settle;
pub(crate) mod show;
pub(crate) mod simulate;
pub(crate) mod switch;
pub(crate) mod update;
pub(crate) mod view;
