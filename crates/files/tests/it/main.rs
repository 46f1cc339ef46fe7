//! Files through their endpoints, on a real database and a folder.
#![expect(clippy::unwrap_used, reason = "a helper that fails is a test that fails")]

mod content;
mod duplicates;
mod images;
mod links;
mod support;
mod sweep;
mod upload;
