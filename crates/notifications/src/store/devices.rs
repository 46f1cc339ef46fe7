use chrono::{DateTime, Utc};
use domain::{NotificationDeviceId, SessionId, UserId};
use serde::{Deserialize, Serialize};
use sqlx::PgConnection;
use utoipa::ToSchema;
use uuid::Uuid;

/// So many devices of one person get messages; the one not seen for the longest gives way.
const MOST: i64 = 10;

/// A phone or browser that push messages reach.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct Device {
    /// Its id.
    pub device_registration_id: NotificationDeviceId,
    /// `android`, `ios` or `web`.
    pub platform: String,
    /// The device's own name for itself, as at log-in.
    pub device_id: String,
    /// The app's version.
    pub app_version: String,
    /// Since when.
    pub registered_at: DateTime<Utc>,
    /// When the app last said so.
    pub seen_at: DateTime<Utc>,
}

/// A device that registers.
#[derive(Debug)]
pub(crate) struct NewDevice<'a> {
    pub user: UserId,
    pub session: SessionId,
    pub token: &'a str,
    pub platform: &'a str,
    pub device_id: &'a str,
    pub app_version: &'a str,
    pub at: DateTime<Utc>,
}

/// Keeps the device; a token that somebody else had is the newcomer's now. In a transaction of the system's.
pub(crate) async fn upsert(c: &mut PgConnection, new: &NewDevice<'_>) -> Result<Device, sqlx::Error> {
    sqlx::query!(
        "delete from notification_devices where token = $1 and user_id <> $2",
        new.token,
        new.user.uuid()
    )
    .execute(&mut *c)
    .await?;
    // The same app on the same device got a new token.
    sqlx::query!(
        "delete from notification_devices where user_id = $1 and device_id = $2 and $2 <> '' and token <> $3",
        new.user.uuid(),
        new.device_id,
        new.token,
    )
    .execute(&mut *c)
    .await?;
    let kept = sqlx::query_as!(
        Device,
        r#"insert into notification_devices (user_id, id, token, platform, device_id, app_version, session_id, registered_at, seen_at)
           values ($1, $2, $3, $4, $5, $6, $7, $8, $8)
           on conflict (token) do update set platform = excluded.platform, device_id = excluded.device_id,
             app_version = excluded.app_version, session_id = excluded.session_id, seen_at = excluded.seen_at
           returning id as "device_registration_id: NotificationDeviceId", platform, device_id, app_version, registered_at, seen_at"#,
        new.user.uuid(),
        Uuid::now_v7(),
        new.token,
        new.platform,
        new.device_id,
        new.app_version,
        new.session.uuid(),
        new.at,
    )
    .fetch_one(&mut *c)
    .await?;
    sqlx::query!(
        "delete from notification_devices where user_id = $1 and id in (
           select id from notification_devices where user_id = $1 order by seen_at desc, id desc offset $2)",
        new.user.uuid(),
        MOST,
    )
    .execute(c)
    .await?;
    Ok(kept)
}

/// Somebody's devices.
pub(crate) async fn list(c: &mut PgConnection, user: UserId) -> Result<Vec<Device>, sqlx::Error> {
    sqlx::query_as!(
        Device,
        r#"select id as "device_registration_id: NotificationDeviceId", platform, device_id, app_version, registered_at, seen_at
           from notification_devices where user_id = $1 order by seen_at desc, id"#,
        user.uuid(),
    )
    .fetch_all(c)
    .await
}

/// Takes one of somebody's devices away; whether it was there. In a transaction of the system's.
pub(crate) async fn delete(
    c: &mut PgConnection,
    user: UserId,
    id: NotificationDeviceId,
) -> Result<bool, sqlx::Error> {
    let gone = sqlx::query!(
        "delete from notification_devices where user_id = $1 and id = $2",
        user.uuid(),
        id.uuid()
    )
    .execute(c)
    .await?;
    Ok(gone.rows_affected() == 1)
}

/// Takes away a device that the provider says is gone, unless it has registered anew meanwhile.
pub(crate) async fn delete_gone(
    c: &mut PgConnection,
    user: UserId,
    id: Uuid,
    token: &str,
) -> Result<(), sqlx::Error> {
    sqlx::query!(
        "delete from notification_devices where user_id = $1 and id = $2 and token = $3",
        user.uuid(),
        id,
        token,
    )
    .execute(c)
    .await?;
    Ok(())
}

/// Takes away devices whose log-in ended, and those not heard of since `before`.
pub(crate) async fn sweep(c: &mut PgConnection, before: DateTime<Utc>) -> Result<u64, sqlx::Error> {
    let gone = sqlx::query!(
        "delete from notification_devices d
         where d.seen_at < $1 or exists (select from sessions s where s.id = d.session_id and s.revoked_at is not null)",
        before,
    )
    .execute(c)
    .await?;
    Ok(gone.rows_affected())
}
