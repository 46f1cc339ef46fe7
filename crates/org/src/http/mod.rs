//! One endpoint, or one pair of them, a file.

pub mod approve_distributor;
pub mod create_distributor;
pub mod create_unit;
pub mod distributor;
pub mod distributor_photos;
pub mod list_distributors;
pub mod list_units;
pub mod move_unit;
pub mod unit;
