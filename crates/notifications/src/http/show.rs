use axum::Json;
use axum::extract::State;
use axum::http::HeaderMap;
use domain::NotificationId;
use platform::{ApiError, ApiResult, App, Caller, Path, Problem};
use serde::Serialize;
use utoipa::ToSchema;

use super::language;
use crate::model::Notification;
use crate::store::deliveries::Delivery;
use crate::store::{deliveries, inbox};

/// Something the caller was told, with the messages about it.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct NotificationDetail {
    /// What it says.
    #[serde(flatten)]
    notification: Notification,
    /// What became of the messages to the caller's devices and number.
    deliveries: Vec<Delivery>,
}

/// One of the caller's, with what became of the messages about it.
#[utoipa::path(
    get,
    path = "/notifications/{id}",
    tag = "notifications",
    operation_id = "getNotification",
    params(("id" = NotificationId, Path, description = "The notification")),
    responses(
        (status = 200, description = "It", body = NotificationDetail),
        (status = 401, description = "Not signed in", body = Problem),
        (status = 404, description = "No such notification in the caller's inbox", body = Problem),
    )
)]
pub async fn get_notification(
    State(app): State<App>,
    caller: Caller,
    headers: HeaderMap,
    Path(id): Path<NotificationId>,
) -> ApiResult<Json<NotificationDetail>> {
    let mut tx = app.db.lookup(caller.context()).await?;
    let row = inbox::find(&mut tx, caller.user_id, id).await?.ok_or_else(ApiError::not_found)?;
    let deliveries = deliveries::list_of(&mut tx, caller.user_id, id).await?;
    let notification = Notification::of(row, language(&headers));
    Ok(Json(NotificationDetail { notification, deliveries }))
}
