use chrono::{DateTime, Utc};
use db::PgConnection;

pub(crate) async fn delete_answers(
    c: &mut PgConnection,
    before: DateTime<Utc>,
    limit: i64,
) -> Result<u64, sqlx::Error> {
    let done = sqlx::query!(
        "delete from idempotency_keys where (user_id, key) in (select user_id, key from idempotency_keys where created_at < $1 limit $2)",
        before,
        limit,
    )
    .execute(c)
    .await?;
    Ok(done.rows_affected())
}

pub(crate) async fn delete_changes(
    c: &mut PgConnection,
    before: DateTime<Utc>,
    limit: i64,
) -> Result<u64, sqlx::Error> {
    let limit = i32::try_from(limit).unwrap_or(i32::MAX);
    let rows = sqlx::query_scalar!(r#"select sweep_sync_changes($1, $2) as "rows!""#, before, limit)
        .fetch_one(c)
        .await?;
    Ok(rows.unsigned_abs())
}

/// Operations that are settled and to which no open case belongs, and what was no operation.
pub(crate) async fn delete_uploads(
    c: &mut PgConnection,
    before: DateTime<Utc>,
    limit: i64,
) -> Result<u64, sqlx::Error> {
    let cases = sqlx::query!(
        "delete from sync_cases where (distributor_id, id) in (
           select distributor_id, id from sync_cases where status <> 'open' and closed_at < $1 limit $2)",
        before,
        limit,
    )
    .execute(&mut *c)
    .await?;
    let operations = sqlx::query!(
        "delete from sync_operations where (distributor_id, user_id, op_id) in (
           select o.distributor_id, o.user_id, o.op_id from sync_operations o
           where o.received_at < $1 and o.status in ('applied', 'differs', 'rejected', 'dismissed')
             and not exists (
               select from sync_cases s
               where s.distributor_id = o.distributor_id and s.user_id = o.user_id and s.op_id = o.op_id)
           limit $2)",
        before,
        limit,
    )
    .execute(&mut *c)
    .await?;
    let strays = sqlx::query!(
        "delete from sync_strays where (distributor_id, id) in (
           select distributor_id, id from sync_strays where received_at < $1 limit $2)",
        before,
        limit,
    )
    .execute(c)
    .await?;
    Ok(cases.rows_affected() + operations.rows_affected() + strays.rows_affected())
}

pub(crate) async fn delete_tokens(
    c: &mut PgConnection,
    before: DateTime<Utc>,
    limit: i64,
) -> Result<u64, sqlx::Error> {
    let done = sqlx::query!(
        "delete from refresh_tokens where token_hash in (select token_hash from refresh_tokens where expires_at < $1 limit $2)",
        before,
        limit,
    )
    .execute(c)
    .await?;
    Ok(done.rows_affected())
}

pub(crate) async fn delete_sessions(
    c: &mut PgConnection,
    before: DateTime<Utc>,
    limit: i64,
) -> Result<u64, sqlx::Error> {
    let done = sqlx::query!(
        "delete from sessions where id in (
           select s.id from sessions s
           where s.seen_at < $1 and not exists (select from refresh_tokens t where t.session_id = s.id)
           limit $2)",
        before,
        limit,
    )
    .execute(c)
    .await?;
    Ok(done.rows_affected())
}
