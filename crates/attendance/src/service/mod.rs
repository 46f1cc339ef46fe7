//! What has to be decided about attendance.

mod clock;
mod correct;
mod work_times;

pub use clock::{Clock, clock};
pub(crate) use correct::{Addition, Change, add, correct};
pub(crate) use work_times::set_work_times;
