//! All SQL of displays.

mod programs;
mod records;

pub(crate) use programs::*;
pub(crate) use records::*;
