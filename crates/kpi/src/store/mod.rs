//! All SQL of KPIs. Every function fails only when the database refuses.

pub(crate) mod performance;
pub(crate) mod refresh;
pub(crate) mod targets;
