//! All SQL of visits.

mod albums;
mod check_in;
mod check_out;
mod locations;
mod photos;
mod policies;
mod shelf;
mod surveys;
mod visits;

pub(crate) use albums::*;
pub(crate) use check_in::*;
pub(crate) use check_out::*;
pub(crate) use locations::*;
pub(crate) use photos::*;
pub(crate) use policies::*;
pub(crate) use shelf::*;
pub(crate) use surveys::*;
pub(crate) use visits::*;

pub use locations::ProposalRow;
