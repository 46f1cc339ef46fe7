//! All SQL of tracking.

mod batch;
mod declarations;
mod live;
mod path;
mod suspicions;

use domain::{DistributorId, OrgUnitId, UserId};

pub(crate) use batch::*;
pub(crate) use declarations::*;
pub(crate) use live::*;
pub(crate) use path::*;
pub(crate) use suspicions::*;

/// Whose positions they are.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Owner {
    pub distributor: DistributorId,
    pub user: UserId,
    pub unit: Option<OrgUnitId>,
}
