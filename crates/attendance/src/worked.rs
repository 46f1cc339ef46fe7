use std::collections::HashMap;

use chrono::NaiveDate;
use domain::{DistributorId, OrgUnitId, UserId};
use sqlx::PgConnection;

use crate::store::{self, HalfLeave};

/// What somebody worked on a day.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Worked {
    /// Who.
    pub user: UserId,
    /// The day.
    pub date: NaiveDate,
    /// For how long, as on the timesheet.
    pub minutes: u32,
}

/// What a distributor's people worked on these days; nobody who worked nothing.
///
/// # Errors
/// When the database refuses.
pub async fn worked(
    c: &mut PgConnection,
    distributor: DistributorId,
    days: &[NaiveDate],
) -> Result<Vec<Worked>, sqlx::Error> {
    let (Some(first), Some(last)) = (days.iter().min(), days.iter().max()) else { return Ok(Vec::new()) };
    let clocked = store::list_days_at(c, distributor, days).await?;
    let mut ids: Vec<uuid::Uuid> = clocked.iter().map(|day| day.user.uuid()).collect();
    ids.sort_unstable();
    ids.dedup();
    let halves = HalfLeave::of(&store::list_leave(c, &ids, *first, *last).await?);
    let own_unit: HashMap<UserId, OrgUnitId> = store::list_own_units(c, &ids).await?.into_iter().collect();
    let units = clocked.iter().filter_map(|day| day.unit).chain(own_unit.values().copied());
    let times = store::unit_times(c, units).await?;
    let assessed = clocked.into_iter().map(|day| {
        let unit = day.unit.or_else(|| own_unit.get(&day.user).copied());
        let (user, date) = (day.user, day.date);
        let half = halves.on(user, date);
        Worked { user, date, minutes: day.assessed(times.on(unit, date), half).worked_minutes }
    });
    Ok(assessed.filter(|worked| worked.minutes > 0).collect())
}
