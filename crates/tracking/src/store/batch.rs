use chrono::{DateTime, Utc};
use domain::track::Fix;
use domain::{Coordinates, EventId, OrgUnitId};
use serde_json::Value;
use sqlx::PgConnection;

use super::Owner;
use crate::model::{Point, Told};

/// What the live board hears when somebody is seen at a new place.
#[derive(Debug)]
pub(crate) struct LiveEvent<'a> {
    pub id: EventId,
    pub payload: Option<Value>,
    pub audience: &'a [String],
    pub trace_id: Option<&'a str>,
}

/// What became of a batch.
#[derive(Debug)]
pub(crate) struct Inserted {
    /// Those of the points that were known before, by their time.
    pub known_points: Vec<DateTime<Utc>>,
    known_at: Option<DateTime<Utc>>,
    known_latitude: Option<f64>,
    known_longitude: Option<f64>,
    known_accuracy: Option<f32>,
}

impl Inserted {
    /// Where the person was seen last before the batch.
    pub(crate) fn known(&self) -> Option<Fix> {
        let place = Coordinates::new(self.known_latitude?, self.known_longitude?).ok()?;
        Some(Fix { at: self.known_at?, place, accuracy: self.known_accuracy })
    }
}

/// Keeps the points that aren't known yet, and `newest` as the last position, in one statement. The live board hears of
/// it, but not more often than it can show.
///
/// The points are in the order of time, each time once. Those that are known are looked up beforehand: to let each insert
/// find out for itself (`on conflict`) takes up to half as long again. Where somebody else writes the same points at this
/// moment, the transaction is repeated: see [`db::retry`].
pub(crate) async fn insert_points(
    c: &mut PgConnection,
    owner: Owner,
    points: &[&Point],
    newest: Option<&Point>,
    event: &LiveEvent<'_>,
    received_at: DateTime<Utc>,
) -> Result<Inserted, sqlx::Error> {
    fn column<'p, T>(points: &[&'p Point], of: impl Fn(&'p Point) -> T) -> Vec<T> {
        points.iter().map(|point| of(point)).collect()
    }
    sqlx::query_as!(
        Inserted,
        r#"with known as (
             select at, latitude, longitude, accuracy from last_positions where distributor_id = $1 and user_id = $2
           ), there as materialized (
             select at from gps_points where distributor_id = $1 and user_id = $2 and at between $26 and $27
           ), kept as (
             insert into gps_points (distributor_id, user_id, at, latitude, longitude, accuracy, speed, bearing, battery,
                                     activity, provider, mock, received_at)
             select $1, $2, at, latitude, longitude, accuracy, speed, bearing, battery, activity, provider, mock, $4
             from unnest($5::timestamptz[], $6::float8[], $7::float8[], $8::real[], $9::real[], $10::real[],
                         $11::smallint[], $12::text[], $13::text[], $14::boolean[])
               as p (at, latitude, longitude, accuracy, speed, bearing, battery, activity, provider, mock)
             where p.at not in (select at from there)
           ), last as (
             insert into last_positions as l (distributor_id, user_id, unit_id, at, latitude, longitude, accuracy, speed,
                                              battery, activity, mock)
             select $1, $2, $3, $15, $16, $17, $18, $19, $20, $21, $22
             where $15::timestamptz is not null
             on conflict (distributor_id, user_id) do update set
               unit_id = excluded.unit_id, at = excluded.at, latitude = excluded.latitude,
               longitude = excluded.longitude, accuracy = excluded.accuracy, speed = excluded.speed,
               battery = excluded.battery, activity = excluded.activity, mock = excluded.mock
             where l.at < excluded.at
             returning 1
           ), event as (
             insert into outbox (id, distributor_id, kind, aggregate_id, audience, payload, trace_id, created_at)
             select $23, $1, 'LocationUpdated', $2, $28, $24::jsonb, $25, $4
             where exists (select from last)
               and not exists (select from known where known.at > $15::timestamptz - interval '5 seconds')
           )
           select array(select at from there where at = any ($5)) as "known_points!", known.at as "known_at?",
                  known.latitude as "known_latitude?", known.longitude as "known_longitude?",
                  known.accuracy as known_accuracy
           from (select) as one left join known on true"#,
        owner.distributor.uuid(),
        owner.user.uuid(),
        owner.unit.map(OrgUnitId::uuid),
        received_at,
        &column(points, |p| p.at),
        &column(points, |p| p.place.latitude()),
        &column(points, |p| p.place.longitude()),
        &column(points, |p| p.accuracy) as &[Option<f32>],
        &column(points, |p| p.speed) as &[Option<f32>],
        &column(points, |p| p.bearing) as &[Option<f32>],
        &column(points, |p| p.battery) as &[Option<i16>],
        &column(points, |p| p.activity.as_deref()) as &[Option<&str>],
        &column(points, |p| p.provider.as_deref()) as &[Option<&str>],
        &column(points, |p| p.mock),
        newest.map(|p| p.at),
        newest.map(|p| p.place.latitude()),
        newest.map(|p| p.place.longitude()),
        newest.and_then(|p| p.accuracy),
        newest.and_then(|p| p.speed),
        newest.and_then(|p| p.battery),
        newest.and_then(|p| p.activity.as_deref()),
        newest.is_some_and(|p| p.mock),
        event.id.uuid(),
        event.payload.as_ref(),
        event.trace_id,
        points.first().map(|p| p.at),
        points.last().map(|p| p.at),
        event.audience,
    )
    .fetch_one(c)
    .await
}

/// Keeps what the phone told, once.
pub(crate) async fn insert_events(
    c: &mut PgConnection,
    owner: Owner,
    told: &[Told],
    received_at: DateTime<Utc>,
) -> Result<(), sqlx::Error> {
    let at: Vec<DateTime<Utc>> = told.iter().map(|t| t.at).collect();
    let kinds: Vec<&str> = told.iter().map(|t| t.event.as_str()).collect();
    let batteries: Vec<Option<i16>> = told.iter().map(|t| t.battery).collect();
    sqlx::query!(
        "insert into phone_events (distributor_id, user_id, at, kind, battery, received_at)
         select $1, $2, at, kind, battery, $3
         from unnest($4::timestamptz[], $5::text[], $6::smallint[]) as e (at, kind, battery)
         on conflict do nothing",
        owner.distributor.uuid(),
        owner.user.uuid(),
        received_at,
        &at,
        &kinds as &[&str],
        &batteries as &[Option<i16>],
    )
    .execute(c)
    .await?;
    Ok(())
}

/// Keeps the place as the last position unless a newer one is known. What only the phone's own reports tell (the
/// battery, whether the place is feigned) stays as it was.
pub(crate) async fn upsert_last_position(
    c: &mut PgConnection,
    owner: Owner,
    at: DateTime<Utc>,
    place: Coordinates,
    accuracy: Option<f32>,
) -> Result<(), sqlx::Error> {
    sqlx::query!(
        "insert into last_positions as l (distributor_id, user_id, unit_id, at, latitude, longitude, accuracy)
         values ($1, $2, $3, $4, $5, $6, $7)
         on conflict (distributor_id, user_id) do update set
           unit_id = excluded.unit_id, at = excluded.at, latitude = excluded.latitude,
           longitude = excluded.longitude, accuracy = excluded.accuracy, speed = null, activity = null
         where l.at < excluded.at",
        owner.distributor.uuid(),
        owner.user.uuid(),
        owner.unit.map(OrgUnitId::uuid),
        at,
        place.latitude(),
        place.longitude(),
        accuracy,
    )
    .execute(c)
    .await?;
    Ok(())
}
