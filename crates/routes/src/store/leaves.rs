use chrono::{DateTime, NaiveDate, Utc};
use domain::attendance::{HalfDay, LeaveKind, LeaveStatus};
use domain::{DistributorId, LeaveId, OrgUnitId, UserId};
use platform::{Page, Scope};
use sqlx::PgConnection;
use uuid::Uuid;

use crate::model::Leave;

/// A leave to write.
#[derive(Debug)]
pub(crate) struct NewLeave {
    pub distributor: DistributorId,
    pub id: LeaveId,
    pub user: UserId,
    pub unit: Option<OrgUnitId>,
    pub first: NaiveDate,
    pub last: NaiveDate,
    /// Half of the day, where it isn't whole days.
    pub half: Option<HalfDay>,
    pub kind: LeaveKind,
    pub reason: String,
    pub requested_by: UserId,
    pub at: DateTime<Utc>,
    /// Recorded by who decides on it: it holds at once.
    pub approved: bool,
}

/// Narrows a list of leave.
#[derive(Debug, Default)]
pub(crate) struct LeaveFilter {
    pub first: Option<NaiveDate>,
    pub last: Option<NaiveDate>,
    pub user: Option<UserId>,
    pub unit: Option<OrgUnitId>,
    pub status: Option<LeaveStatus>,
}

/// Those who write leave of one person go one after the other.
pub(crate) async fn lock_leaves_of(c: &mut PgConnection, user: UserId) -> Result<(), sqlx::Error> {
    sqlx::query!(
        "select pg_advisory_xact_lock(hashtextextended('leaves/' || $1::text, 0))",
        user.uuid().to_string(),
    )
    .execute(c)
    .await?;
    Ok(())
}

/// Whether the person has leave, asked for or approved, on one of the days, or on this half of one.
pub(crate) async fn has_leave(
    c: &mut PgConnection,
    user: UserId,
    first: NaiveDate,
    last: NaiveDate,
    half: Option<HalfDay>,
    only_approved: bool,
) -> Result<bool, sqlx::Error> {
    sqlx::query_scalar!(
        r#"select exists (
             select from leaves where user_id = $1 and first_day <= $3 and last_day >= $2
               and status in ('requested', 'approved') and (status = 'approved' or not $4)
               and (half is null or $5::text is null or half = $5)) as "has!""#,
        user.uuid(),
        first,
        last,
        only_approved,
        half.map(HalfDay::as_str),
    )
    .fetch_one(c)
    .await
}

/// The approved leave of the person on the day: none, or which half of it, or all of it.
pub(crate) async fn find_approved_leave(
    c: &mut PgConnection,
    user: UserId,
    day: NaiveDate,
) -> Result<(bool, Option<HalfDay>), sqlx::Error> {
    let halves = sqlx::query_scalar!(
        r#"select half as "half: HalfDay" from leaves
           where user_id = $1 and status = 'approved' and first_day <= $2 and last_day >= $2"#,
        user.uuid(),
        day,
    )
    .fetch_all(c)
    .await?;
    // Both halves, each asked for by itself, are a whole day.
    let whole = halves.len() > 1 || halves.contains(&None);
    Ok((whole, halves.first().copied().flatten().filter(|_| !whole)))
}

/// Writes a leave.
pub(crate) async fn insert_leave(c: &mut PgConnection, new: &NewLeave) -> Result<(), sqlx::Error> {
    sqlx::query!(
        "insert into leaves (distributor_id, id, user_id, unit_id, first_day, last_day, kind, reason, status, requested_by,
                             requested_at, decided_by, decided_at, half)
         values ($1, $2, $3, $4, $5, $6, $7, $8, case when $11 then 'approved' else 'requested' end, $9, $10,
                 case when $11 then $9::uuid end, case when $11 then $10::timestamptz end, $12)",
        new.distributor.uuid(),
        new.id.uuid(),
        new.user.uuid(),
        new.unit.map(OrgUnitId::uuid),
        new.first,
        new.last,
        new.kind.as_str(),
        new.reason,
        new.requested_by.uuid(),
        new.at,
        new.approved,
        new.half.map(HalfDay::as_str),
    )
    .execute(c)
    .await?;
    Ok(())
}

/// A page of the leave in the scope, the latest first, and how much there is.
pub(crate) async fn list_leaves(
    c: &mut PgConnection,
    scope: Scope<'_>,
    filter: &LeaveFilter,
    page: &Page,
) -> Result<(Vec<Leave>, i64), sqlx::Error> {
    select_leaves(c, scope, None, filter, page.search.as_deref(), page.limit(), page.offset()).await
}

/// One leave, when the scope shows it.
pub(crate) async fn find_leave(
    c: &mut PgConnection,
    scope: Scope<'_>,
    id: LeaveId,
) -> Result<Option<Leave>, sqlx::Error> {
    let (leaves, _) = select_leaves(c, scope, Some(id), &LeaveFilter::default(), None, 1, 0).await?;
    Ok(leaves.into_iter().next())
}

async fn select_leaves(
    c: &mut PgConnection,
    scope: Scope<'_>,
    id: Option<LeaveId>,
    filter: &LeaveFilter,
    search: Option<&str>,
    limit: i64,
    offset: i64,
) -> Result<(Vec<Leave>, i64), sqlx::Error> {
    let units = scope.units();
    let rows = sqlx::query!(
        r#"select l.id as "id: LeaveId", l.distributor_id as "distributor: DistributorId", l.user_id as "user: UserId",
                  coalesce(u.full_name, '') as "full_name!", l.unit_id as "unit: OrgUnitId", l.first_day, l.last_day,
                  l.half as "half: HalfDay", l.kind as "kind: LeaveKind", l.reason, l.status as "status: LeaveStatus", l.requested_at,
                  d.full_name as "decided_by?", l.decided_at, l.decision_note, l.version, count(*) over () as "total!"
           from leaves l left join users u on u.id = l.user_id left join users d on d.id = l.decided_by
           where ($1::uuid is null or l.user_id = $1)
             and ($2::uuid[] is null or l.unit_id = any ($2)
                  or l.user_id in (select uu.user_id from user_units uu where uu.unit_id = any ($2)))
             and ($3::uuid is null or l.id = $3)
             and ($4::date is null or l.last_day >= $4) and ($5::date is null or l.first_day <= $5)
             and ($6::uuid is null or l.user_id = $6)
             and ($7::uuid is null or exists (
                   select 1 from org_units o where o.id = l.unit_id and $7 = any (o.ancestors)))
             and ($8::text is null or l.status = $8)
             and ($9::text is null or u.search_key like $9)
           order by l.first_day desc, l.id desc limit $10 offset $11"#,
        scope.user(),
        units.as_deref(),
        id.map(LeaveId::uuid),
        filter.first,
        filter.last,
        filter.user.map(UserId::uuid),
        filter.unit.map(OrgUnitId::uuid),
        filter.status.map(LeaveStatus::as_str),
        search,
        limit,
        offset,
    )
    .fetch_all(c)
    .await?;
    let total = rows.first().map_or(0, |row| row.total);
    let leaves = rows
        .into_iter()
        .map(|row| Leave {
            leave_id: row.id,
            distributor_id: row.distributor,
            user_id: row.user,
            full_name: row.full_name,
            unit_id: row.unit,
            first_day: row.first_day,
            last_day: row.last_day,
            half: row.half,
            kind: row.kind,
            reason: row.reason,
            status: row.status,
            requested_at: row.requested_at,
            decided_by: row.decided_by,
            decided_at: row.decided_at,
            decision_note: row.decision_note,
            version: row.version,
        })
        .collect();
    Ok((leaves, total))
}

/// Writes what was decided of a leave over the version that was seen; `false` when it is another by now.
pub(crate) async fn decide_leave(
    c: &mut PgConnection,
    leave: &Leave,
    status: LeaveStatus,
    last: NaiveDate,
    note: &str,
    by: UserId,
    at: DateTime<Utc>,
) -> Result<bool, sqlx::Error> {
    let done = sqlx::query!(
        "update leaves set status = $4, last_day = $5, decision_note = $6, decided_by = $7, decided_at = $8,
                version = version + 1
         where distributor_id = $1 and id = $2 and version = $3",
        leave.distributor_id.uuid(),
        leave.leave_id.uuid(),
        leave.version,
        status.as_str(),
        last,
        note,
        by.uuid(),
        at,
    )
    .execute(c)
    .await?;
    Ok(done.rows_affected() == 1)
}

/// The approved leave of whole days of these people within a span: who, from, to.
pub(crate) async fn list_approved_leaves(
    c: &mut PgConnection,
    users: &[Uuid],
    first: NaiveDate,
    last: NaiveDate,
) -> Result<Vec<(UserId, NaiveDate, NaiveDate)>, sqlx::Error> {
    let rows = sqlx::query!(
        r#"select user_id as "user: UserId", first_day, last_day from leaves
           where user_id = any ($1) and status = 'approved' and half is null and first_day <= $3 and last_day >= $2"#,
        users,
        first,
        last,
    )
    .fetch_all(c)
    .await?;
    Ok(rows.into_iter().map(|row| (row.user, row.first_day, row.last_day)).collect())
}
