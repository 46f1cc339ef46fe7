//! Proof that what people reached is what the documents say.

use chrono::NaiveDate;
use db::PgConnection;
use platform::Finding;

use crate::refresh::{REPAIRED_DAYS, before, days};
use crate::store::refresh as store;

/// Reckons the days of the last two months that are over, and compares (`kpi.days`, `kpi.product_days`): all but those
/// with changes that the next refresh will take up. Working time is left out; it is reckoned from the clock events by the
/// same function as on the timesheet. Also looks for targets of a rep that share a day (`kpi.targets_overlap`).
///
/// # Errors
/// When the database refuses.
pub async fn verify(c: &mut PgConnection) -> Result<Vec<Finding>, sqlx::Error> {
    let mut found = store::list_overlaps(c).await?;
    let changed = store::list_changed(c).await?;
    for (distributor, from, to) in store::list_reckoned(c).await? {
        let known = |day: &NaiveDate| *day < to && changed.binary_search(&(distributor, *day)).is_err();
        let closed: Vec<NaiveDate> =
            days(from.max(before(to, REPAIRED_DAYS)), to).into_iter().filter(known).collect();
        for days in closed.chunks(31) {
            found.extend(store::list_wrong_days(c, distributor, days).await?);
        }
    }
    Ok(found)
}
