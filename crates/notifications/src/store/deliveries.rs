use chrono::{DateTime, NaiveTime, Utc};
use domain::{NotificationId, UserId};
use serde::Serialize;
use serde_json::Value;
use sqlx::PgConnection;
use utoipa::ToSchema;
use uuid::Uuid;

/// A message that is to go out, with all that is needed for it.
#[derive(Debug)]
pub(crate) struct Due {
    pub user_id: UserId,
    pub id: Uuid,
    pub channel: String,
    /// With this one.
    pub attempts: i32,
    pub created_at: DateTime<Utc>,
    pub device_id: Option<Uuid>,
    /// None when the device is gone, or its log-in has ended.
    pub token: Option<String>,
    pub phone: String,
    pub active: bool,
    pub notification_id: NotificationId,
    pub kind: String,
    pub about_id: Option<Uuid>,
    pub data: Value,
    pub collapse: String,
    pub title: String,
    pub body: String,
    /// It was read before the message went out.
    pub read: bool,
    pub quiet_from: Option<NaiveTime>,
    pub quiet_to: Option<NaiveTime>,
    pub quiet_mode: Option<String>,
}

/// Takes messages whose time has come; nobody else gets them before `until`.
pub(crate) async fn claim(
    c: &mut PgConnection,
    channels: &[String],
    now: DateTime<Utc>,
    until: DateTime<Utc>,
    limit: i64,
) -> Result<Vec<Due>, sqlx::Error> {
    sqlx::query_as!(
        Due,
        r#"with due as materialized (
             select user_id, id from notification_deliveries
             where state = 'waiting' and next_at <= $2 and channel = any ($1)
             order by next_at limit $4 for update skip locked
           ), claimed as (
             update notification_deliveries d set next_at = $3, attempts = attempts + 1
             from due where d.user_id = due.user_id and d.id = due.id
             returning d.*
           )
           select d.user_id as "user_id: UserId", d.id, d.channel, d.attempts, d.created_at, d.device_id,
             case when e.revoked_at is null then v.token end as "token?", u.phone,
             u.status = 'active' and u.deleted_at is null as "active!",
             n.id as "notification_id: NotificationId", n.kind, n.about_id, n.data, n.collapse,
             case when s.language = 'en' then n.title_en else n.title_vi end as "title!",
             case when s.language = 'en' then n.body_en else n.body_vi end as "body!",
             n.read_at is not null as "read!", s.quiet_from as "quiet_from?", s.quiet_to as "quiet_to?",
             s.quiet_mode as "quiet_mode?"
           from claimed d
           join notifications n on n.user_id = d.user_id and n.id = d.notification_id
           join users u on u.id = d.user_id
           left join notification_settings s on s.user_id = d.user_id
           left join notification_devices v on v.user_id = d.user_id and v.id = d.device_id
           left join sessions e on e.id = v.session_id
           order by d.created_at, d.id"#,
        channels,
        now,
        until,
        limit,
    )
    .fetch_all(c)
    .await
}

/// What became of messages that were taken.
#[derive(Debug, Default)]
pub(crate) struct Outcomes {
    pub users: Vec<Uuid>,
    pub ids: Vec<Uuid>,
    pub states: Vec<String>,
    pub attempts: Vec<i32>,
    pub next_at: Vec<DateTime<Utc>>,
    pub provider_ids: Vec<Option<String>>,
    pub reasons: Vec<String>,
}

/// Notes what became of messages, unless somebody else has by now.
pub(crate) async fn update_outcomes(
    c: &mut PgConnection,
    outcomes: &Outcomes,
    now: DateTime<Utc>,
) -> Result<(), sqlx::Error> {
    sqlx::query!(
        "update notification_deliveries d set state = o.state, attempts = o.attempts, next_at = o.next_at,
           provider_id = o.provider_id, reason = o.reason,
           settled_at = case when o.state = 'waiting' then null else $8::timestamptz end
         from unnest($1::uuid[], $2::uuid[], $3::text[], $4::integer[], $5::timestamptz[], $6::text[], $7::text[])
           o (user_id, id, state, attempts, next_at, provider_id, reason)
         where d.user_id = o.user_id and d.id = o.id and d.state = 'waiting'",
        &outcomes.users,
        &outcomes.ids,
        &outcomes.states,
        &outcomes.attempts,
        &outcomes.next_at,
        &outcomes.provider_ids as &[Option<String>],
        &outcomes.reasons,
        now,
    )
    .execute(c)
    .await?;
    Ok(())
}

/// One message to one device or number.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct Delivery {
    /// `push` or `sms`.
    channel: String,
    /// `waiting` (also for the next attempt, or the end of quiet hours), `sent`, `failed` or `dropped`.
    state: String,
    /// How often it was tried.
    attempts: i32,
    /// When it is tried next.
    next_at: Option<DateTime<Utc>>,
    /// Why it failed or was dropped, or what went wrong the last time.
    reason: String,
    /// When it was sent, or given up.
    settled_at: Option<DateTime<Utc>>,
}

/// What became of the messages about one of somebody's.
pub(crate) async fn list_of(
    c: &mut PgConnection,
    user: UserId,
    id: NotificationId,
) -> Result<Vec<Delivery>, sqlx::Error> {
    sqlx::query_as!(
        Delivery,
        r#"select channel, state, attempts, case when state = 'waiting' then next_at end as "next_at?", reason, settled_at
           from notification_deliveries where user_id = $1 and notification_id = $2 order by channel, created_at, id"#,
        user.uuid(),
        id.uuid(),
    )
    .fetch_all(c)
    .await
}
