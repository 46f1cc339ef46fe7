use chrono::{DateTime, Utc};
use sqlx::PgConnection;

use crate::relay::Event;

/// Takes the oldest unpublished events for this transaction; another relay passes over them meanwhile.
pub(crate) async fn take_unpublished(c: &mut PgConnection, limit: i64) -> Result<Vec<Event>, sqlx::Error> {
    sqlx::query_as!(
        Event,
        "select seq, id, kind, aggregate_id, audience, payload, created_at from outbox
         where published_at is null order by seq limit $1 for update skip locked",
        limit,
    )
    .fetch_all(c)
    .await
}

pub(crate) async fn mark_published(
    c: &mut PgConnection,
    seqs: &[i64],
    at: DateTime<Utc>,
) -> Result<(), sqlx::Error> {
    sqlx::query!("update outbox set published_at = $2 where seq = any($1)", seqs, at).execute(c).await?;
    Ok(())
}

/// The commit of this transaction doesn't wait for the disk.
pub(crate) async fn commit_lazily(c: &mut PgConnection) -> Result<(), sqlx::Error> {
    sqlx::query("set local synchronous_commit = off").execute(c).await?;
    Ok(())
}

/// Seconds since the oldest unpublished event was written.
pub(crate) async fn lag(c: &mut PgConnection, now: DateTime<Utc>) -> Result<f64, sqlx::Error> {
    let oldest: Option<DateTime<Utc>> =
        sqlx::query_scalar!("select min(created_at) from outbox where published_at is null")
            .fetch_one(c)
            .await?;
    Ok(oldest.map_or(0.0, |at| (now - at).as_seconds_f64().max(0.0)))
}

/// Deletes rows whose time is over, at most `limit` of each kind; gives how many.
pub(crate) async fn sweep(c: &mut PgConnection, now: DateTime<Utc>, limit: i64) -> Result<u64, sqlx::Error> {
    let days = |n| now - chrono::Duration::days(n);
    let events = sqlx::query!(
        "delete from outbox where seq in (select seq from outbox where published_at < $1 limit $2)",
        days(7),
        limit,
    )
    .execute(&mut *c)
    .await?
    .rows_affected();
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
    .execute(c)
    .await?
    .rows_affected();
    Ok(events + keys + tokens)
}
