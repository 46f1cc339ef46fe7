//! The endpoints.

pub(crate) mod create;
pub(crate) mod customers;
pub(crate) mod programs;
pub(crate) mod records;
pub(crate) mod score;
pub(crate) mod update;
