//! Behind the requests: partitions made ahead, and odd check-ins found.

use chrono::TimeDelta;
use db::Context;
use platform::App;

use crate::store;

/// Transactions that began before the last pass may have come after it; none lasts so long.
const OVERLAP: TimeDelta = TimeDelta::minutes(5);
/// The first pass of all looks so far back.
const FIRST: TimeDelta = TimeDelta::days(7);
/// So much at a time: a server that was away for days has much to make up for.
const SPAN: TimeDelta = TimeDelta::hours(3);

/// Makes the partitions of positions for the months around now.
///
/// # Errors
/// When the database refuses.
pub async fn make_partitions(app: &App) -> Result<(), sqlx::Error> {
    let mut tx = app.db.begin(&Context::system("partitions")).await?;
    store::prepare_partitions(&mut tx, app.today()).await?;
    tx.commit().await
}

/// Looks at the check-ins that came since the last pass; gives how many suspicions are new.
///
/// # Errors
/// When the database refuses; what was found before stays.
pub async fn look_at_check_ins(app: &App) -> Result<u64, sqlx::Error> {
    let cx = Context::system("suspicions");
    let now = app.now();
    let mut found = 0;
    loop {
        let mut tx = app.db.begin(&cx).await?;
        let since = store::lock_watermark(&mut tx, "suspicions.check_ins", now - FIRST).await?;
        // Without a watermark another worker is at it.
        let Some(since) = since.filter(|since| *since < now) else { return Ok(found) };
        let to = now.min(since + SPAN);
        store::plan_for_values(&mut tx).await?;
        found += store::insert_far_check_ins(&mut tx, since, to, now).await?;
        found += store::insert_same_fixes(&mut tx, since, to, now).await?;
        let last = to == now;
        store::update_watermark(&mut tx, "suspicions.check_ins", if last { now - OVERLAP } else { to })
            .await?;
        tx.commit().await?;
        if last {
            return Ok(found);
        }
    }
}
