use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use db::Context;
use domain::NotificationDeviceId;
use platform::{ApiError, ApiResult, App, Caller, Checks, Command, Path, Problem, transaction};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::store::devices::{self, Device, NewDevice};

const PLATFORMS: [&str; 3] = ["android", "ios", "web"];

/// A device that wants push messages.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct RegisterDevice {
    /// What Firebase Cloud Messaging gave the app.
    #[schema(min_length = 1, max_length = 1000)]
    token: String,
    /// `android`, `ios` or `web`.
    platform: String,
    /// The device's own name for itself, as at log-in: a new token of it takes the old one's place.
    #[serde(default)]
    #[schema(max_length = 200)]
    device_id: String,
    /// The app's version.
    #[serde(default)]
    #[schema(max_length = 50)]
    app_version: String,
}

/// The caller's devices.
#[derive(Debug, Serialize, ToSchema)]
pub struct DeviceList {
    /// The last seen first.
    data: Vec<Device>,
}

/// Tokens, and who has them, are the system's to see; what is done is done for the caller.
fn as_system(caller: &Caller) -> Context {
    Context { tenants: db::Tenants::Company, ..caller.context().clone() }
}

/// The caller's devices that get push messages.
#[utoipa::path(
    get,
    path = "/notifications/devices",
    tag = "notifications",
    operation_id = "listNotificationDevices",
    responses(
        (status = 200, description = "The devices", body = DeviceList),
        (status = 401, description = "Not signed in", body = Problem),
    )
)]
pub async fn list_devices(State(app): State<App>, caller: Caller) -> ApiResult<Json<DeviceList>> {
    let mut tx = app.db.lookup(caller.context()).await?;
    Ok(Json(DeviceList { data: devices::list(&mut tx, caller.user_id).await? }))
}

/// Registers the app on this device for push messages, as long as this log-in lasts; to be called after each log-in and
/// whenever the token changes. Calling it again does no harm. A token that another user had is the caller's from now on.
#[utoipa::path(
    post,
    path = "/notifications/devices",
    tag = "notifications",
    operation_id = "registerNotificationDevice",
    request_body = RegisterDevice,
    responses(
        (status = 200, description = "The device", body = Device),
        (status = 400, description = "A field is not valid", body = Problem),
        (status = 401, description = "Not signed in", body = Problem),
    )
)]
pub async fn register_device(
    State(app): State<App>,
    caller: Caller,
    cmd: Command<RegisterDevice>,
) -> ApiResult<Json<Device>> {
    let body = &cmd.body;
    let mut checks = Checks::default();
    let token = checks.required("token", &body.token, 1000);
    if !token.is_ascii() {
        checks.wrong("token", "Có ký tự không hợp lệ", "Has a character that is not allowed");
    }
    if !PLATFORMS.contains(&body.platform.as_str()) {
        checks.wrong("platform", "Phải là android, ios hoặc web", "Must be android, ios or web");
    }
    let device_id = checks.text("deviceId", &body.device_id, 200);
    let app_version = checks.text("appVersion", &body.app_version, 50);
    checks.done()?;
    let new = NewDevice {
        user: caller.user_id,
        session: caller.session_id,
        token: &token,
        platform: &body.platform,
        device_id: &device_id,
        app_version: &app_version,
        at: app.now(),
    };
    let kept = transaction!(app.db, &as_system(&caller), "notifications.register_device", |tx| {
        Ok(devices::upsert(tx, &new).await?)
    })?;
    Ok(Json(kept))
}

/// No more push messages to this device of the caller's.
#[utoipa::path(
    delete,
    path = "/notifications/devices/{id}",
    tag = "notifications",
    operation_id = "unregisterNotificationDevice",
    params(("id" = NotificationDeviceId, Path, description = "The device")),
    responses(
        (status = 204, description = "It gets no more messages"),
        (status = 401, description = "Not signed in", body = Problem),
        (status = 404, description = "No such device of the caller's", body = Problem),
    )
)]
pub async fn unregister_device(
    State(app): State<App>,
    caller: Caller,
    Path(id): Path<NotificationDeviceId>,
) -> ApiResult<StatusCode> {
    let gone = transaction!(app.db, &as_system(&caller), "notifications.unregister_device", |tx| {
        Ok(devices::delete(tx, caller.user_id, id).await?)
    })?;
    if gone { Ok(StatusCode::NO_CONTENT) } else { Err(ApiError::not_found()) }
}
