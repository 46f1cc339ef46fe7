//! All SQL of visits.

mod albums;
mod check_in;
mod check_out;
mod findings;
mod locations;
mod master;
mod photos;
mod policies;
mod shelf;
mod surveys;
mod visits;
mod whole;

pub(crate) use albums::*;
pub(crate) use check_in::*;
pub(crate) use check_out::*;
pub(crate) use findings::*;
pub(crate) use locations::*;
pub(crate) use master::*;
pub(crate) use photos::*;
pub(crate) use policies::*;
pub(crate) use shelf::*;
pub(crate) use surveys::*;
pub(crate) use visits::*;
pub(crate) use whole::*;

pub use locations::ProposalRow;
