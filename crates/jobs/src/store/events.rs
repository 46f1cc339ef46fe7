use chrono::{DateTime, Utc};
use sqlx::PgConnection;
use uuid::Uuid;

use crate::Event;

/// Separates groups in an audience that is handed over as one text.
const SEPARATOR: &str = "\u{1f}";
/// The lock of whoever passes events on.
const RELAYS_TURN: i64 = 0x646d_735f_6f75_7462;

/// Takes the oldest events out of the outbox; they are gone for good when this transaction commits. None while another process
/// is at it. They are locked, so that their places hold still; a plan made while the table was small can't be a bad one by place.
pub(crate) async fn take_events(c: &mut PgConnection, limit: i64) -> Result<Vec<Event>, sqlx::Error> {
    let mut events = sqlx::query_as!(
        Event,
        "with turn as materialized (select pg_try_advisory_xact_lock($2) as mine)
         delete from outbox
         where ctid = any (array(
           select o.ctid from outbox o, turn where turn.mine order by o.seq limit $1 for update of o skip locked))
         returning seq, id, kind, aggregate_id, distributor_id, audience, payload, trace_id, created_at",
        limit,
        RELAYS_TURN,
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

/// Events to put down, as columns.
#[derive(Default)]
pub(crate) struct Put {
    consumers: Vec<String>,
    ids: Vec<Uuid>,
    kinds: Vec<String>,
    aggregates: Vec<Uuid>,
    distributors: Vec<Option<Uuid>>,
    audiences: Vec<String>,
    payloads: Vec<serde_json::Value>,
    traces: Vec<Option<String>>,
    created: Vec<DateTime<Utc>>,
}

impl Put {
    pub(crate) fn add(&mut self, consumer: &str, event: &Event) {
        self.consumers.push(consumer.to_owned());
        self.ids.push(event.id);
        self.kinds.push(event.kind.clone());
        self.aggregates.push(event.aggregate_id);
        self.distributors.push(event.distributor_id);
        self.audiences.push(event.audience.join(SEPARATOR));
        self.payloads.push(event.payload.clone());
        self.traces.push(event.trace_id.clone());
        self.created.push(event.created_at);
    }

    pub(crate) fn len(&self) -> usize {
        self.ids.len()
    }
}

/// Puts events down for their consumers, in this order.
pub(crate) async fn put_down(c: &mut PgConnection, put: &Put, now: DateTime<Utc>) -> Result<(), sqlx::Error> {
    if put.ids.is_empty() {
        return Ok(());
    }
    sqlx::query!(
        "insert into deliveries (consumer, event_id, kind, aggregate_id, distributor_id, audience, payload, trace_id, created_at, due_at)
         select consumer, id, kind, aggregate, distributor, string_to_array(audience, $11), payload, trace, created, $10
         from unnest($1::text[], $2::uuid[], $3::text[], $4::uuid[], $5::uuid[], $6::text[], $7::jsonb[], $8::text[], $9::timestamptz[])
           with ordinality as t (consumer, id, kind, aggregate, distributor, audience, payload, trace, created, n)
         order by n",
        &put.consumers,
        &put.ids,
        &put.kinds,
        &put.aggregates,
        &put.distributors as &[Option<Uuid>],
        &put.audiences,
        &put.payloads,
        &put.traces as &[Option<String>],
        &put.created,
        now,
        SEPARATOR,
    )
    .execute(c)
    .await?;
    Ok(())
}

/// Notes that these events came by the bus; gives those that hadn't come before.
pub(crate) async fn note_received(
    c: &mut PgConnection,
    consumer: &str,
    ids: &[Uuid],
    now: DateTime<Utc>,
) -> Result<Vec<Uuid>, sqlx::Error> {
    sqlx::query_scalar!(
        "insert into inbox (consumer, event_id, at) select $1, id, $3 from unnest($2::uuid[]) id
         on conflict do nothing returning event_id",
        consumer,
        ids,
        now,
    )
    .fetch_all(c)
    .await
}

/// An event that waits for a consumer.
pub(crate) struct Waiting {
    /// Its `seq` is its place among those that wait.
    pub event: Event,
    pub attempts: i16,
    pub error: Option<String>,
}

/// Its row.
struct WaitingRow {
    seq: i64,
    event_id: Uuid,
    kind: String,
    aggregate_id: Uuid,
    distributor_id: Option<Uuid>,
    audience: Vec<String>,
    payload: serde_json::Value,
    trace_id: Option<String>,
    created_at: DateTime<Utc>,
    attempts: i16,
    error: Option<String>,
}

impl From<WaitingRow> for Waiting {
    fn from(r: WaitingRow) -> Self {
        Waiting {
            event: Event {
                seq: r.seq,
                id: r.event_id,
                kind: r.kind,
                aggregate_id: r.aggregate_id,
                distributor_id: r.distributor_id,
                audience: r.audience,
                payload: r.payload,
                trace_id: r.trace_id,
                created_at: r.created_at,
            },
            attempts: r.attempts,
            error: r.error,
        }
    }
}

/// Whether it is this transaction's turn to hand out what waits for the consumer; the turn ends with the transaction.
pub(crate) async fn try_turn(c: &mut PgConnection, consumer: &str) -> Result<bool, sqlx::Error> {
    sqlx::query_scalar!(
        r#"select pg_try_advisory_xact_lock(hashtextextended('deliveries:' || $1, 0)) as "mine!""#,
        consumer,
    )
    .fetch_one(c)
    .await
}

/// What waits for the consumer and is due, in order. What follows upon an event of the same aggregate that failed and isn't due
/// yet waits for it.
pub(crate) async fn list_due(
    c: &mut PgConnection,
    consumer: &str,
    now: DateTime<Utc>,
    limit: i64,
) -> Result<Vec<Waiting>, sqlx::Error> {
    let rows = sqlx::query_as!(
        WaitingRow,
        "with failed as materialized (
           select aggregate_id, seq from deliveries where consumer = $1 and attempts > 0 and due_at > $2
         )
         select seq, event_id, kind, aggregate_id, distributor_id, audience, payload, trace_id, created_at, attempts, error
         from deliveries d
         where consumer = $1 and due_at <= $2
           and not exists (select from failed f where f.aggregate_id = d.aggregate_id and f.seq < d.seq)
         order by seq
         limit $3",
        consumer,
        now,
        limit,
    )
    .fetch_all(c)
    .await?;
    Ok(rows.into_iter().map(Waiting::from).collect())
}

/// One that waits, if it still does.
pub(crate) async fn find_waiting(
    c: &mut PgConnection,
    consumer: &str,
    seq: i64,
) -> Result<Option<Waiting>, sqlx::Error> {
    let row = sqlx::query_as!(
        WaitingRow,
        "select seq, event_id, kind, aggregate_id, distributor_id, audience, payload, trace_id, created_at, attempts, error
         from deliveries where consumer = $1 and seq = $2",
        consumer,
        seq,
    )
    .fetch_optional(c)
    .await?;
    Ok(row.map(Waiting::from))
}

/// Notes that another try is made.
pub(crate) async fn mark_try(c: &mut PgConnection, consumer: &str, seq: i64) -> Result<(), sqlx::Error> {
    sqlx::query!(
        "update deliveries set attempts = attempts + 1 where consumer = $1 and seq = $2",
        consumer,
        seq
    )
    .execute(c)
    .await?;
    Ok(())
}

/// The next try is later.
pub(crate) async fn postpone(
    c: &mut PgConnection,
    consumer: &str,
    seq: i64,
    due_at: DateTime<Utc>,
    error: &str,
) -> Result<(), sqlx::Error> {
    sqlx::query!(
        "update deliveries set due_at = $3, error = $4 where consumer = $1 and seq = $2",
        consumer,
        seq,
        due_at,
        error,
    )
    .execute(c)
    .await?;
    Ok(())
}

/// They were handled.
pub(crate) async fn delete_waiting(
    c: &mut PgConnection,
    consumer: &str,
    seqs: &[i64],
) -> Result<(), sqlx::Error> {
    sqlx::query!("delete from deliveries where consumer = $1 and seq = any ($2)", consumer, seqs)
        .execute(c)
        .await?;
    Ok(())
}

/// Makes one that waits a dead letter.
pub(crate) async fn bury(
    c: &mut PgConnection,
    consumer: &str,
    seq: i64,
    error: &str,
    now: DateTime<Utc>,
) -> Result<(), sqlx::Error> {
    sqlx::query!(
        "with gone as (delete from deliveries where consumer = $2 and seq = $3 returning *)
         insert into dead_letters (id, consumer, event_id, kind, aggregate_id, distributor_id, audience, payload, trace_id,
           created_at, attempts, error, died_at)
         select $1, consumer, event_id, kind, aggregate_id, distributor_id, audience, payload, trace_id, created_at, attempts, $4, $5
         from gone",
        Uuid::now_v7(),
        consumer,
        seq,
        error,
        now,
    )
    .execute(c)
    .await?;
    Ok(())
}

/// The oldest of what is to be sent, in order.
pub(crate) async fn list_to_send(
    c: &mut PgConnection,
    consumer: &str,
    limit: i64,
) -> Result<Vec<Event>, sqlx::Error> {
    sqlx::query_as!(
        Event,
        "select seq, event_id as id, kind, aggregate_id, distributor_id, audience, payload, trace_id, created_at
         from deliveries where consumer = $1 order by seq limit $2",
        consumer,
        limit,
    )
    .fetch_all(c)
    .await
}

/// An event that came by the bus and is not to be handled, but kept to be read and replayed.
pub(crate) async fn bury_event(
    c: &mut PgConnection,
    consumer: &str,
    event: &Event,
    error: &str,
    now: DateTime<Utc>,
) -> Result<(), sqlx::Error> {
    sqlx::query!(
        "insert into dead_letters (id, consumer, event_id, kind, aggregate_id, distributor_id, audience, payload, trace_id,
           created_at, attempts, error, died_at)
         values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, 0, $11, $12)",
        Uuid::now_v7(),
        consumer,
        event.id,
        event.kind,
        event.aggregate_id,
        event.distributor_id,
        &event.audience,
        event.payload,
        event.trace_id,
        event.created_at,
        error,
        now,
    )
    .execute(c)
    .await?;
    Ok(())
}

/// A message that came by the bus and is no event, kept to be read; the same one again changes nothing.
pub(crate) async fn bury_message(
    c: &mut PgConnection,
    id: Uuid,
    consumer: &str,
    kind: &str,
    payload: &serde_json::Value,
    error: &str,
    now: DateTime<Utc>,
) -> Result<(), sqlx::Error> {
    sqlx::query!(
        "insert into dead_letters (id, consumer, kind, payload, attempts, error, died_at) values ($1, $2, $3, $4, 1, $5, $6)
         on conflict do nothing",
        id,
        consumer,
        kind,
        payload,
        error,
        now,
    )
    .execute(c)
    .await?;
    Ok(())
}

/// What waits, and what was given up.
pub(crate) struct Counts {
    /// Events that wait for a consumer, or for the bus.
    pub waiting: i64,
    pub dead: i64,
    /// When the oldest event was written that is still in the outbox or waits.
    pub oldest: Option<DateTime<Utc>>,
}

/// Counts what waits and what was given up.
pub(crate) async fn count_waiting(c: &mut PgConnection) -> Result<Counts, sqlx::Error> {
    sqlx::query_as!(
        Counts,
        r#"select (select count(*) from deliveries) as "waiting!", (select count(*) from dead_letters) as "dead!",
             least((select min(created_at) from outbox), (select min(created_at) from deliveries)) as oldest"#
    )
    .fetch_one(c)
    .await
}
