//! What phones download and upload, on the real API and a real database.

#![expect(clippy::unwrap_used, clippy::panic, reason = "tests may fail")]

mod changes;
mod cursor;
mod download;
mod histories;
mod phone;
mod together;
mod told;
mod upload;
