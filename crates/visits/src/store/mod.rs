//! All SQL of visits, photos and attendance.

mod attendance;
mod photos;
mod visits;

pub(crate) use attendance::*;
pub(crate) use photos::*;
pub(crate) use visits::*;
