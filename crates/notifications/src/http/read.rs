use axum::Json;
use axum::extract::State;
use axum::http::HeaderMap;
use domain::NotificationId;
use platform::{ApiError, ApiResult, App, Caller, Command, Path, Problem, transaction};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::language;
use crate::model::Notification;
use crate::store::inbox;

/// Marks one as read; one that is read stays as it is.
#[utoipa::path(
    post,
    path = "/notifications/{id}/read",
    tag = "notifications",
    operation_id = "readNotification",
    params(("id" = NotificationId, Path, description = "The notification")),
    responses(
        (status = 200, description = "It as it is now", body = Notification),
        (status = 401, description = "Not signed in", body = Problem),
        (status = 404, description = "No such notification in the caller's inbox", body = Problem),
    )
)]
pub async fn read_notification(
    State(app): State<App>,
    caller: Caller,
    headers: HeaderMap,
    Path(id): Path<NotificationId>,
) -> ApiResult<Json<Notification>> {
    let row = transaction!(app.db, caller.context(), "notifications.read", |tx| {
        inbox::update_read(tx, caller.user_id, id, app.now()).await?;
        inbox::find(tx, caller.user_id, id).await?.ok_or_else(ApiError::not_found)
    })?;
    Ok(Json(Notification::of(row, language(&headers))))
}

/// How far.
#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
pub struct ReadAll {
    /// The newest one the caller has seen: what came after it stays unread. Without it everything.
    up_to: Option<NotificationId>,
}

/// What was marked.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct AllRead {
    /// How much was marked now.
    marked: u64,
    /// How much still isn't read.
    unread_count: i64,
}

/// Marks all as read.
#[utoipa::path(
    post,
    path = "/notifications/read-all",
    tag = "notifications",
    operation_id = "readAllNotifications",
    request_body = ReadAll,
    responses(
        (status = 200, description = "How much was marked", body = AllRead),
        (status = 400, description = "A field is not valid", body = Problem),
        (status = 401, description = "Not signed in", body = Problem),
    )
)]
pub async fn read_all_notifications(
    State(app): State<App>,
    caller: Caller,
    cmd: Command<ReadAll>,
) -> ApiResult<Json<AllRead>> {
    let done = transaction!(app.db, caller.context(), "notifications.read_all", |tx| {
        let marked = inbox::update_all_read(tx, caller.user_id, cmd.body.up_to, app.now()).await?;
        let unread_count = inbox::count_unread(tx, caller.user_id).await?;
        Ok(AllRead { marked, unread_count })
    })?;
    Ok(Json(done))
}
