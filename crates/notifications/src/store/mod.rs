//! All SQL of notifications.

pub(crate) mod deliveries;
pub(crate) mod devices;
pub(crate) mod inbox;
pub(crate) mod people;
pub(crate) mod preferences;
