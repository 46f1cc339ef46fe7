use chrono::TimeDelta;
use db::Context;
use platform::App;

use crate::store::clean_up as store;

const BATCH: i64 = 5_000;
/// Answers to requests, kept for their repeats.
const ANSWERS: TimeDelta = TimeDelta::days(30);
/// The log of changes for phones; those that were away for longer download everything anew.
const CHANGES: TimeDelta = TimeDelta::days(14);
/// Runs of jobs, and marks of messages that came by the bus. A bus keeps a message for fourteen days at most.
const RUNS: TimeDelta = TimeDelta::days(21);
/// What phones sent and no person has to look at any more.
const UPLOADS: TimeDelta = TimeDelta::days(180);
/// Refresh tokens after their end.
const TOKENS: TimeDelta = TimeDelta::days(1);
/// Sessions after their last sign of life, when none of their tokens is left.
const SESSIONS: TimeDelta = TimeDelta::days(90);

/// Deletes rows whose time is over, in batches of one transaction each; gives how many.
///
/// # Errors
/// When the database refuses; what was deleted before stays so.
pub async fn clean_up(app: &App) -> Result<u64, sqlx::Error> {
    let cx = Context::system("clean-up");
    let now = app.now();
    let mut total = jobs::sweep(app, now - RUNS).await?;
    total += notifications::sweep(app).await?;
    loop {
        let mut tx = app.db.begin(&cx).await?;
        let mut rows = store::delete_answers(&mut tx, now - ANSWERS, BATCH).await?;
        rows += store::delete_changes(&mut tx, now - CHANGES, BATCH).await?;
        tx.commit().await?;
        // The ledger of uploads by itself: its rows are large.
        let mut tx = app.db.begin(&cx).await?;
        rows += store::delete_uploads(&mut tx, now - UPLOADS, BATCH / 5).await?;
        tx.commit().await?;
        total += rows;
        if rows == 0 {
            return Ok(total);
        }
    }
}

/// Deletes refresh tokens that have ended, and sessions that nobody can go on with; gives how many rows.
///
/// # Errors
/// As [`clean_up`].
pub async fn end_sessions(app: &App) -> Result<u64, sqlx::Error> {
    let cx = Context::system("session clean-up");
    let now = app.now();
    let mut total = 0;
    loop {
        let mut tx = app.db.begin(&cx).await?;
        let mut rows = store::delete_tokens(&mut tx, now - TOKENS, BATCH).await?;
        rows += store::delete_sessions(&mut tx, now - SESSIONS, BATCH).await?;
        tx.commit().await?;
        total += rows;
        if rows == 0 {
            return Ok(total);
        }
    }
}
