//! Attendance: clocking in and out, corrections, working times of units, timesheets.
//!
//! A day may hold many clock events; the first *in* and the last *out* count ([`domain::attendance`]). What was clocked
//! stays as it was: a correction is a row of its own that says who made it and why. What a day comes to is reckoned when
//! it is asked for, with the working times that its unit had on that day.

mod error;
mod http;
mod model;
pub mod service;
mod store;
mod timesheet;
mod verify;
mod worked;

pub use error::AttendanceError;
pub use http::router;
pub use model::{ClockEvent, WorkedDay};
pub use timesheet::{PersonMonth, Totals, timesheet};
pub use verify::verify;
pub use worked::{Worked, worked};
