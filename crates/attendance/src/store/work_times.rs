use std::collections::HashMap;

use chrono::{DateTime, NaiveDate, NaiveTime, Utc};
use domain::attendance::{WorkSession, WorkTimes, WorkingDay};
use domain::{DistributorId, OrgUnitId, UserId, WorkCalendarId};
use sqlx::PgConnection;
use uuid::Uuid;

use crate::model::UnitWorkTimes;

/// The working times of some units, with the way from the root to each.
#[derive(Debug, Default)]
pub(crate) struct UnitTimes {
    paths: HashMap<OrgUnitId, Vec<OrgUnitId>>,
    times: WorkTimes,
}

impl UnitTimes {
    /// The working day of the unit on a date.
    pub fn on(&self, unit: Option<OrgUnitId>, date: NaiveDate) -> &WorkingDay {
        let path = unit.and_then(|unit| self.paths.get(&unit)).map_or(&[][..], Vec::as_slice);
        self.times.on(path, date)
    }
}

/// The working times that count for these units.
pub(crate) async fn unit_times(
    c: &mut PgConnection,
    units: impl IntoIterator<Item = OrgUnitId>,
) -> Result<UnitTimes, sqlx::Error> {
    let mut ids: Vec<Uuid> = units.into_iter().map(OrgUnitId::uuid).collect();
    ids.sort_unstable();
    ids.dedup();
    let rows =
        sqlx::query!(r#"select id as "id: OrgUnitId", ancestors from org_units where id = any ($1)"#, &ids,)
            .fetch_all(&mut *c)
            .await?;
    let mut all: Vec<Uuid> = rows.iter().flat_map(|row| row.ancestors.iter().copied()).collect();
    all.sort_unstable();
    all.dedup();
    let mut found = UnitTimes::default();
    for row in rows {
        found.paths.insert(row.id, row.ancestors.into_iter().map(OrgUnitId::new).collect());
    }
    for entry in list_work_times(c, &all).await? {
        let day = entry.sessions.map(WorkingDay::try_from).transpose();
        let day = day.map_err(|e| sqlx::Error::Decode(Box::new(e)))?;
        found.times.set(entry.unit_id, entry.valid_from, day);
    }
    Ok(found)
}

/// What was set for exactly these units, by unit and day.
pub(crate) async fn list_work_times(
    c: &mut PgConnection,
    units: &[Uuid],
) -> Result<Vec<UnitWorkTimes>, sqlx::Error> {
    let rows = sqlx::query!(
        r#"select unit_id as "unit: OrgUnitId", valid_from, starts, ends, version from work_calendars
           where unit_id = any ($1) order by unit_id, valid_from"#,
        units,
    )
    .fetch_all(c)
    .await?;
    Ok(rows
        .into_iter()
        .map(|row| UnitWorkTimes {
            unit_id: row.unit,
            valid_from: row.valid_from,
            sessions: row.starts.zip(row.ends).map(|(starts, ends)| {
                starts.into_iter().zip(ends).map(|(start, end)| WorkSession { start, end }).collect()
            }),
            version: row.version,
        })
        .collect())
}

/// Sets the working times of a unit from a day on.
pub(crate) async fn set_work_times(
    c: &mut PgConnection,
    distributor: Option<DistributorId>,
    unit: OrgUnitId,
    from: NaiveDate,
    day: Option<&WorkingDay>,
    by: UserId,
    at: DateTime<Utc>,
) -> Result<UnitWorkTimes, sqlx::Error> {
    let of = |time: fn(&WorkSession) -> NaiveTime| {
        day.map(|day| day.sessions().map(time).collect::<Vec<NaiveTime>>())
    };
    let (starts, ends) = (of(|session| session.start), of(|session| session.end));
    let version = sqlx::query_scalar!(
        "insert into work_calendars as w (id, distributor_id, unit_id, valid_from, starts, ends, updated_by, updated_at)
         values ($1, $2, $3, $4, $5, $6, $7, $8)
         on conflict (unit_id, valid_from) do update
         set starts = excluded.starts, ends = excluded.ends, updated_by = excluded.updated_by,
             updated_at = excluded.updated_at, version = w.version + 1
         returning version",
        WorkCalendarId::new(Uuid::now_v7()).uuid(),
        distributor.map(DistributorId::uuid),
        unit.uuid(),
        from,
        starts.as_deref(),
        ends.as_deref(),
        by.uuid(),
        at,
    )
    .fetch_one(c)
    .await?;
    Ok(UnitWorkTimes {
        unit_id: unit,
        valid_from: from,
        sessions: day.map(|day| day.sessions().copied().collect()),
        version,
    })
}

/// The distributor a unit belongs to; the inner `None` is a unit above the distributors.
pub(crate) async fn find_unit(
    c: &mut PgConnection,
    unit: OrgUnitId,
) -> Result<Option<Option<DistributorId>>, sqlx::Error> {
    sqlx::query_scalar!(
        r#"select distributor_id as "distributor: DistributorId" from org_units where id = $1 and deleted_at is null"#,
        unit.uuid(),
    )
    .fetch_optional(c)
    .await
}
