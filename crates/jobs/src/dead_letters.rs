//! Events that could not be handled: to read, to replay, to drop.

use chrono::{DateTime, Utc};
use db::{Context, PgConnection, audit};
use domain::DistributorId;
use serde::Serialize;
use serde_json::{Value, json};
use utoipa::ToSchema;
use uuid::Uuid;

use crate::store::dead_letters as store;

/// An event that could not be handled, or a message that is none.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct DeadLetter {
    /// The letter.
    pub id: Uuid,
    /// Who could not handle it; `bus`: the bus would not take it.
    pub consumer: String,
    /// The event; none for a message that is no event.
    pub event_id: Option<Uuid>,
    /// `OrderCreated` and so on.
    pub kind: String,
    /// What it is about.
    pub aggregate_id: Option<Uuid>,
    /// The distributor it belongs to.
    pub distributor_id: Option<Uuid>,
    /// Its content; of a message that is no event: `{messageId, raw}`.
    #[schema(value_type = Object)]
    pub payload: Value,
    /// The request that caused it, as the log names it.
    pub trace_id: Option<String>,
    /// When the event was written.
    pub created_at: Option<DateTime<Utc>>,
    /// How often it was tried.
    pub attempts: i32,
    /// Why it failed, the last time.
    pub error: String,
    /// When it was given up.
    pub died_at: DateTime<Utc>,
}

/// A letter can't be replayed.
#[derive(Debug, thiserror::Error)]
pub enum ReplayError {
    /// There is no such letter.
    #[error("there is no such dead letter")]
    NotFound,
    /// It is a message that is no event.
    #[error("it is no event, so nobody can handle it; it can only be dropped")]
    NotAnEvent,
    /// The database refused.
    #[error("the database refused")]
    Database(#[from] sqlx::Error),
}

/// Those of a consumer, or all, the latest first; and how many there are.
///
/// # Errors
/// When the database refuses.
pub async fn list(
    c: &mut PgConnection,
    consumer: Option<&str>,
    limit: i64,
    offset: i64,
) -> Result<(Vec<DeadLetter>, i64), sqlx::Error> {
    store::list(c, consumer, limit, offset).await
}

/// Lets the consumer try again: the event waits for it as if it were new. It may have been overtaken by later ones.
///
/// # Errors
/// See [`ReplayError`].
pub async fn replay(
    c: &mut PgConnection,
    cx: &Context,
    now: DateTime<Utc>,
    id: Uuid,
) -> Result<(), ReplayError> {
    let letter = store::delete(c, id).await?.ok_or(ReplayError::NotFound)?;
    if !store::insert_again(c, &letter, now).await? {
        return Err(ReplayError::NotAnEvent);
    }
    record(c, cx, now, "dead_letters.replay", &letter.letter).await?;
    Ok(())
}

/// Gives the event up for good; false when there is no such letter.
///
/// # Errors
/// When the database refuses.
pub async fn drop(
    c: &mut PgConnection,
    cx: &Context,
    now: DateTime<Utc>,
    id: Uuid,
) -> Result<bool, sqlx::Error> {
    let Some(letter) = store::delete(c, id).await? else { return Ok(false) };
    record(c, cx, now, "dead_letters.drop", &letter.letter).await?;
    Ok(true)
}

async fn record(
    c: &mut PgConnection,
    cx: &Context,
    now: DateTime<Utc>,
    action: &'static str,
    letter: &DeadLetter,
) -> Result<(), sqlx::Error> {
    let before = json!({
        "consumer": letter.consumer, "kind": letter.kind, "eventId": letter.event_id, "payload": letter.payload,
        "error": letter.error,
    });
    let entry = audit::Entry::<_, ()> {
        action,
        entity: "dead_letter",
        entity_id: Some(letter.id),
        distributor: letter.distributor_id.map(DistributorId::new),
        before: Some(&before),
        after: None,
    };
    audit::record(c, cx, now, entry).await
}
