//! Plans of the day that this process has reckoned: for whoever asks again and again of the same person and day in which
//! route an outlet is.

use std::collections::HashMap;
use std::sync::{Arc, LazyLock, PoisonError, RwLock};

use chrono::NaiveDate;
use domain::{CustomerId, DistributorId, RouteId, UserId};
use sqlx::PgConnection;
use uuid::Uuid;

use crate::plan;

/// What `plan_versions` says, of the distributor and of what counts for all; read together with the other things that are
/// decided by, so that all of them are of one moment.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PlanVersion {
    /// Of the distributor; none while it never had a plan.
    pub distributor: Option<Uuid>,
    /// Of what counts for all.
    pub company: Option<Uuid>,
}

/// The outlets of somebody's plan for a day at one distributor, each with its route.
#[derive(Debug)]
pub struct PlannedOutlets {
    version: PlanVersion,
    routes: HashMap<CustomerId, RouteId>,
}

impl PlannedOutlets {
    /// The route in whose plan the outlet is. None also for one that wasn't active when the plan was reckoned.
    pub fn route_of(&self, customer: CustomerId) -> Option<RouteId> {
        self.routes.get(&customer).copied()
    }
}

/// Whose plan.
type Key = (UserId, DistributorId, NaiveDate);

/// So many are kept; then all are reckoned anew.
const MOST: usize = 20_000;

static KEPT: LazyLock<RwLock<HashMap<Key, Arc<PlannedOutlets>>>> = LazyLock::new(RwLock::default);

/// The plan, if this process has it in this version.
pub fn kept(
    user: UserId,
    distributor: DistributorId,
    date: NaiveDate,
    version: PlanVersion,
) -> Option<Arc<PlannedOutlets>> {
    // Nothing can be half written under this lock.
    let plans = KEPT.read().unwrap_or_else(PoisonError::into_inner);
    plans.get(&(user, distributor, date)).filter(|plan| plan.version == version).cloned()
}

/// Reckons the plan, and keeps it. `version` was read before in the same transaction: a change between the two is in the
/// plan but not in the version, so that the next one who asks reckons it again.
///
/// # Errors
/// When the database refuses.
pub async fn reckon(
    c: &mut PgConnection,
    user: UserId,
    distributor: DistributorId,
    date: NaiveDate,
    version: PlanVersion,
) -> Result<Arc<PlannedOutlets>, sqlx::Error> {
    let plan = plan::plan_for(c, distributor, user, date).await?;
    let mut routes = HashMap::new();
    for route in &plan.routes {
        for stop in &route.stops {
            routes.entry(stop.customer).or_insert(route.id);
        }
    }
    let found = Arc::new(PlannedOutlets { version, routes });
    let mut plans = KEPT.write().unwrap_or_else(PoisonError::into_inner);
    if plans.len() >= MOST {
        plans.clear();
    }
    plans.insert((user, distributor, date), found.clone());
    Ok(found)
}
