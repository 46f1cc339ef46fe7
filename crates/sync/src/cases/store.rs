//! The SQL of operations, cases and devices as people see them.

use chrono::{DateTime, Utc};
use db::{PgConnection, Tenants};
use domain::{DistributorId, OrgUnitId, Role, SessionId, UserId};
use platform::{Flag, Identity, Page, Scope};
use sqlx::types::Json;
use uuid::Uuid;

use super::{CaseStatus, CaseView, DeviceView, OperationView, StrayView};
use crate::upload::ledger::{Fate, Settled, Stored};
use crate::upload::readable;

/// Narrows a list of operations.
#[derive(Debug, Default)]
pub(crate) struct OperationFilter {
    pub user: Option<Uuid>,
    pub device: Option<String>,
    pub status: Option<Fate>,
    pub kind: Option<String>,
    pub op: Option<Uuid>,
}

/// More are not counted: a year has millions.
const MOST_COUNTED: i64 = 10_000;

/// A page of operations, the latest first, and how many there are, counted up to [`MOST_COUNTED`].
pub(crate) async fn list_operations(
    c: &mut PgConnection,
    scope: Scope<'_>,
    filter: &OperationFilter,
    page: &Page,
) -> Result<(Vec<OperationView>, i64), sqlx::Error> {
    let units = scope.units();
    let rows = sqlx::query!(
        r#"select o.op_id, o.user_id as "user_id: UserId", u.full_name, o.device_id, o.incarnation, o.seq, o.kind, o.entity_id,
             o.device_at, o.effective_at, o.received_at, o.app_version, o.status as "status: Fate", o.code, o.vi, o.en,
             o.waits_for, o.flags as "flags: Json<Vec<Flag>>", o.result, o.content
           from sync_operations o join users u on u.id = o.user_id
           where ($1::uuid is null or o.user_id = $1)
             and ($2::uuid[] is null or o.unit_id = any ($2))
             and ($3::uuid is null or o.user_id = $3) and ($4::text is null or o.device_id = $4)
             and ($5::text is null or o.status = $5) and ($6::text is null or o.kind = $6)
             and ($9::uuid is null or o.op_id = $9)
           order by o.received_at desc, o.seq desc, o.op_id limit $7 offset $8"#,
        scope.user(),
        units.as_deref(),
        filter.user,
        filter.device,
        filter.status.map(Fate::as_str),
        filter.kind,
        page.limit(),
        page.offset(),
        filter.op,
    )
    .fetch_all(&mut *c)
    .await?;
    let total = sqlx::query_scalar!(
        r#"select count(*) as "n!" from (
             select from sync_operations o
             where ($1::uuid is null or o.user_id = $1) and ($2::uuid[] is null or o.unit_id = any ($2))
               and ($3::uuid is null or o.user_id = $3) and ($4::text is null or o.device_id = $4)
               and ($5::text is null or o.status = $5) and ($6::text is null or o.kind = $6)
               and ($7::uuid is null or o.op_id = $7)
             limit $8) counted"#,
        scope.user(),
        units.as_deref(),
        filter.user,
        filter.device,
        filter.status.map(Fate::as_str),
        filter.kind,
        filter.op,
        MOST_COUNTED,
    )
    .fetch_one(c)
    .await?;
    let views = rows
        .into_iter()
        .map(|r| OperationView {
            op_id: r.op_id,
            user_id: r.user_id,
            full_name: r.full_name,
            device_id: r.device_id,
            incarnation: r.incarnation,
            seq: r.seq,
            kind: r.kind,
            entity_id: r.entity_id,
            device_at: r.device_at,
            effective_at: r.effective_at,
            received_at: r.received_at,
            app_version: r.app_version,
            status: r.status,
            code: r.code,
            vi: r.vi,
            en: r.en,
            waits_for: r.waits_for,
            flags: r.flags.0,
            result: r.result,
            content: readable(&r.content),
        })
        .collect();
    Ok((views, total))
}

/// An operation that the caller may see.
pub(crate) async fn find_operation(
    c: &mut PgConnection,
    scope: Scope<'_>,
    op: Uuid,
    page: &Page,
) -> Result<Option<OperationView>, sqlx::Error> {
    let filter = OperationFilter { op: Some(op), ..OperationFilter::default() };
    Ok(list_operations(c, scope, &filter, page).await?.0.pop())
}

/// A page of what is no operation, the latest first.
pub(crate) async fn list_strays(
    c: &mut PgConnection,
    scope: Scope<'_>,
    page: &Page,
) -> Result<(Vec<StrayView>, i64), sqlx::Error> {
    let units = scope.units();
    let rows = sqlx::query!(
        r#"select s.id, s.user_id as "user_id: UserId", u.full_name, s.device_id, s.op_id, s.code, s.vi, s.en, s.content,
             s.received_at, count(*) over () as "total!"
           from sync_strays s join users u on u.id = s.user_id
           where ($1::uuid is null or s.user_id = $1) and ($2::uuid[] is null or s.unit_id = any ($2))
           order by s.received_at desc, s.id limit $3 offset $4"#,
        scope.user(),
        units.as_deref(),
        page.limit(),
        page.offset(),
    )
    .fetch_all(c)
    .await?;
    let total = rows.first().map_or(0, |row| row.total);
    let views = rows
        .into_iter()
        .map(|r| StrayView {
            id: r.id,
            user_id: r.user_id,
            full_name: r.full_name,
            device_id: r.device_id,
            op_id: r.op_id,
            code: r.code,
            vi: r.vi,
            en: r.en,
            content: r.content,
            received_at: r.received_at,
        })
        .collect();
    Ok((views, total))
}

/// Narrows a list of cases.
#[derive(Debug, Default)]
pub(crate) struct CaseFilter {
    pub id: Option<Uuid>,
    pub status: Option<CaseStatus>,
    pub user: Option<Uuid>,
    pub unit: Option<Uuid>,
    pub code: Option<String>,
    pub held: Option<bool>,
}

/// A page of cases, the oldest open ones first.
pub(crate) async fn list_cases(
    c: &mut PgConnection,
    scope: Scope<'_>,
    filter: &CaseFilter,
    limit: i64,
    offset: i64,
) -> Result<(Vec<CaseView>, i64), sqlx::Error> {
    let units = scope.units();
    let rows = sqlx::query!(
        r#"select k.id, k.user_id as "user_id: UserId", u.full_name, k.unit_id, k.op_id, k.device_id, k.kind, k.entity_id,
             k.held, k.code, k.vi, k.en, k.flags as "flags: Json<Vec<Flag>>", k.happened_at, k.opened_at,
             case when k.held and k.status = 'open' then (
               select count(*) from sync_operations d
               where d.distributor_id = k.distributor_id and d.user_id = k.user_id and d.status = 'waiting'
                 and d.waits_for in (k.op_id, k.entity_id)) else 0 end as "dependants!",
             k.status as "status: CaseStatus", k.closed_at, b.full_name as "closed_by_name?", k.reason, k.version,
             count(*) over () as "total!"
           from sync_cases k join users u on u.id = k.user_id left join users b on b.id = k.closed_by
           where ($1::uuid is null or k.user_id = $1) and ($2::uuid[] is null or k.unit_id = any ($2))
             and ($3::uuid is null or k.id = $3) and ($4::text is null or k.status = $4)
             and ($5::uuid is null or k.user_id = $5) and ($6::uuid is null or k.unit_id = $6)
             and ($7::text is null or k.code = $7) and ($8::boolean is null or k.held = $8)
           order by (k.status = 'open') desc, k.opened_at, k.id limit $9 offset $10"#,
        scope.user(),
        units.as_deref(),
        filter.id,
        filter.status.map(CaseStatus::as_str),
        filter.user,
        filter.unit,
        filter.code,
        filter.held,
        limit,
        offset,
    )
    .fetch_all(c)
    .await?;
    let total = rows.first().map_or(0, |row| row.total);
    let views = rows
        .into_iter()
        .map(|r| CaseView {
            id: r.id,
            user_id: r.user_id,
            full_name: r.full_name,
            unit_id: r.unit_id,
            op_id: r.op_id,
            device_id: r.device_id,
            kind: r.kind,
            entity_id: r.entity_id,
            held: r.held,
            code: r.code,
            vi: r.vi,
            en: r.en,
            flags: r.flags.0,
            happened_at: r.happened_at,
            opened_at: r.opened_at,
            dependants: r.dependants,
            status: r.status,
            closed_at: r.closed_at,
            closed_by_name: r.closed_by_name,
            reason: r.reason,
            version: r.version,
        })
        .collect();
    Ok((views, total))
}

/// A case that the caller may see.
pub(crate) async fn find_case(
    c: &mut PgConnection,
    scope: Scope<'_>,
    id: Uuid,
) -> Result<Option<CaseView>, sqlx::Error> {
    let filter = CaseFilter { id: Some(id), ..CaseFilter::default() };
    Ok(list_cases(c, scope, &filter, 1, 0).await?.0.pop())
}

/// A case under lock.
#[derive(Debug)]
pub(crate) struct LockedCase {
    pub distributor_id: Uuid,
    pub id: Uuid,
    pub user_id: Uuid,
    pub unit_id: Option<Uuid>,
    pub op_id: Uuid,
    pub device_id: String,
    pub status: CaseStatus,
    /// What became of the operation.
    pub fate: Fate,
}

pub(crate) async fn lock_case(c: &mut PgConnection, id: Uuid) -> Result<Option<LockedCase>, sqlx::Error> {
    sqlx::query_as!(
        LockedCase,
        r#"select k.distributor_id, k.id, k.user_id, k.unit_id, k.op_id, k.device_id, k.status as "status: CaseStatus",
             o.status as "fate: Fate"
           from sync_cases k
           join sync_operations o on o.distributor_id = k.distributor_id and o.user_id = k.user_id and o.op_id = k.op_id
           where k.id = $1 for no key update of k"#,
        id,
    )
    .fetch_optional(c)
    .await
}

pub(crate) async fn find_stored(c: &mut PgConnection, case: &LockedCase) -> Result<Stored, sqlx::Error> {
    sqlx::query_as!(
        Stored,
        "select received_at, effective_at, content from sync_operations
         where distributor_id = $1 and user_id = $2 and op_id = $3 for no key update",
        case.distributor_id,
        case.user_id,
        case.op_id,
    )
    .fetch_one(c)
    .await
}

pub(crate) async fn update_operation(
    c: &mut PgConnection,
    case: &LockedCase,
    settled: &Settled,
    at: DateTime<Utc>,
) -> Result<(), sqlx::Error> {
    sqlx::query!(
        "update sync_operations set status = $4, code = $5, vi = $6, en = $7, result = $8, flags = $9, settled_at = $10, waits_for = null
         where distributor_id = $1 and user_id = $2 and op_id = $3",
        case.distributor_id,
        case.user_id,
        case.op_id,
        settled.fate.as_str(),
        settled.reason.as_ref().map(|r| r.code.as_str()),
        settled.reason.as_ref().map(|r| r.vi.as_str()),
        settled.reason.as_ref().map(|r| r.en.as_str()),
        settled.result,
        Json(&settled.flags) as _,
        at,
    )
    .execute(c)
    .await?;
    Ok(())
}

/// The operation of the case, and all that wait for it or for each other, shall have no effect.
pub(crate) async fn dismiss_with_dependants(
    c: &mut PgConnection,
    case: &LockedCase,
    reason: &str,
    at: DateTime<Utc>,
) -> Result<(), sqlx::Error> {
    sqlx::query!(
        r#"with recursive gone as (
             select op_id, entity_id, kind from sync_operations where distributor_id = $1 and user_id = $2 and op_id = $3
             union
             select d.op_id, d.entity_id, d.kind
             from gone g join sync_operations d on d.distributor_id = $1 and d.user_id = $2 and d.status = 'waiting'
               and (d.waits_for = g.op_id or g.kind in ('check_in', 'customer') and d.waits_for = g.entity_id)
           )
           update sync_operations o set status = 'dismissed', waits_for = null, settled_at = $4, code = 'sync.dismissed',
             vi = 'Đã bỏ: ' || $5, en = 'Dismissed: ' || $5
           from gone where o.distributor_id = $1 and o.user_id = $2 and o.op_id = gone.op_id"#,
        case.distributor_id,
        case.user_id,
        case.op_id,
        at,
        reason,
    )
    .execute(c)
    .await?;
    Ok(())
}

pub(crate) async fn close_case(
    c: &mut PgConnection,
    case: &LockedCase,
    status: CaseStatus,
    by: Uuid,
    reason: &str,
    at: DateTime<Utc>,
) -> Result<(), sqlx::Error> {
    sqlx::query!(
        "update sync_cases set status = $3, closed_at = $4, closed_by = $5, reason = $6, version = version + 1
         where distributor_id = $1 and id = $2",
        case.distributor_id,
        case.id,
        status.as_str(),
        at,
        by,
        reason,
    )
    .execute(c)
    .await?;
    Ok(())
}

/// Somebody as they would be if they were signed in; none when they may not sign in any more.
pub(crate) async fn find_identity(c: &mut PgConnection, user: Uuid) -> Result<Option<Identity>, sqlx::Error> {
    let row = sqlx::query!(
        r#"with me as (
             select u.*, d.name as distributor_name,
               array(select x.unit_id from user_units x where x.user_id = u.id) as own_units,
               (select x.unit_id from user_units x where x.user_id = u.id and x.is_primary) as primary_unit
             from users u left join distributors d on d.id = u.distributor_id
             where u.id = $1 and u.status = 'active' and u.deleted_at is null)
           select me.id as "id!: UserId", me.username as "username!", me.full_name as "full_name!", me.role as "role!: Role",
             me.distributor_id as "distributor_id: DistributorId", me.distributor_name as "distributor_name?",
             me.primary_unit as "primary_unit: OrgUnitId",
             coalesce((select o.ancestors from org_units o where o.id = me.primary_unit), '{}')
               as "unit_path!: Vec<OrgUnitId>",
             array(select o.id from org_units o where o.ancestors && me.own_units and o.deleted_at is null)
               as "units!: Vec<OrgUnitId>",
             array(select distinct o.distributor_id from org_units o
                   where o.ancestors && me.own_units and o.distributor_id is not null and o.deleted_at is null)
               as "distributors!: Vec<DistributorId>"
           from me"#,
        user,
    )
    .fetch_optional(c)
    .await?;
    Ok(row.map(|r| Identity {
        user_id: r.id,
        session_id: SessionId::new(Uuid::nil()),
        username: r.username,
        full_name: r.full_name,
        role: r.role,
        distributor_id: r.distributor_id,
        distributor_name: r.distributor_name,
        tenants: Tenants::Distributors(r.distributor_id.map_or(r.distributors, |own| vec![own])),
        primary_unit: r.primary_unit,
        unit_path: r.unit_path,
        units: r.units,
        must_change_password: false,
    }))
}

/// The phones of the people in the scope, those with the oldest records first.
pub(crate) async fn list_devices(
    c: &mut PgConnection,
    scope: Scope<'_>,
    now: DateTime<Utc>,
    page: &Page,
) -> Result<(Vec<DeviceView>, i64), sqlx::Error> {
    let units = scope.units();
    let rows = sqlx::query!(
        r#"select d.user_id as "user_id: UserId", u.full_name, d.device_id, d.app_version, d.first_seen, d.last_seen,
             d.queue_length, d.oldest_queued_at, d.incarnation, d.clock_offset_ms,
             (select count(*) from sync_operations o where o.distributor_id = d.distributor_id and o.user_id = d.user_id
                and o.device_id = d.device_id and o.status in ('held', 'waiting')) as "unsettled!",
             count(*) over () as "total!"
           from sync_devices d join users u on u.id = d.user_id
           where ($1::uuid is null or d.user_id = $1) and ($2::uuid[] is null or d.unit_id = any ($2))
           order by d.oldest_queued_at nulls last, d.last_seen, d.user_id, d.device_id limit $3 offset $4"#,
        scope.user(),
        units.as_deref(),
        page.limit(),
        page.offset(),
    )
    .fetch_all(c)
    .await?;
    let total = rows.first().map_or(0, |row| row.total);
    let views = rows
        .into_iter()
        .map(|r| DeviceView {
            user_id: r.user_id,
            full_name: r.full_name,
            device_id: r.device_id,
            app_version: r.app_version,
            first_seen: r.first_seen,
            last_seen: r.last_seen,
            queue_length: r.queue_length,
            oldest_queued_at: r.oldest_queued_at,
            queue_age_seconds: r.oldest_queued_at.map(|at| (now - at).num_seconds().max(0)),
            incarnation: r.incarnation,
            clock_offset_seconds: r.clock_offset_ms.map(|ms| ms / 1000),
            unsettled: r.unsettled,
        })
        .collect();
    Ok((views, total))
}
