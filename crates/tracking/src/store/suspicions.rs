use chrono::{DateTime, NaiveDate, Utc};
use domain::track::SuspicionKind;
use domain::{Coordinates, OrgUnitId, SuspicionId, UserId, business_date};
use platform::{Page, Scope};
use serde_json::Value;
use sqlx::PgConnection;
use uuid::Uuid;

use super::Owner;
use crate::suspicion::Finding;

/// Keeps the findings that aren't known yet.
pub(crate) async fn insert_suspicions(
    c: &mut PgConnection,
    owner: Owner,
    findings: &[Finding],
    found_at: DateTime<Utc>,
) -> Result<(), sqlx::Error> {
    for finding in findings {
        sqlx::query!(
            "insert into suspicions (distributor_id, id, user_id, unit_id, business_date, kind, subject, at, latitude,
                                     longitude, evidence, found_at)
             values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)
             on conflict (distributor_id, user_id, kind, subject) do nothing",
            owner.distributor.uuid(),
            Uuid::now_v7(),
            owner.user.uuid(),
            owner.unit.map(OrgUnitId::uuid),
            business_date(finding.at),
            finding.kind.as_str(),
            finding.subject,
            finding.at,
            finding.place.map(Coordinates::latitude),
            finding.place.map(Coordinates::longitude),
            finding.evidence,
            found_at,
        )
        .execute(&mut *c)
        .await?;
    }
    Ok(())
}

/// Takes the watermark of a pass for this transaction; none when another has it.
pub(crate) async fn lock_watermark(
    c: &mut PgConnection,
    name: &str,
    first: DateTime<Utc>,
) -> Result<Option<DateTime<Utc>>, sqlx::Error> {
    sqlx::query!("insert into watermarks (name, at) values ($1, $2) on conflict do nothing", name, first)
        .execute(&mut *c)
        .await?;
    sqlx::query_scalar!("select at from watermarks where name = $1 for update skip locked", name)
        .fetch_optional(c)
        .await
}

/// Sets the watermark forward.
pub(crate) async fn update_watermark(
    c: &mut PgConnection,
    name: &str,
    at: DateTime<Utc>,
) -> Result<(), sqlx::Error> {
    sqlx::query!("update watermarks set at = greatest(at, $2) where name = $1", name, at).execute(c).await?;
    Ok(())
}

/// The statements that follow are planned for the spans they are given, which are of very different length.
pub(crate) async fn plan_for_values(c: &mut PgConnection) -> Result<(), sqlx::Error> {
    sqlx::query!("set local plan_cache_mode = force_custom_plan").execute(c).await?;
    Ok(())
}

/// Makes the partitions of the months around the day.
pub(crate) async fn prepare_partitions(c: &mut PgConnection, today: NaiveDate) -> Result<(), sqlx::Error> {
    sqlx::query!("select prepare_gps_partitions($1)", today).execute(c).await?;
    Ok(())
}

/// Notes the check-ins that came in the time and were out of range; gives how many are new.
pub(crate) async fn insert_far_check_ins(
    c: &mut PgConnection,
    since: DateTime<Utc>,
    to: DateTime<Utc>,
    now: DateTime<Utc>,
) -> Result<u64, sqlx::Error> {
    let done = sqlx::query!(
        "insert into suspicions (distributor_id, id, user_id, unit_id, business_date, kind, subject, at, latitude,
                                 longitude, evidence, found_at)
         select v.distributor_id, gen_random_uuid(), v.user_id, v.unit_id, v.business_date, 'far_check_in', v.id::text,
                v.check_in_at, v.latitude, v.longitude,
                jsonb_build_object('visitId', v.id, 'customerId', v.customer_id, 'customerName', cu.name,
                                   'distanceMetres', v.distance_m, 'accuracy', v.accuracy),
                $3::timestamptz
         from visits v join customers cu on cu.distributor_id = v.distributor_id and cu.id = v.customer_id
         where v.received_at >= $1 and v.received_at <= $2 and v.out_of_range
         on conflict (distributor_id, user_id, kind, subject) do nothing",
        since,
        to,
        now,
    )
    .execute(c)
    .await?;
    Ok(done.rows_affected())
}

/// Notes the check-ins that came in the time and have to the last digit the position of another one of the same
/// person, within two days, at another outlet; gives how many are new.
pub(crate) async fn insert_same_fixes(
    c: &mut PgConnection,
    since: DateTime<Utc>,
    to: DateTime<Utc>,
    now: DateTime<Utc>,
) -> Result<u64, sqlx::Error> {
    let done = sqlx::query!(
        "insert into suspicions (distributor_id, id, user_id, unit_id, business_date, kind, subject, at, latitude,
                                 longitude, evidence, found_at)
         select v.distributor_id, gen_random_uuid(), v.user_id, v.unit_id, v.business_date, 'same_fix_elsewhere',
                least(v.id, o.id) || '/' || greatest(v.id, o.id), v.check_in_at, v.latitude, v.longitude,
                jsonb_build_object(
                  'visitId', v.id, 'customerId', v.customer_id, 'customerName', cu.name, 'accuracy', v.accuracy,
                  'otherVisitId', o.id, 'otherCustomerId', o.customer_id, 'otherCustomerName', oc.name,
                  'otherCheckInTime', o.check_in_at),
                $3::timestamptz
         from visits v
         join visits o on o.distributor_id = v.distributor_id and o.user_id = v.user_id
           and o.business_date between v.business_date - 2 and v.business_date + 2
           and o.latitude = v.latitude and o.longitude = v.longitude and o.customer_id <> v.customer_id
         join customers cu on cu.distributor_id = v.distributor_id and cu.id = v.customer_id
         join customers oc on oc.distributor_id = o.distributor_id and oc.id = o.customer_id
         where v.received_at >= $1 and v.received_at <= $2
         on conflict (distributor_id, user_id, kind, subject) do nothing",
        since,
        to,
        now,
    )
    .execute(c)
    .await?;
    Ok(done.rows_affected())
}

/// Which suspicions are listed.
#[derive(Debug)]
pub(crate) struct SuspicionFilter {
    pub from: NaiveDate,
    pub to: NaiveDate,
    pub user: Option<UserId>,
    pub kind: Option<SuspicionKind>,
}

/// A suspicion.
#[derive(Debug)]
pub(crate) struct SuspicionRow {
    pub id: SuspicionId,
    pub user_id: UserId,
    pub full_name: String,
    pub business_date: NaiveDate,
    pub kind: SuspicionKind,
    pub at: DateTime<Utc>,
    pub latitude: Option<f64>,
    pub longitude: Option<f64>,
    pub evidence: Value,
    pub found_at: DateTime<Utc>,
    pub total: i64,
}

/// The suspicions in the scope, newest first.
pub(crate) async fn list_suspicions(
    c: &mut PgConnection,
    scope: Scope<'_>,
    filter: &SuspicionFilter,
    page: &Page,
) -> Result<Vec<SuspicionRow>, sqlx::Error> {
    let units = scope.units();
    sqlx::query_as!(
        SuspicionRow,
        r#"select s.id as "id: SuspicionId", s.user_id as "user_id: UserId", u.full_name, s.business_date,
                  s.kind as "kind: SuspicionKind", s.at, s.latitude, s.longitude, s.evidence, s.found_at,
                  count(*) over () as "total!"
           from suspicions s join users u on u.id = s.user_id
           where s.business_date between $1 and $2
             and ($3::uuid is null or s.user_id = $3) and ($4::uuid[] is null or s.unit_id = any ($4))
             and ($5::uuid is null or s.user_id = $5) and ($6::text is null or s.kind = $6)
           order by s.at desc, s.id
           limit $7 offset $8"#,
        filter.from,
        filter.to,
        scope.user(),
        units.as_deref(),
        filter.user.map(UserId::uuid),
        filter.kind.map(SuspicionKind::as_str),
        page.limit(),
        page.offset(),
    )
    .fetch_all(c)
    .await
}
