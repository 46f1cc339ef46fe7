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

/// The event that people are told of, and what they are told.
#[derive(Debug)]
pub(crate) struct Telling<'a> {
    pub event: Uuid,
    pub distributor: Option<Uuid>,
    pub trace: Option<&'a str>,
    pub draft: Draft,
    pub people: Vec<UserId>,
}

/// Tells those of the people who aren't told yet: a row in the inbox, a message to each of their devices or to their number
/// where they want that, and `NotificationReceived` to the screens they have open. Gives how many rows there are.
pub(crate) async fn insert_notifications(
    c: &mut PgConnection,
    tellings: &[Telling<'_>],
    ways: Ways,
    now: DateTime<Utc>,
) -> Result<i64, sqlx::Error> {
    let draft = || tellings.iter().map(|telling| &telling.draft);
    let usual = |channel: Channel| draft().map(|draft| draft.kind.usual(channel)).collect::<Vec<bool>>();
    let texts =
        |text: fn(&Draft) -> &str| draft().map(|draft| text(draft).to_owned()).collect::<Vec<String>>();
    let (mut people, mut ids, mut of) = (Vec::new(), Vec::new(), Vec::new());
    for (telling, n) in tellings.iter().zip(1_i64..) {
        for person in &telling.people {
            people.push(person.uuid());
            // In the order of time, as the inbox is.
            ids.push(Uuid::now_v7());
            of.push(n);
        }
    }
    sqlx::query_scalar!(
        r#"with drafts as (
             select *
             from unnest($1::text[], $2::bool[], $3::bool[], $4::bool[], $5::uuid[], $6::uuid[], $7::uuid[], $8::text[],
               $9::text[], $10::text[], $11::text[], $12::jsonb[], $13::text[], $14::text[])
               with ordinality as d (kind, in_app, push, sms, event_id, distributor_id, about_id, title_vi, title_en, body_vi,
                 body_en, data, collapse, trace_id, n)
           ), people as (
             select p.user_id, p.id, p.n, coalesce(s.language, 'vi') as language,
               coalesce((select wanted from notification_choices w
                         where w.user_id = p.user_id and w.kind = d.kind and w.channel = 'in_app'), d.in_app) as in_app,
               $18 and coalesce((select wanted from notification_choices w
                         where w.user_id = p.user_id and w.kind = d.kind and w.channel = 'push'), d.push) as push,
               $19 and u.phone <> '' and coalesce((select wanted from notification_choices w
                         where w.user_id = p.user_id and w.kind = d.kind and w.channel = 'sms'), d.sms) as sms
             from unnest($15::uuid[], $16::uuid[], $17::bigint[]) p (user_id, id, n)
             join drafts d on d.n = p.n
             join users u on u.id = p.user_id and u.status = 'active' and u.deleted_at is null
             left join notification_settings s on s.user_id = p.user_id
           ), told as (
             insert into notifications (user_id, id, event_id, distributor_id, kind, about_id, title_vi, title_en, body_vi, body_en,
               data, collapse, in_app, created_at)
             select p.user_id, p.id, d.event_id, d.distributor_id, d.kind, d.about_id, d.title_vi, d.title_en, d.body_vi, d.body_en,
               d.data, d.collapse, p.in_app, $20
             from people p join drafts d on d.n = p.n where p.in_app or p.push or p.sms
             order by p.id
             on conflict (user_id, event_id) do nothing
             returning user_id, id
           ), pushed as (
             insert into notification_deliveries (user_id, notification_id, id, channel, device_id, next_at, created_at)
             select t.user_id, t.id, gen_random_uuid(), 'push', v.id, $20, $20
             from told t join people p on p.id = t.id and p.push
             join notification_devices v on v.user_id = t.user_id
             left join sessions s on s.id = v.session_id
             where s.revoked_at is null
           ), texted as (
             insert into notification_deliveries (user_id, notification_id, id, channel, next_at, created_at)
             select t.user_id, t.id, gen_random_uuid(), 'sms', $20, $20
             from told t join people p on p.id = t.id and p.sms
           ), shown as (
             insert into outbox (id, distributor_id, kind, aggregate_id, audience, payload, trace_id, created_at)
             select t.id, d.distributor_id, 'NotificationReceived', t.user_id, array['user:' || t.user_id],
               jsonb_build_object('notificationId', t.id, 'kind', d.kind, 'aboutId', d.about_id, 'data', d.data,
                 'distributorId', d.distributor_id, 'createdAt', $20::timestamptz,
                 'title', case p.language when 'en' then d.title_en else d.title_vi end,
                 'body', case p.language when 'en' then d.body_en else d.body_vi end),
               d.trace_id, $20
             from told t join people p on p.id = t.id and p.in_app join drafts d on d.n = p.n
             order by t.id
           )
           select count(*) as "told!" from told"#,
        &draft().map(|draft| draft.kind.as_str().to_owned()).collect::<Vec<String>>(),
        &usual(Channel::InApp),
        &usual(Channel::Push),
        &usual(Channel::Sms),
        &tellings.iter().map(|telling| telling.event).collect::<Vec<Uuid>>(),
        &tellings.iter().map(|telling| telling.distributor).collect::<Vec<Option<Uuid>>>() as &[Option<Uuid>],
        &draft().map(|draft| draft.about).collect::<Vec<Uuid>>(),
        &texts(|draft| &draft.title.vi),
        &texts(|draft| &draft.title.en),
        &texts(|draft| &draft.body.vi),
        &texts(|draft| &draft.body.en),
        &draft().map(|draft| draft.data.clone()).collect::<Vec<Value>>(),
        &texts(|draft| &draft.collapse),
        &tellings.iter().map(|telling| telling.trace.map(str::to_owned)).collect::<Vec<Option<String>>>()
            as &[Option<String>],
        &people,
        &ids,
        &of,
        ways.push,
        ways.sms,
        now,
    )
    .fetch_one(c)
    .await
}

/// `AlertReceived` to the screens of those who watch.
pub(crate) async fn insert_alert(
    c: &mut PgConnection,
    telling: &Telling<'_>,
    audience: &[String],
    now: DateTime<Utc>,
) -> Result<(), sqlx::Error> {
    let draft = &telling.draft;
    sqlx::query!(
        "insert into outbox (id, distributor_id, kind, aggregate_id, audience, payload, trace_id, created_at)
         values ($1, $2, 'AlertReceived', $3, $4,
           jsonb_build_object('kind', $5::text, 'distributorId', $2::uuid, 'title', $6::text, 'titleEn', $7::text,
             'body', $8::text, 'bodyEn', $9::text, 'data', $10::jsonb, 'createdAt', $12::timestamptz), $11, $12)",
        Uuid::now_v7(),
        telling.distributor,
        draft.about,
        audience,
        draft.kind.as_str(),
        draft.title.vi,
        draft.title.en,
        draft.body.vi,
        draft.body.en,
        draft.data,
        telling.trace,
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
