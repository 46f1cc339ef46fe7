//! Events leave through the outbox: written in the transaction that caused them, published after its commit.

use chrono::{DateTime, Utc};
use domain::{DistributorId, EventId, OrgUnitId, UserId};
use serde::Serialize;
use sqlx::PgConnection;
use uuid::Uuid;

use crate::Context;

/// One event.
#[derive(Debug)]
pub struct Event<'a, P> {
    /// Its id, by which consumers know a repeat.
    pub id: EventId,
    /// The name the hub and the bus carry: `OrderCreated`.
    pub kind: &'static str,
    /// The thing it is about; events of one thing stay in order.
    pub aggregate: Uuid,
    /// The distributor it belongs to, if any: its people see it.
    pub distributor: Option<DistributorId>,
    /// The unit whose work it is: it and all units above see it.
    pub unit: Option<OrgUnitId>,
    /// The user whose work it is, who sees it too.
    pub user: Option<UserId>,
    /// Its content, as the hub's clients receive it.
    pub payload: &'a P,
}

/// The trace that an event goes on with: the work in hand where it is known, else what the context says.
pub fn trace(cx: &Context) -> Option<String> {
    telemetry::current().map(|trace| trace.to_string()).or_else(|| cx.trace_id.clone())
}

/// Writes the event into the outbox.
///
/// # Errors
/// When the payload can't be written as JSON, or the database refuses.
pub async fn push<P: Serialize>(
    c: &mut PgConnection,
    cx: &Context,
    at: DateTime<Utc>,
    event: Event<'_, P>,
) -> Result<(), sqlx::Error> {
    let payload = serde_json::to_value(event.payload).map_err(|e| sqlx::Error::Encode(Box::new(e)))?;
    sqlx::query!(
        "insert into outbox (id, distributor_id, kind, aggregate_id, audience, payload, trace_id, created_at)
         values ($1, $2, $3, $4, event_audience($2, $5, $6), $7, $8, $9)",
        event.id.uuid(),
        event.distributor.map(|d| d.uuid()),
        event.kind,
        event.aggregate,
        event.unit.map(|u| u.uuid()),
        event.user.map(|u| u.uuid()),
        payload,
        trace(cx),
        at,
    )
    .execute(c)
    .await?;
    Ok(())
}
