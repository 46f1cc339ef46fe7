use chrono::{DateTime, Utc};
use sqlx::PgConnection;
use telemetry::Trace;
use uuid::Uuid;

use crate::dead_letters::DeadLetter;

pub(crate) async fn list(
    c: &mut PgConnection,
    consumer: Option<&str>,
    limit: i64,
    offset: i64,
) -> Result<(Vec<DeadLetter>, i64), sqlx::Error> {
    let mut letters = sqlx::query_as!(
        DeadLetter,
        "select id, consumer, event_id, kind, aggregate_id, distributor_id, payload, trace_id, created_at, attempts, error, died_at
         from dead_letters
         where ($1::text is null or consumer = $1)
         order by died_at desc, id desc
         limit $2 offset $3",
        consumer,
        limit,
        offset,
    )
    .fetch_all(&mut *c)
    .await?;
    for letter in &mut letters {
        // People look for the trace, not for a span of it.
        letter.trace_id =
            letter.trace_id.take().map(|text| Trace::parse(&text).map_or(text, |trace| trace.id()));
    }
    let total = sqlx::query_scalar!(
        r#"select count(*) as "n!" from dead_letters where ($1::text is null or consumer = $1)"#,
        consumer,
    )
    .fetch_one(c)
    .await?;
    Ok((letters, total))
}

/// A letter as it was, to be handled again.
pub(crate) struct Deleted {
    pub letter: DeadLetter,
    pub audience: Vec<String>,
}

pub(crate) async fn delete(c: &mut PgConnection, id: Uuid) -> Result<Option<Deleted>, sqlx::Error> {
    let row = sqlx::query!(
        "delete from dead_letters where id = $1
         returning id, consumer, event_id, kind, aggregate_id, distributor_id, audience, payload, trace_id, created_at, attempts,
           error, died_at",
        id,
    )
    .fetch_optional(c)
    .await?;
    Ok(row.map(|r| Deleted {
        letter: DeadLetter {
            id: r.id,
            consumer: r.consumer,
            event_id: r.event_id,
            kind: r.kind,
            aggregate_id: r.aggregate_id,
            distributor_id: r.distributor_id,
            payload: r.payload,
            trace_id: r.trace_id,
            created_at: r.created_at,
            attempts: r.attempts,
            error: r.error,
            died_at: r.died_at,
        },
        audience: r.audience,
    }))
}

/// Puts the event down for its consumer again; false when it is none.
pub(crate) async fn insert_again(
    c: &mut PgConnection,
    deleted: &Deleted,
    now: DateTime<Utc>,
) -> Result<bool, sqlx::Error> {
    let letter = &deleted.letter;
    let (Some(event), Some(aggregate), Some(created)) =
        (letter.event_id, letter.aggregate_id, letter.created_at)
    else {
        return Ok(false);
    };
    sqlx::query!(
        "insert into deliveries (consumer, event_id, kind, aggregate_id, distributor_id, audience, payload, trace_id, created_at, due_at)
         values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)",
        letter.consumer,
        event,
        letter.kind,
        aggregate,
        letter.distributor_id,
        &deleted.audience,
        letter.payload,
        letter.trace_id,
        created,
        now,
    )
    .execute(c)
    .await?;
    Ok(true)
}
