//! All SQL of this capability.

pub mod accounts;
pub mod audit;
pub mod sessions;
pub mod users;
