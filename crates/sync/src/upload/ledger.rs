//! The ledger of operations: all its SQL.

use chrono::{DateTime, Utc};
use db::PgConnection;
use platform::Flag;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use sqlx::types::Json;
use utoipa::ToSchema;
use uuid::Uuid;

use super::operation::{Operation, Stray};

/// What became of an operation.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema, sqlx::Type)]
#[serde(rename_all = "camelCase")]
#[sqlx(type_name = "text", rename_all = "lowercase")]
pub enum Fate {
    /// It took effect.
    Applied,
    /// It took effect, not just as the phone reckoned.
    Differs,
    /// It never will: malformed, or no right to do it.
    Rejected,
    /// A person must settle it; a case is open.
    Held,
    /// What it depends on isn't applied yet.
    Waiting,
    /// A person decided that it shall have no effect.
    Dismissed,
}

impl Fate {
    /// The spelling in the database.
    pub fn as_str(self) -> &'static str {
        match self {
            Fate::Applied => "applied",
            Fate::Differs => "differs",
            Fate::Rejected => "rejected",
            Fate::Held => "held",
            Fate::Waiting => "waiting",
            Fate::Dismissed => "dismissed",
        }
    }

    /// Whether it took effect.
    pub fn is_done(self) -> bool {
        matches!(self, Fate::Applied | Fate::Differs)
    }
}

/// A reason in both languages, with its stable code.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Reason {
    pub code: String,
    pub vi: String,
    pub en: String,
}

impl Reason {
    pub fn new(code: &str, vi: impl Into<String>, en: impl Into<String>) -> Reason {
        Reason { code: code.to_owned(), vi: vi.into(), en: en.into() }
    }
}

/// An operation with what became of it.
#[derive(Debug, Clone)]
pub(crate) struct Settled {
    pub fate: Fate,
    pub reason: Option<Reason>,
    pub waits_for: Option<Uuid>,
    pub result: Option<Value>,
    pub flags: Vec<Flag>,
}

/// What is known of an operation that came before.
#[derive(Debug, Clone)]
pub(crate) struct Known {
    pub digest: Vec<u8>,
    pub settled: Settled,
}

/// Whose ledger, and how the batch came.
#[derive(Debug, Clone)]
pub(crate) struct Sender {
    pub distributor: Uuid,
    pub user: Uuid,
    pub unit: Option<Uuid>,
    pub device: String,
    pub app_version: String,
    pub incarnation: i32,
    pub received_at: DateTime<Utc>,
}

struct Row {
    op_id: Uuid,
    digest: Vec<u8>,
    fate: Fate,
    code: Option<String>,
    vi: Option<String>,
    en: Option<String>,
    waits_for: Option<Uuid>,
    result: Option<Value>,
    flags: Json<Vec<Flag>>,
}

impl Row {
    fn known(self) -> (Uuid, Known) {
        let reason = self.code.map(|code| Reason {
            code,
            vi: self.vi.unwrap_or_default(),
            en: self.en.unwrap_or_default(),
        });
        let settled = Settled {
            fate: self.fate,
            reason,
            waits_for: self.waits_for,
            result: self.result,
            flags: self.flags.0,
        };
        (self.op_id, Known { digest: self.digest, settled })
    }
}

/// Those of the operations that came before.
pub(crate) async fn find_known(
    c: &mut PgConnection,
    sender: &Sender,
    ids: &[Uuid],
) -> Result<Vec<(Uuid, Known)>, sqlx::Error> {
    let rows = sqlx::query_as!(
        Row,
        r#"select op_id, digest, status as "fate: Fate", code, vi, en, waits_for, result, flags as "flags: Json<Vec<Flag>>"
           from sync_operations where distributor_id = $1 and user_id = $2 and op_id = any ($3)"#,
        sender.distributor,
        sender.user,
        ids,
    )
    .fetch_all(c)
    .await?;
    Ok(rows.into_iter().map(Row::known).collect())
}

/// Whether the device has sent other operations under these numbers.
pub(crate) async fn are_taken(
    c: &mut PgConnection,
    sender: &Sender,
    seqs: &[i64],
    ids: &[Uuid],
) -> Result<bool, sqlx::Error> {
    sqlx::query_scalar!(
        r#"select exists (select from sync_operations
             where distributor_id = $1 and user_id = $2 and device_id = $3 and incarnation = (
                 select incarnation from sync_devices where distributor_id = $1 and user_id = $2 and device_id = $3)
               and seq = any ($4) and op_id <> all ($5)) as "taken!""#,
        sender.distributor,
        sender.user,
        sender.device,
        seqs,
        ids,
    )
    .fetch_one(c)
    .await
}

/// What is known of the things that operations refer to.
#[derive(Debug, Default)]
pub(crate) struct Surroundings {
    /// Visits that exist.
    pub visits: Vec<Uuid>,
    /// Things whose operation came and took no effect so far, with that.
    pub stuck: Vec<(Uuid, Fate)>,
    /// Whether operations of the sender are waiting.
    pub any_waiting: bool,
}

pub(crate) async fn find_surroundings(
    c: &mut PgConnection,
    sender: &Sender,
    things: &[Uuid],
) -> Result<Surroundings, sqlx::Error> {
    let row = sqlx::query!(
        r#"select array(select id from visits where id = any ($3)) as "visits!",
             exists (select from sync_operations where distributor_id = $1 and user_id = $2 and status = 'waiting') as "any_waiting!""#,
        sender.distributor,
        sender.user,
        things,
    )
    .fetch_one(&mut *c)
    .await?;
    let stuck = sqlx::query!(
        r#"select o.entity_id as "entity!", o.status as "fate: Fate"
           from sync_operations o
           where o.distributor_id = $1 and o.user_id = $2 and o.entity_id = any ($3)
             and o.kind in ('check_in', 'customer') and o.status not in ('applied', 'differs')
             and not exists (select from sync_operations d
               where d.distributor_id = $1 and d.user_id = $2 and d.entity_id = o.entity_id and d.kind = o.kind
                 and d.status in ('applied', 'differs'))"#,
        sender.distributor,
        sender.user,
        things,
    )
    .fetch_all(c)
    .await?;
    Ok(Surroundings {
        visits: row.visits,
        stuck: stuck.into_iter().map(|r| (r.entity, r.fate)).collect(),
        any_waiting: row.any_waiting,
    })
}

/// Writes operations with what became of them; new ones, and those that were waiting. Gives how many were written: when
/// it is fewer, somebody else was first.
pub(crate) async fn write(
    c: &mut PgConnection,
    sender: &Sender,
    rows: &[(&Operation, &Settled)],
) -> Result<u64, sqlx::Error> {
    fn column<'a, T>(
        rows: &[(&'a Operation, &'a Settled)],
        of: impl Fn(&'a Operation, &'a Settled) -> T,
    ) -> Vec<T> {
        rows.iter().map(|(op, settled)| of(op, settled)).collect()
    }
    let depends: Vec<Value> = column(rows, |op, _| serde_json::json!(op.depends_on));
    let flags: Vec<Value> = rows
        .iter()
        .map(|(_, settled)| serde_json::to_value(&settled.flags))
        .collect::<Result<_, _>>()
        .map_err(|e| sqlx::Error::Encode(Box::new(e)))?;
    let reason = |of: fn(&Reason) -> &str| -> Vec<Option<String>> {
        column(rows, |_, settled| settled.reason.as_ref().map(|reason| of(reason).to_owned()))
    };
    let done = sqlx::query!(
        r#"insert into sync_operations as known (distributor_id, user_id, unit_id, device_id, incarnation, app_version, received_at,
             op_id, seq, kind, entity_id, depends_on, device_at, effective_at, payload_version, digest, content, status, waits_for,
             code, vi, en, result, flags, settled_at)
           select $1, $2, $3, $4, $5, $6, $7, x.op_id, x.seq, x.kind, x.entity_id,
             array(select d::uuid from jsonb_array_elements_text(x.depends_on) d), x.device_at, x.effective_at, x.v, x.digest,
             x.content, x.status, x.waits_for, x.code, x.vi, x.en, x.result, x.flags,
             case when x.status <> 'waiting' then $7::timestamptz end
           from unnest($8::uuid[], $9::bigint[], $10::text[], $11::uuid[], $12::jsonb[], $13::timestamptz[],
                       $14::timestamptz[], $15::integer[], $16::bytea[], $17::text[], $18::text[], $19::uuid[], $20::text[],
                       $21::text[], $22::text[], $23::jsonb[], $24::jsonb[])
             x (op_id, seq, kind, entity_id, depends_on, device_at, effective_at, v, digest, content, status, waits_for, code,
                vi, en, result, flags)
           on conflict (distributor_id, user_id, op_id) do update set
             status = excluded.status, waits_for = excluded.waits_for, code = excluded.code, vi = excluded.vi, en = excluded.en,
             result = excluded.result, flags = excluded.flags, settled_at = excluded.settled_at
           where known.status = 'waiting'"#,
        sender.distributor,
        sender.user,
        sender.unit,
        sender.device,
        sender.incarnation,
        sender.app_version,
        sender.received_at,
        &column(rows, |op, _| op.id),
        &column(rows, |op, _| op.seq),
        &column(rows, |op, _| op.kind.clone()),
        &column(rows, |op, _| op.entity) as &[Option<Uuid>],
        &depends,
        &column(rows, |op, _| op.device_at) as &[Option<DateTime<Utc>>],
        &column(rows, |op, _| op.at),
        &column(rows, |op, _| op.version),
        &column(rows, |op, _| op.digest.clone()),
        &column(rows, |op, _| op.content.clone()),
        &column(rows, |_, settled| settled.fate.as_str().to_owned()),
        &column(rows, |_, settled| settled.waits_for) as &[Option<Uuid>],
        &reason(|r| &r.code) as &[Option<String>],
        &reason(|r| &r.vi) as &[Option<String>],
        &reason(|r| &r.en) as &[Option<String>],
        &column(rows, |_, settled| settled.result.clone()) as &[Option<Value>],
        &flags,
    )
    .execute(c)
    .await?;
    Ok(done.rows_affected())
}

/// A case that a person must look at.
#[derive(Debug)]
pub(crate) struct NewCase<'a> {
    pub op: &'a Operation,
    pub held: bool,
    pub reason: Reason,
    pub flags: &'a [Flag],
}

pub(crate) async fn open_cases(
    c: &mut PgConnection,
    sender: &Sender,
    cases: &[NewCase<'_>],
) -> Result<(), sqlx::Error> {
    for case in cases {
        sqlx::query!(
            "with opened as (
               insert into sync_cases (distributor_id, id, user_id, op_id, unit_id, device_id, kind, entity_id, held, code, vi, en,
                 flags, happened_at, opened_at)
               values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15)
               on conflict (distributor_id, user_id, op_id) where status = 'open' do nothing
               returning id
             )
             insert into outbox (id, distributor_id, kind, aggregate_id, audience, payload, created_at)
             select gen_random_uuid(), $1, 'Notice', id, event_audience($1, $5, null),
               jsonb_build_object('kind', 'sync_case', 'caseId', id, 'userId', $3::uuid, 'held', $9::boolean, 'vi', $11::text,
                 'en', $12::text, 'fullName', coalesce((select full_name from users u where u.id = $3), '')), $15
             from opened",
            sender.distributor,
            Uuid::now_v7(),
            sender.user,
            case.op.id,
            sender.unit,
            sender.device,
            case.op.kind,
            case.op.entity,
            case.held,
            case.reason.code,
            case.reason.vi,
            case.reason.en,
            Json(case.flags) as _,
            case.op.at,
            sender.received_at,
        )
        .execute(&mut *c)
        .await?;
    }
    Ok(())
}

/// Keeps what is no operation; what was kept before stays as it was.
pub(crate) async fn keep_stray(
    c: &mut PgConnection,
    sender: &Sender,
    stray: &Stray,
    reason: &Reason,
    digest: &[u8],
) -> Result<(), sqlx::Error> {
    sqlx::query!(
        "insert into sync_strays (distributor_id, id, user_id, unit_id, device_id, op_id, code, vi, en, digest, content, received_at)
         values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)
         on conflict (distributor_id, user_id, digest) do nothing",
        sender.distributor,
        Uuid::now_v7(),
        sender.user,
        sender.unit,
        sender.device,
        stray.op_id.as_deref().map(readable),
        reason.code,
        reason.vi,
        reason.en,
        digest,
        readable(&stray.content),
        sender.received_at,
    )
    .execute(c)
    .await?;
    Ok(())
}

/// PostgreSQL's texts have no zero byte.
fn readable(text: &str) -> String {
    text.replace('\0', "\u{fffd}")
}

/// Operations of the sender that wait for one of these, in the order of the phone.
pub(crate) async fn list_waiting_for(
    c: &mut PgConnection,
    sender: &Sender,
    done: &[Uuid],
) -> Result<Vec<Stored>, sqlx::Error> {
    sqlx::query_as!(
        Stored,
        r#"select received_at, effective_at, content
           from sync_operations
           where distributor_id = $1 and user_id = $2 and status = 'waiting' and waits_for = any ($3)
           order by received_at, seq, op_id limit 500"#,
        sender.distributor,
        sender.user,
        done,
    )
    .fetch_all(c)
    .await
}

/// An operation as it is kept.
#[derive(Debug)]
pub(crate) struct Stored {
    pub received_at: DateTime<Utc>,
    pub effective_at: Option<DateTime<Utc>>,
    pub content: String,
}

/// A device as it was last heard of.
#[derive(Debug, Clone)]
pub(crate) struct Device {
    pub last_seen: DateTime<Utc>,
    pub last_seq: i64,
    pub incarnation: i32,
}

pub(crate) async fn find_device(
    c: &mut PgConnection,
    distributor: Uuid,
    user: Uuid,
    device: &str,
) -> Result<Option<Device>, sqlx::Error> {
    sqlx::query_as!(
        Device,
        "select last_seen, last_seq, incarnation from sync_devices where distributor_id = $1 and user_id = $2 and device_id = $3",
        distributor,
        user,
        device,
    )
    .fetch_optional(c)
    .await
}

/// What a device says of itself.
#[derive(Debug)]
pub(crate) struct Heard {
    pub queue_length: i32,
    pub oldest_queued_at: Option<DateTime<Utc>>,
    pub clock_offset_ms: Option<i64>,
    pub last_seq: i64,
}

pub(crate) async fn note_device(
    c: &mut PgConnection,
    sender: &Sender,
    heard: &Heard,
) -> Result<(), sqlx::Error> {
    sqlx::query!(
        "insert into sync_devices as d (distributor_id, user_id, device_id, unit_id, app_version, first_seen, last_seen, queue_length,
           oldest_queued_at, last_seq, incarnation, clock_offset_ms)
         values ($1, $2, $3, $4, $5, $6, $6, $7, $8, $9, $10, $11)
         on conflict (distributor_id, user_id, device_id) do update set
           unit_id = excluded.unit_id, app_version = excluded.app_version, last_seen = greatest(d.last_seen, excluded.last_seen),
           queue_length = excluded.queue_length, oldest_queued_at = excluded.oldest_queued_at,
           last_seq = case when excluded.incarnation > d.incarnation then excluded.last_seq
                           else greatest(d.last_seq, excluded.last_seq) end,
           incarnation = greatest(d.incarnation, excluded.incarnation), clock_offset_ms = excluded.clock_offset_ms",
        sender.distributor,
        sender.user,
        sender.device,
        sender.unit,
        sender.app_version,
        sender.received_at,
        heard.queue_length,
        heard.oldest_queued_at,
        heard.last_seq,
        sender.incarnation,
        heard.clock_offset_ms,
    )
    .execute(c)
    .await?;
    Ok(())
}
