use chrono::{DateTime, Utc};
use db::PgConnection;
use platform::BoxFuture;
use serde::{Deserialize, Serialize};
use tracing::Span;
use tracing::field::Empty;
use uuid::Uuid;

/// An event that has been committed.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Event {
    /// Its place: in the outbox for a listener, among what waits for it for a consumer.
    #[serde(default, skip_serializing)]
    pub seq: i64,
    /// Its id, by which a repeat is known.
    pub id: Uuid,
    /// `OrderCreated` and so on.
    pub kind: String,
    /// What it is about.
    pub aggregate_id: Uuid,
    /// The distributor it belongs to.
    pub distributor_id: Option<Uuid>,
    /// The hub groups that may see it.
    pub audience: Vec<String>,
    /// Its content.
    pub payload: serde_json::Value,
    /// The trace it goes on with: a W3C `traceparent` where that is known, else the id alone.
    pub trace_id: Option<String>,
    /// When it was written.
    pub created_at: DateTime<Utc>,
}

impl Event {
    /// A span for work of this kind on it, in the trace it came from.
    pub(crate) fn span(&self, kind: &'static str, who: &str) -> Span {
        let span = tracing::error_span!(
            parent: None,
            "event",
            otel.kind = kind,
            otel.name = format!("{who} {}", self.kind),
            otel.status_code = Empty,
            messaging.system = "dms",
            messaging.destination.name = who,
            messaging.message.id = display(self.id),
            dms.distributor_id = self.distributor_id.map(display),
        );
        if !span.is_disabled() {
            telemetry::join(&span, self.trace_id.as_deref());
        }
        span
    }
}

/// Something that hears all events, live: in the order of writing, at least once. Nothing is kept for it: what it can't pass on
/// at once is lost.
pub trait Listener: Send + Sync + 'static {
    /// Takes one event.
    fn handle<'a>(&'a self, event: &'a Event) -> BoxFuture<'a, ()>;
}

/// Something that acts on events, on each once.
pub trait Consumer: Send + Sync + 'static {
    /// The name of its queue, of what waits for it and of its dead letters. Never changed.
    fn name(&self) -> &'static str;

    /// Whether it wants events of this kind.
    fn wants(&self, kind: &str) -> bool;

    /// Acts, only by `c`: the transaction that also notes that the event was handled, for all tenants. What is to be sent to
    /// the outside is written down here, and sent by somebody else. After a failure it is called again, and nothing of the
    /// earlier call is left.
    fn handle<'a>(&'a self, c: &'a mut PgConnection, event: &'a Event) -> BoxFuture<'a, Result<(), Failure>>;

    /// Acts on each of them, as if they came one after the other: for whoever writes for many in one statement. After a failure
    /// nothing of it is left, and they come one by one.
    fn handle_all<'a>(
        &'a self,
        c: &'a mut PgConnection,
        events: &'a [Event],
    ) -> BoxFuture<'a, Result<(), Failure>> {
        Box::pin(async move {
            for event in events {
                self.handle(&mut *c, event).await?;
            }
            Ok(())
        })
    }
}

/// An event was not handled.
#[derive(Debug, thiserror::Error)]
pub enum Failure {
    /// The database refused.
    #[error("the database refused")]
    Database(#[from] sqlx::Error),
    /// It may work later.
    #[error("{0}")]
    Retry(String),
    /// It never will: a dead letter at once.
    #[error("{0}")]
    Never(String),
}

impl Failure {
    /// With its causes, as the dead letter keeps it.
    pub(crate) fn text(&self) -> String {
        let mut text = self.to_string();
        let mut cause = std::error::Error::source(self);
        while let Some(error) = cause {
            text = format!("{text}: {error}");
            cause = error.source();
        }
        text.chars().take(2_000).collect()
    }
}
