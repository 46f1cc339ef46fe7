//! The audit log, newest first.

use chrono::{DateTime, Utc};
use db::PgConnection;
use domain::{DistributorId, UserId};
use serde_json::Value;
use uuid::Uuid;

/// What the log is searched for.
pub struct Filter {
    pub before_id: Option<i64>,
    pub actor: Option<UserId>,
    pub action: Option<String>,
    pub entity: Option<String>,
    pub entity_id: Option<Uuid>,
    pub distributor: Option<DistributorId>,
    pub from: Option<DateTime<Utc>>,
    pub to: Option<DateTime<Utc>>,
}

/// An entry of the log.
pub struct Entry {
    pub id: i64,
    pub at: DateTime<Utc>,
    pub distributor_id: Option<DistributorId>,
    pub actor_id: Option<UserId>,
    pub actor_name: String,
    pub action: String,
    pub entity: String,
    pub entity_id: Option<Uuid>,
    pub before: Option<Value>,
    pub after: Option<Value>,
    pub address: Option<String>,
    pub trace_id: Option<String>,
}

/// The newest entries that fit.
pub async fn list(c: &mut PgConnection, filter: &Filter, limit: i64) -> Result<Vec<Entry>, sqlx::Error> {
    sqlx::query_as!(
        Entry,
        r#"select id, at, distributor_id as "distributor_id: DistributorId", actor_id as "actor_id: UserId", actor_name,
                  action, entity, entity_id, before, after, address, trace_id
           from audit_log
           where ($1::bigint is null or id < $1)
             and ($2::uuid is null or actor_id = $2)
             and ($3::text is null or starts_with(action, $3))
             and ($4::text is null or entity = $4)
             and ($5::uuid is null or entity_id = $5)
             and ($6::uuid is null or distributor_id = $6)
             and ($7::timestamptz is null or at >= $7)
             and ($8::timestamptz is null or at < $8)
           order by id desc limit $9"#,
        filter.before_id,
        filter.actor.map(|a| a.uuid()),
        filter.action,
        filter.entity,
        filter.entity_id,
        filter.distributor.map(|d| d.uuid()),
        filter.from,
        filter.to,
        limit,
    )
    .fetch_all(c)
    .await
}
