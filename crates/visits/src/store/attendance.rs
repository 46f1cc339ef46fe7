use chrono::{DateTime, NaiveDate, Utc};
use domain::attendance::ClockKind;
use domain::{ClockEventId, Coordinates, DistributorId, OrgUnitId, UserId};
use platform::{Page, Scope};
use sqlx::PgConnection;

use crate::attendance::{ClockEvent, WorkedDay};

/// A clock event that arrives.
#[derive(Debug)]
pub(crate) struct NewClockEvent {
    pub distributor: DistributorId,
    pub id: ClockEventId,
    pub user: UserId,
    pub unit: Option<OrgUnitId>,
    pub kind: ClockKind,
    pub at: DateTime<Utc>,
    pub business_date: NaiveDate,
    pub place: Coordinates,
    pub accuracy: Option<f64>,
    pub note: String,
    pub received_at: DateTime<Utc>,
}

/// Adds the event.
pub(crate) async fn insert_clock_event(
    c: &mut PgConnection,
    event: &NewClockEvent,
) -> Result<(), sqlx::Error> {
    sqlx::query!(
        "insert into clock_events (distributor_id, id, user_id, unit_id, kind, at, business_date, latitude, longitude,
                                   accuracy, note, received_at)
         values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)",
        event.distributor.uuid(),
        event.id.uuid(),
        event.user.uuid(),
        event.unit.map(OrgUnitId::uuid),
        event.kind.as_str(),
        event.at,
        event.business_date,
        event.place.latitude(),
        event.place.longitude(),
        event.accuracy,
        event.note,
        event.received_at,
    )
    .execute(c)
    .await?;
    Ok(())
}

/// The user's event with this id.
pub(crate) async fn find_clock_event(
    c: &mut PgConnection,
    user: UserId,
    id: ClockEventId,
) -> Result<Option<ClockEvent>, sqlx::Error> {
    sqlx::query_as!(
        ClockEvent,
        r#"select id as "clock_event_id: ClockEventId", kind as "kind: ClockKind", at, business_date, latitude,
                  longitude, accuracy, note
           from clock_events where id = $1 and user_id = $2"#,
        id.uuid(),
        user.uuid(),
    )
    .fetch_optional(c)
    .await
}

/// The user's events of a day in order.
pub(crate) async fn list_clock_events(
    c: &mut PgConnection,
    user: UserId,
    day: NaiveDate,
) -> Result<Vec<ClockEvent>, sqlx::Error> {
    sqlx::query_as!(
        ClockEvent,
        r#"select id as "clock_event_id: ClockEventId", kind as "kind: ClockKind", at, business_date, latitude,
                  longitude, accuracy, note
           from clock_events where business_date = $2 and user_id = $1
           order by at, id"#,
        user.uuid(),
        day,
    )
    .fetch_all(c)
    .await
}

/// A page of the days with clock events of those in the scope, by person and day, and how many there are.
pub(crate) async fn list_worked_days(
    c: &mut PgConnection,
    scope: Scope<'_>,
    first: NaiveDate,
    last: NaiveDate,
    user: Option<UserId>,
    page: &Page,
) -> Result<(Vec<WorkedDay>, i64), sqlx::Error> {
    let units = scope.units();
    let rows = sqlx::query!(
        r#"select e.user_id as "user_id: UserId", coalesce(u.full_name, '') as "full_name!", e.business_date,
                  min(e.at) filter (where e.kind = 'in') as first_in,
                  max(e.at) filter (where e.kind = 'out') as last_out,
                  count(*) over () as "total!"
           from clock_events e left join users u on u.id = e.user_id
           where e.business_date between $3 and $4
             and ($1::uuid is null or e.user_id = $1) and ($2::uuid[] is null or e.unit_id = any ($2))
             and ($5::uuid is null or e.user_id = $5) and ($6::text is null or u.search_key like $6)
           group by e.user_id, u.full_name, e.business_date
           order by u.full_name, e.user_id, e.business_date
           limit $7 offset $8"#,
        scope.user(),
        units.as_deref(),
        first,
        last,
        user.map(UserId::uuid),
        page.search,
        page.limit(),
        page.offset(),
    )
    .fetch_all(c)
    .await?;
    let total = rows.first().map_or(0, |row| row.total);
    let days = rows
        .into_iter()
        .map(|r| WorkedDay::of(r.user_id, r.full_name, r.business_date, r.first_in, r.last_out))
        .collect();
    Ok((days, total))
}
