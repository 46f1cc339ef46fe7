pub mod admin;
pub mod demo;
pub mod import;
pub mod migrate;
pub mod serve;
pub mod snapshots;
pub mod verify;
