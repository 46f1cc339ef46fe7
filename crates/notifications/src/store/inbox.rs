use chrono::{DateTime, Utc};
use domain::{DistributorId, NotificationId, UserId};
use serde_json::Value;
use sqlx::PgConnection;
use uuid::Uuid;

use crate::compose::Draft;
use crate::kind::Channel;

/// Which ways are there at all.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Ways {
    pub push: bool,
    pub sms: bool,
}

/// The event that people are told of.
#[derive(Debug)]
pub(crate) struct Cause<'a> {
    pub event: Uuid,
    pub distributor: Option<Uuid>,
    pub trace: Option<&'a str>,
}

/// Tells those of the people who aren't told yet: a row in the inbox, a message to each of their devices or to their number
/// where they want that, and `NotificationReceived` to the screens they have open. Gives how many were told.
pub(crate) async fn insert_notifications(
    c: &mut PgConnection,
    cause: &Cause<'_>,
    draft: &Draft,
    people: &[UserId],
    ways: Ways,
    now: DateTime<Utc>,
) -> Result<i64, sqlx::Error> {
    let people: Vec<Uuid> = people.iter().map(|person| person.uuid()).collect();
    // In the order of time, as the inbox is.
    let ids: Vec<Uuid> = people.iter().map(|_| Uuid::now_v7()).collect();
    let kind = draft.kind;
    sqlx::query_scalar!(
        r#"with people as (
             select p.user_id, p.id, coalesce(s.language, 'vi') as language,
               coalesce((select wanted from notification_choices w
                         where w.user_id = p.user_id and w.kind = $3 and w.channel = 'in_app'), $4) as in_app,
               $5 and coalesce((select wanted from notification_choices w
                         where w.user_id = p.user_id and w.kind = $3 and w.channel = 'push'), $6) as push,
               $7 and u.phone <> '' and coalesce((select wanted from notification_choices w
                         where w.user_id = p.user_id and w.kind = $3 and w.channel = 'sms'), $8) as sms
             from unnest($1::uuid[], $2::uuid[]) p (user_id, id)
             join users u on u.id = p.user_id and u.status = 'active' and u.deleted_at is null
             left join notification_settings s on s.user_id = p.user_id
           ), told as (
             insert into notifications (user_id, id, event_id, distributor_id, kind, about_id, title_vi, title_en, body_vi, body_en,
               data, collapse, in_app, created_at)
             select user_id, id, $9, $10, $3, $11, $12, $13, $14, $15, $16, $17, in_app, $18
             from people where in_app or push or sms
             on conflict (user_id, event_id) do nothing
             returning user_id, id, in_app
           ), pushed as (
             insert into notification_deliveries (user_id, notification_id, id, channel, device_id, next_at, created_at)
             select t.user_id, t.id, gen_random_uuid(), 'push', d.id, $18, $18
             from told t join people p on p.user_id = t.user_id and p.push
             join notification_devices d on d.user_id = t.user_id
             left join sessions s on s.id = d.session_id
             where s.revoked_at is null
           ), texted as (
             insert into notification_deliveries (user_id, notification_id, id, channel, next_at, created_at)
             select t.user_id, t.id, gen_random_uuid(), 'sms', $18, $18
             from told t join people p on p.user_id = t.user_id and p.sms
           ), shown as (
             insert into outbox (id, distributor_id, kind, aggregate_id, audience, payload, trace_id, created_at)
             select t.id, $10, 'NotificationReceived', t.user_id, array['user:' || t.user_id],
               jsonb_build_object('notificationId', t.id, 'kind', $3::text, 'aboutId', $11::uuid, 'data', $16::jsonb,
                 'distributorId', $10::uuid, 'createdAt', $18::timestamptz,
                 'title', case p.language when 'en' then $13::text else $12::text end,
                 'body', case p.language when 'en' then $15::text else $14::text end),
               $19, $18
             from told t join people p on p.user_id = t.user_id where t.in_app
           )
           select count(*) as "told!" from told"#,
        &people,
        &ids,
        kind.as_str(),
        kind.usual(Channel::InApp),
        ways.push,
        kind.usual(Channel::Push),
        ways.sms,
        kind.usual(Channel::Sms),
        cause.event,
        cause.distributor,
        draft.about,
        draft.title.vi,
        draft.title.en,
        draft.body.vi,
        draft.body.en,
        draft.data,
        draft.collapse,
        now,
        cause.trace,
    )
    .fetch_one(c)
    .await
}

/// `AlertReceived` to the screens of those who watch.
pub(crate) async fn insert_alert(
    c: &mut PgConnection,
    cause: &Cause<'_>,
    draft: &Draft,
    audience: &[String],
    now: DateTime<Utc>,
) -> Result<(), sqlx::Error> {
    sqlx::query!(
        "insert into outbox (id, distributor_id, kind, aggregate_id, audience, payload, trace_id, created_at)
         values ($1, $2, 'AlertReceived', $3, $4,
           jsonb_build_object('kind', $5::text, 'distributorId', $2::uuid, 'title', $6::text, 'titleEn', $7::text,
             'body', $8::text, 'bodyEn', $9::text, 'data', $10::jsonb, 'createdAt', $12::timestamptz), $11, $12)",
        Uuid::now_v7(),
        cause.distributor,
        draft.about,
        audience,
        draft.kind.as_str(),
        draft.title.vi,
        draft.title.en,
        draft.body.vi,
        draft.body.en,
        draft.data,
        cause.trace,
        now,
    )
    .execute(c)
    .await?;
    Ok(())
}

/// One thing somebody was told, in both languages.
#[derive(Debug)]
pub(crate) struct Row {
    pub id: NotificationId,
    pub distributor_id: Option<DistributorId>,
    pub kind: String,
    pub about_id: Option<Uuid>,
    pub title_vi: String,
    pub title_en: String,
    pub body_vi: String,
    pub body_en: String,
    pub data: Value,
    pub created_at: DateTime<Utc>,
    pub read_at: Option<DateTime<Utc>>,
}

/// Somebody's inbox from the newest on, before `before`.
pub(crate) async fn list(
    c: &mut PgConnection,
    user: UserId,
    (unread, kind): (bool, Option<&str>),
    before: Option<Uuid>,
    limit: i64,
) -> Result<Vec<Row>, sqlx::Error> {
    sqlx::query_as!(
        Row,
        r#"select id as "id: NotificationId", distributor_id as "distributor_id: DistributorId", kind, about_id, title_vi,
             title_en, body_vi, body_en, data, created_at, read_at
           from notifications
           where user_id = $1 and in_app and (not $2 or read_at is null) and ($3::text is null or kind = $3)
             and ($4::uuid is null or id < $4)
           order by id desc limit $5"#,
        user.uuid(),
        unread,
        kind,
        before,
        limit,
    )
    .fetch_all(c)
    .await
}

/// How much somebody hasn't read.
pub(crate) async fn count_unread(c: &mut PgConnection, user: UserId) -> Result<i64, sqlx::Error> {
    sqlx::query_scalar!(
        r#"select count(*) as "n!" from notifications where user_id = $1 and read_at is null and in_app"#,
        user.uuid(),
    )
    .fetch_one(c)
    .await
}

/// One of somebody's.
pub(crate) async fn find(
    c: &mut PgConnection,
    user: UserId,
    id: NotificationId,
) -> Result<Option<Row>, sqlx::Error> {
    sqlx::query_as!(
        Row,
        r#"select id as "id: NotificationId", distributor_id as "distributor_id: DistributorId", kind, about_id, title_vi,
             title_en, body_vi, body_en, data, created_at, read_at
           from notifications where user_id = $1 and id = $2 and in_app"#,
        user.uuid(),
        id.uuid(),
    )
    .fetch_optional(c)
    .await
}

/// That somebody has read it; the first time counts.
pub(crate) async fn update_read(
    c: &mut PgConnection,
    user: UserId,
    id: NotificationId,
    at: DateTime<Utc>,
) -> Result<(), sqlx::Error> {
    sqlx::query!(
        "update notifications set read_at = $3, xid = pg_current_xact_id()::text::bigint
         where user_id = $1 and id = $2 and in_app and read_at is null",
        user.uuid(),
        id.uuid(),
        at,
    )
    .execute(c)
    .await?;
    Ok(())
}

/// That somebody has read everything up to this one, or everything; how much that was.
pub(crate) async fn update_all_read(
    c: &mut PgConnection,
    user: UserId,
    up_to: Option<NotificationId>,
    at: DateTime<Utc>,
) -> Result<u64, sqlx::Error> {
    let done = sqlx::query!(
        "update notifications set read_at = $3, xid = pg_current_xact_id()::text::bigint
         where user_id = $1 and in_app and read_at is null and ($2::uuid is null or id <= $2)",
        user.uuid(),
        up_to.map(NotificationId::uuid),
        at,
    )
    .execute(c)
    .await?;
    Ok(done.rows_affected())
}

/// Takes away what is older than `before`, with its messages; at most so much.
pub(crate) async fn sweep(
    c: &mut PgConnection,
    before: DateTime<Utc>,
    limit: i64,
) -> Result<u64, sqlx::Error> {
    let gone = sqlx::query!(
        "delete from notifications where (user_id, id) in (
           select user_id, id from notifications where created_at < $1 order by created_at limit $2)",
        before,
        limit,
    )
    .execute(c)
    .await?;
    Ok(gone.rows_affected())
}
