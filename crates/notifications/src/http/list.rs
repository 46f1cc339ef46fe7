use axum::Json;
use axum::extract::State;
use axum::http::HeaderMap;
use platform::{ApiError, ApiResult, App, Caller, Problem, Query};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

use super::language;
use crate::model::Notification;
use crate::store::inbox;

/// Which part of the inbox.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(rename_all = "camelCase")]
#[into_params(parameter_in = Query, rename_all = "camelCase")]
pub struct InboxQuery {
    /// Where to go on; `nextCursor` of the page before.
    cursor: Option<String>,
    /// Rows a page, 1 to 100; 20 when absent.
    #[param(minimum = 1, maximum = 100)]
    limit: Option<i64>,
    /// Only what isn't read yet.
    unread: Option<bool>,
    /// Only of this kind.
    kind: Option<String>,
}

/// A page of the inbox.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct Inbox {
    /// The newest first.
    data: Vec<Notification>,
    /// Where the next page begins; none at the end.
    next_cursor: Option<String>,
    /// How much isn't read yet, in all of the inbox.
    unread_count: i64,
}

/// The caller's inbox, the newest first.
#[utoipa::path(
    get,
    path = "/notifications",
    tag = "notifications",
    operation_id = "listNotifications",
    params(InboxQuery),
    responses(
        (status = 200, description = "A page of the inbox", body = Inbox),
        (status = 400, description = "A parameter is not valid", body = Problem),
        (status = 401, description = "Not signed in", body = Problem),
    )
)]
pub async fn list_notifications(
    State(app): State<App>,
    caller: Caller,
    headers: HeaderMap,
    Query(query): Query<InboxQuery>,
) -> ApiResult<Json<Inbox>> {
    let limit = query.limit.unwrap_or(20);
    if !(1..=100).contains(&limit) {
        return Err(ApiError::invalid_field("limit", "Phải từ 1 đến 100", "Must be 1 to 100"));
    }
    let before = match query.cursor.as_deref().map(str::parse::<Uuid>) {
        None => None,
        Some(Ok(id)) => Some(id),
        Some(Err(_)) => {
            return Err(ApiError::invalid_field(
                "cursor",
                "Không phải con trỏ của danh sách này",
                "Not a cursor of this list",
            ));
        }
    };
    let mut tx = app.db.lookup(caller.context()).await?;
    let which = (query.unread.unwrap_or_default(), query.kind.as_deref());
    let mut rows = inbox::list(&mut tx, caller.user_id, which, before, limit + 1).await?;
    let unread_count = inbox::count_unread(&mut tx, caller.user_id).await?;
    let asked = usize::try_from(limit).unwrap_or(usize::MAX);
    let more = rows.len() > asked;
    rows.truncate(asked);
    let next_cursor = rows.last().filter(|_| more).map(|last| last.id.to_string());
    let language = language(&headers);
    let data = rows.into_iter().map(|row| Notification::of(row, language)).collect();
    Ok(Json(Inbox { data, next_cursor, unread_count }))
}
