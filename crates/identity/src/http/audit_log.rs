use axum::Json;
use axum::extract::State;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use chrono::{DateTime, Utc};
use domain::permission::AuditView;
use domain::{DistributorId, UserId};
use platform::{ApiError, ApiResult, App, Authorized, Problem, Query};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

use crate::store::audit::{self, Entry, Filter};

/// Entries a page when nothing else is asked for.
const DEFAULT_LIMIT: i64 = 50;

/// What to look for.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[serde(rename_all = "camelCase", default)]
#[into_params(parameter_in = Query, rename_all = "camelCase")]
pub struct AuditQuery {
    /// `nextCursor` of the page before.
    cursor: Option<String>,
    /// Entries, 1 to 100; 50 when absent.
    #[param(minimum = 1, maximum = 100)]
    limit: Option<i64>,
    /// Only what this user did.
    actor_id: Option<UserId>,
    /// Only actions that begin so: `orders.` or `orders.approve`.
    action: Option<String>,
    /// Only this kind of thing: `order`, `user`, …
    entity: Option<String>,
    /// Only this thing.
    entity_id: Option<Uuid>,
    /// Only what belongs to this distributor.
    distributor_id: Option<DistributorId>,
    /// Only since this instant.
    from: Option<DateTime<Utc>>,
    /// Only before this instant.
    to: Option<DateTime<Utc>>,
}

/// Who did what.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct AuditEntry {
    /// The entry.
    id: i64,
    /// When.
    at: DateTime<Utc>,
    /// Who; none for the system and for failed log-ins under unknown names.
    actor_id: Option<UserId>,
    /// Their log-in name, or the name that was tried.
    actor_name: String,
    /// What was done: `orders.approve`.
    action: String,
    /// The kind of thing it was done to.
    entity: String,
    /// The thing.
    entity_id: Option<Uuid>,
    /// The distributor it belongs to.
    distributor_id: Option<DistributorId>,
    /// The fields that changed, before.
    #[schema(value_type = Option<Object>)]
    before: Option<Value>,
    /// The fields that changed, after.
    #[schema(value_type = Option<Object>)]
    after: Option<Value>,
    /// Where the request came from.
    address: Option<String>,
    /// The request, as the log names it.
    trace_id: Option<String>,
}

/// A part of the log, newest first.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct AuditFeed {
    /// The entries.
    data: Vec<AuditEntry>,
    /// For the next page; absent after the last.
    next_cursor: Option<String>,
}

/// Read the audit log
#[utoipa::path(
    get, path = "/audit-log", tag = "audit", operation_id = "listAuditLog", params(AuditQuery),
    responses(
        (status = 200, description = "A part of the log, newest first", body = AuditFeed),
        (status = 400, description = "Malformed", body = Problem),
        (status = 401, description = "Not logged in", body = Problem),
        (status = 403, description = "No permission", body = Problem),
    ),
)]
pub async fn audit_log(
    State(app): State<App>,
    caller: Authorized<AuditView>,
    Query(query): Query<AuditQuery>,
) -> ApiResult<Json<AuditFeed>> {
    let limit = query.limit.unwrap_or(DEFAULT_LIMIT);
    if !(1..=100).contains(&limit) {
        return Err(ApiError::invalid_field("limit", "Phải từ 1 đến 100", "Must be 1 to 100"));
    }
    let filter = Filter {
        before_id: query.cursor.as_deref().map(read_cursor).transpose()?,
        actor: query.actor_id,
        action: query.action,
        entity: query.entity,
        entity_id: query.entity_id,
        distributor: query.distributor_id,
        from: query.from,
        to: query.to,
    };
    let mut tx = app.db.read(caller.context()).await?;
    // One more than asked for tells whether there is a next page.
    let mut entries = audit::list(&mut tx, &filter, limit + 1).await?;
    let more = i64::try_from(entries.len()).is_ok_and(|n| n > limit);
    if more {
        entries.pop();
    }
    let next_cursor = entries.last().filter(|_| more).map(|last| cursor(last.id));
    Ok(Json(AuditFeed { data: entries.into_iter().map(AuditEntry::from).collect(), next_cursor }))
}

fn cursor(id: i64) -> String {
    URL_SAFE_NO_PAD.encode(id.to_be_bytes())
}

fn read_cursor(text: &str) -> Result<i64, ApiError> {
    let bytes = URL_SAFE_NO_PAD.decode(text).ok().and_then(|bytes| bytes.try_into().ok());
    bytes.map(i64::from_be_bytes).ok_or_else(|| {
        ApiError::invalid_field("cursor", "Không phải con trỏ của danh sách này", "Not a cursor of this list")
    })
}

impl From<Entry> for AuditEntry {
    fn from(e: Entry) -> Self {
        AuditEntry {
            id: e.id,
            at: e.at,
            actor_id: e.actor_id,
            actor_name: e.actor_name,
            action: e.action,
            entity: e.entity,
            entity_id: e.entity_id,
            distributor_id: e.distributor_id,
            before: e.before,
            after: e.after,
            address: e.address,
            trace_id: e.trace_id,
        }
    }
}
