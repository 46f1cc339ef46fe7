use chrono::{DateTime, NaiveDate, Utc};
use domain::attendance::ClockKind;
use domain::{ClockCorrectionId, ClockEventId, DistributorId, OrgUnitId, UserId};
use sqlx::PgConnection;

use crate::model::Correction;

/// A clock event as it counts now.
#[derive(Debug)]
pub(crate) struct Standing {
    pub distributor: DistributorId,
    pub user: UserId,
    pub unit: Option<OrgUnitId>,
    pub kind: ClockKind,
    /// None when it doesn't count.
    pub at: Option<DateTime<Utc>>,
    /// As it was clocked or added, to bring back one that was taken out.
    pub first_at: Option<DateTime<Utc>>,
    pub business_date: NaiveDate,
    /// How many corrections it has.
    pub revision: i32,
}

/// The event, clocked or added by a correction, as it counts now.
pub(crate) async fn find_standing(
    c: &mut PgConnection,
    event: ClockEventId,
) -> Result<Option<Standing>, sqlx::Error> {
    sqlx::query_as!(
        Standing,
        r#"with latest as (
             select * from clock_corrections where event_id = $1 order by revision desc limit 1),
           first as (
             select at from clock_events where id = $1
             union all
             select at from clock_corrections where id = $1 and event_id = $1)
           select distributor_id as "distributor!: DistributorId", user_id as "user!: UserId", unit_id as "unit: OrgUnitId",
                  kind as "kind!: ClockKind", at, (select at from first limit 1) as first_at,
                  business_date as "business_date!", revision as "revision!"
           from (
             select distributor_id, user_id, unit_id, kind, at, business_date, revision from latest
             union all
             select distributor_id, user_id, unit_id, kind, at, business_date, 0 from clock_events where id = $1
           ) e order by revision desc limit 1"#,
        event.uuid(),
    )
    .fetch_optional(c)
    .await
}

/// A correction to write.
#[derive(Debug)]
pub(crate) struct NewCorrection {
    pub distributor: DistributorId,
    pub unit: Option<OrgUnitId>,
    pub correction: Correction,
}

/// Adds a correction.
pub(crate) async fn insert_correction(c: &mut PgConnection, new: &NewCorrection) -> Result<(), sqlx::Error> {
    let correction = &new.correction;
    sqlx::query!(
        "insert into clock_corrections (distributor_id, id, event_id, revision, user_id, unit_id, kind, at, business_date,
                                        reason, corrected_by, corrected_at)
         values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)",
        new.distributor.uuid(),
        correction.correction_id.uuid(),
        correction.clock_event_id.uuid(),
        correction.revision,
        correction.user_id.uuid(),
        new.unit.map(OrgUnitId::uuid),
        correction.kind.as_str(),
        correction.at,
        correction.business_date,
        correction.reason,
        correction.corrected_by.uuid(),
        correction.corrected_at,
    )
    .execute(c)
    .await?;
    Ok(())
}

/// All corrections of the events that were clocked on the day or corrected to it, the latest first.
pub(crate) async fn list_corrections(
    c: &mut PgConnection,
    user: UserId,
    day: NaiveDate,
) -> Result<Vec<Correction>, sqlx::Error> {
    sqlx::query_as!(
        Correction,
        r#"select k.id as "correction_id: ClockCorrectionId", k.event_id as "clock_event_id: ClockEventId", k.revision,
                  k.user_id as "user_id: UserId", k.kind as "kind: ClockKind", k.at, k.business_date, k.reason,
                  k.corrected_by as "corrected_by: UserId", coalesce(u.full_name, '') as "corrected_by_name!", k.corrected_at
           from clock_corrections k left join users u on u.id = k.corrected_by
           where k.user_id = $1 and k.event_id in (
                   select event_id from clock_corrections where user_id = $1 and business_date = $2
                   union
                   select id from clock_events where user_id = $1 and business_date = $2)
           order by k.event_id, k.revision desc"#,
        user.uuid(),
        day,
    )
    .fetch_all(c)
    .await
}
