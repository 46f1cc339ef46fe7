use chrono::NaiveDate;
use domain::attendance::ClockKind;
use domain::{ClockEventId, DistributorId, OrgUnitId, UserId};
use sqlx::PgConnection;

use crate::model::ClockEvent;

/// A clock event to keep.
#[derive(Debug)]
pub(crate) struct NewClockEvent {
    pub distributor: DistributorId,
    pub user: UserId,
    pub unit: Option<OrgUnitId>,
    pub event: ClockEvent,
}

/// Adds the event.
pub(crate) async fn insert_clock_event(c: &mut PgConnection, new: &NewClockEvent) -> Result<(), sqlx::Error> {
    let event = &new.event;
    sqlx::query!(
        "insert into clock_events (distributor_id, id, user_id, unit_id, kind, at, business_date, latitude, longitude,
                                   accuracy, note, photo_sha256, received_at, flags)
         values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14)",
        new.distributor.uuid(),
        event.clock_event_id.uuid(),
        new.user.uuid(),
        new.unit.map(OrgUnitId::uuid),
        event.kind.as_str(),
        event.at,
        event.business_date,
        event.latitude,
        event.longitude,
        event.accuracy,
        event.note,
        event.photo_sha256,
        event.received_at,
        &event.flags,
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
                  longitude, accuracy, note, photo_sha256, received_at, flags
           from clock_events where id = $1 and user_id = $2"#,
        id.uuid(),
        user.uuid(),
    )
    .fetch_optional(c)
    .await
}

/// What the user clocked on a day, in order.
pub(crate) async fn list_clock_events(
    c: &mut PgConnection,
    user: UserId,
    day: NaiveDate,
) -> Result<Vec<ClockEvent>, sqlx::Error> {
    sqlx::query_as!(
        ClockEvent,
        r#"select id as "clock_event_id: ClockEventId", kind as "kind: ClockKind", at, business_date, latitude,
                  longitude, accuracy, note, photo_sha256, received_at, flags
           from clock_events where business_date = $2 and user_id = $1
           order by at, id"#,
        user.uuid(),
        day,
    )
    .fetch_all(c)
    .await
}

/// Events by their ids.
pub(crate) async fn list_events_by_id(
    c: &mut PgConnection,
    user: UserId,
    ids: &[uuid::Uuid],
) -> Result<Vec<ClockEvent>, sqlx::Error> {
    sqlx::query_as!(
        ClockEvent,
        r#"select id as "clock_event_id: ClockEventId", kind as "kind: ClockKind", at, business_date, latitude,
                  longitude, accuracy, note, photo_sha256, received_at, flags
           from clock_events where id = any ($2) and user_id = $1
           order by at, id"#,
        user.uuid(),
        ids,
    )
    .fetch_all(c)
    .await
}
