use chrono::{DateTime, Utc};
use sqlx::PgConnection;

use crate::relay::Event;

/// Takes the oldest events out of the outbox; they are gone for good when this transaction commits. Another relay passes over them
/// meanwhile.
pub(crate) async fn take_events(c: &mut PgConnection, limit: i64) -> Result<Vec<Event>, sqlx::Error> {
    let mut events = sqlx::query_as!(
        Event,
        "delete from outbox
         where seq in (select seq from outbox order by seq limit $1 for update skip locked)
         returning seq, id, kind, aggregate_id, audience, payload, created_at",
        limit,
    )
    .fetch_all(c)
    .await?;
    events.sort_unstable_by_key(|event| event.seq);
    Ok(events)
}

/// The commit of this transaction doesn't wait for the disk.
pub(crate) async fn commit_lazily(c: &mut PgConnection) -> Result<(), sqlx::Error> {
    sqlx::query("set local synchronous_commit = off").execute(c).await?;
    Ok(())
}

/// Deletes rows whose time is over, at most `limit` of each kind; gives how many.
pub(crate) async fn sweep(c: &mut PgConnection, now: DateTime<Utc>, limit: i64) -> Result<u64, sqlx::Error> {
    let days = |n| now - chrono::Duration::days(n);
    let keys = sqlx::query!(
        "delete from idempotency_keys where (user_id, key) in (select user_id, key from idempotency_keys where created_at < $1 limit $2)",
        days(30),
        limit,
    )
    .execute(&mut *c)
    .await?
    .rows_affected();
    let tokens = sqlx::query!(
        "delete from refresh_tokens where token_hash in (select token_hash from refresh_tokens where expires_at < $1 limit $2)",
        days(1),
        limit,
    )
    .execute(&mut *c)
    .await?
    .rows_affected();
    // Phones that were away for longer download everything anew.
    let changes = sqlx::query_scalar!(
        r#"select sweep_sync_changes($1, $2) as "rows!""#,
        days(14),
        i32::try_from(limit).unwrap_or(i32::MAX),
    )
    .fetch_one(c)
    .await?;
    Ok(keys + tokens + changes.unsigned_abs())
}
