//! What a rep has to do on a day.

use chrono::NaiveDate;
use domain::{CustomerId, RouteId, UserId};
use sqlx::PgConnection;

use crate::model::{DayRoute, Stop};
use crate::store::{self, Candidate};

/// The routes the user walks on the day, each with the outlets that are due, in order. An outlet on two of them is
/// due on the first only.
///
/// # Errors
/// When the database refuses.
pub async fn day(c: &mut PgConnection, user: UserId, date: NaiveDate) -> Result<Vec<DayRoute>, sqlx::Error> {
    Ok(due(store::day_candidates(c, user, date, None).await?, date))
}

/// The route in whose plan for the day the outlet is, if it is in one.
///
/// # Errors
/// When the database refuses.
pub async fn route_of(
    c: &mut PgConnection,
    user: UserId,
    date: NaiveDate,
    customer: CustomerId,
) -> Result<Option<RouteId>, sqlx::Error> {
    let routes = due(store::day_candidates(c, user, date, Some(customer)).await?, date);
    Ok(routes.into_iter().find(|route| !route.stops.is_empty()).map(|route| route.id))
}

/// The candidates come grouped by route.
fn due(candidates: Vec<Candidate>, date: NaiveDate) -> Vec<DayRoute> {
    let mut routes: Vec<DayRoute> = Vec::new();
    let mut planned = std::collections::HashSet::new();
    for candidate in candidates {
        if routes.last().is_none_or(|route| route.id != candidate.route) {
            routes.push(DayRoute {
                distributor: candidate.distributor,
                id: candidate.route,
                code: candidate.code,
                name: candidate.name,
                stops: Vec::new(),
            });
        }
        let Some((customer, sequence, cadence)) = candidate.stop else { continue };
        if candidate.schedule.due_on(&cadence, date)
            && planned.insert(customer)
            && let Some(route) = routes.last_mut()
        {
            route.stops.push(Stop { customer, sequence });
        }
    }
    routes
}
