//! Once an hour: answers kept for repeats after 30 days, refresh tokens a day after their end, the log of changes after 14 days;
//! and the stock snapshots of a month that has ended.

use std::sync::Arc;
use std::time::Duration;

use db::{Context, Db};
use platform::Clock;
use tokio_util::sync::CancellationToken;

use crate::store;

const FIRST: Duration = Duration::from_secs(60);
const EVERY: Duration = Duration::from_secs(3600);
const BATCH: i64 = 5_000;

/// Sweeps until told to stop.
pub async fn run(db: Db, clock: Arc<dyn Clock>, stop: CancellationToken) {
    // Soon after the start for the first time: what ended while nothing ran is made up for.
    let mut wait = FIRST;
    loop {
        tokio::select! {
            () = tokio::time::sleep(wait) => wait = EVERY,
            () = stop.cancelled() => return,
        }
        match reports::build_missing_snapshots(&db, clock.now()).await {
            Ok(0) => {}
            Ok(months) => tracing::info!(months, "stock snapshots built"),
            Err(error) => {
                tracing::warn!(error = %error, "building stock snapshots failed; trying again in an hour")
            }
        }
        match sweep(&db, clock.as_ref()).await {
            Ok(0) => {}
            Ok(rows) => tracing::info!(rows, "old rows swept away"),
            Err(error) => tracing::warn!(error = %error, "sweeping failed; trying again in an hour"),
        }
    }
}

/// Sweeps once, in batches of one transaction each; gives the number of rows.
///
/// # Errors
/// When the database refuses; what was swept before stays swept.
pub async fn sweep(db: &Db, clock: &dyn Clock) -> Result<u64, sqlx::Error> {
    let cx = Context::system("housekeeping");
    let mut total = 0;
    loop {
        let mut tx = db.begin(&cx).await?;
        let rows = store::sweep(&mut tx, clock.now(), BATCH).await?;
        tx.commit().await?;
        total += rows;
        if rows == 0 {
            return Ok(total);
        }
    }
}
