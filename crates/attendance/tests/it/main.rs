//! Attendance through its endpoints, on a real database.
#![expect(clippy::unwrap_used, clippy::expect_used, reason = "a helper that fails is a test that fails")]

mod clock;
mod correct;
mod month;
mod support;
mod verify;
mod work_times;
