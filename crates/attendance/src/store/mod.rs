//! All SQL of attendance. Every function fails only when the database refuses.

mod corrections;
mod days;
mod events;
mod findings;
mod people;
mod work_times;

pub(crate) use corrections::*;
pub(crate) use days::*;
pub(crate) use events::*;
pub(crate) use findings::*;
pub(crate) use people::*;
pub(crate) use work_times::*;
