use chrono::{DateTime, NaiveDate, Utc};
use domain::{DistributorId, OrgUnitId, UserId};
use sqlx::PgConnection;
use uuid::Uuid;

/// A clock event.
pub struct NewClock {
    pub id: Uuid,
    pub user: UserId,
    pub unit: Option<OrgUnitId>,
    pub kind: &'static str,
    pub at: DateTime<Utc>,
    pub date: NaiveDate,
    pub latitude: f64,
    pub longitude: f64,
}

/// Adds those that are not there yet.
pub async fn insert_clocks(
    c: &mut PgConnection,
    d: DistributorId,
    rows: &[NewClock],
) -> Result<(), sqlx::Error> {
    sqlx::query!(
        "insert into clock_events (distributor_id, id, user_id, unit_id, kind, at, business_date, latitude, longitude, accuracy,
           received_at)
         select $1, id, user_id, unit_id, kind, at, day, latitude, longitude, 12, at
         from unnest($2::uuid[], $3::uuid[], $4::uuid[], $5::text[], $6::timestamptz[], $7::date[], $8::float8[], $9::float8[])
           as t (id, user_id, unit_id, kind, at, day, latitude, longitude)
         on conflict do nothing",
        d.uuid(),
        &column(rows, |r| r.id),
        &column(rows, |r| r.user.uuid()),
        &column(rows, |r| r.unit.map(OrgUnitId::uuid)) as &[Option<Uuid>],
        &column(rows, |r| r.kind.to_owned()),
        &column(rows, |r| r.at),
        &column(rows, |r| r.date),
        &column(rows, |r| r.latitude),
        &column(rows, |r| r.longitude),
    )
    .execute(c)
    .await?;
    Ok(())
}

/// A visit that has ended.
pub struct NewVisit {
    pub id: Uuid,
    pub customer: Uuid,
    pub user: UserId,
    pub unit: Option<OrgUnitId>,
    pub route: Option<Uuid>,
    pub date: NaiveDate,
    pub check_in: DateTime<Utc>,
    pub check_out: DateTime<Utc>,
    pub latitude: f64,
    pub longitude: f64,
    pub accuracy: f64,
    pub distance_metres: i32,
    pub out_of_range: bool,
    pub result: &'static str,
    pub notes: &'static str,
    pub compliant: bool,
}

/// Adds those that are not there yet.
pub async fn insert_visits(
    c: &mut PgConnection,
    d: DistributorId,
    rows: &[NewVisit],
) -> Result<(), sqlx::Error> {
    sqlx::query!(
        "insert into visits (distributor_id, id, customer_id, user_id, unit_id, route_id, visit_type, business_date, check_in_at,
           latitude, longitude, accuracy, distance_m, out_of_range, check_out_at, check_out_latitude, check_out_longitude,
           result, notes, compliant, received_at, version, outlet_latitude, outlet_longitude)
         select $1, t.id, customer, user_id, unit, route, case when route is null then 'OffRoute' else 'InRoute' end, day, came,
           t.latitude, t.longitude, accuracy, distance, far, went, t.latitude, t.longitude, result, notes, compliant, came, 2,
           cu.latitude, cu.longitude
         from unnest($2::uuid[], $3::uuid[], $4::uuid[], $5::uuid[], $6::uuid[], $7::date[], $8::timestamptz[],
             $9::timestamptz[], $10::float8[], $11::float8[], $12::float8[], $13::int[], $14::bool[], $15::text[], $16::text[],
             $17::bool[])
           as t (id, customer, user_id, unit, route, day, came, went, latitude, longitude, accuracy, distance, far, result,
             notes, compliant)
           left join customers cu on cu.distributor_id = $1 and cu.id = customer
         on conflict do nothing",
        d.uuid(),
        &column(rows, |r| r.id),
        &column(rows, |r| r.customer),
        &column(rows, |r| r.user.uuid()),
        &column(rows, |r| r.unit.map(OrgUnitId::uuid)) as &[Option<Uuid>],
        &column(rows, |r| r.route) as &[Option<Uuid>],
        &column(rows, |r| r.date),
        &column(rows, |r| r.check_in),
        &column(rows, |r| r.check_out),
        &column(rows, |r| r.latitude),
        &column(rows, |r| r.longitude),
        &column(rows, |r| r.accuracy),
        &column(rows, |r| r.distance_metres),
        &column(rows, |r| r.out_of_range),
        &column(rows, |r| r.result.to_owned()),
        &column(rows, |r| r.notes.to_owned()),
        &column(rows, |r| r.compliant),
    )
    .execute(c)
    .await?;
    Ok(())
}

/// A photo whose bytes are stored.
pub struct NewPhoto {
    pub id: Uuid,
    pub visit: Uuid,
    pub sha256: String,
    pub size: i64,
    pub album: &'static str,
    pub latitude: f64,
    pub longitude: f64,
    pub at: DateTime<Utc>,
}

/// Adds those that are not there yet; the worker makes their thumbnails.
pub async fn insert_photos(
    c: &mut PgConnection,
    d: DistributorId,
    rows: &[NewPhoto],
) -> Result<(), sqlx::Error> {
    sqlx::query!(
        "insert into files (distributor_id, sha256, state, referred, size_bytes, content_type, created_at, stored_at,
                            next_attempt_at)
         select distinct on (sha256) $1::uuid, sha256, 'stored', true, size, 'image/jpeg', at, at, at
         from unnest($2::text[], $3::bigint[], $4::timestamptz[]) as t (sha256, size, at)
         order by sha256, at
         on conflict do nothing",
        d.uuid(),
        &column(rows, |r| r.sha256.clone()),
        &column(rows, |r| r.size),
        &column(rows, |r| r.at),
    )
    .execute(&mut *c)
    .await?;
    sqlx::query!(
        "insert into visit_photos (distributor_id, id, visit_id, sha256, content_type, size_bytes, album, latitude, longitude,
           captured_at, received_at)
         select $1, id, visit, sha256, 'image/jpeg', size, album, latitude, longitude, at, at
         from unnest($2::uuid[], $3::uuid[], $4::text[], $5::bigint[], $6::text[], $7::float8[], $8::float8[], $9::timestamptz[])
           as t (id, visit, sha256, size, album, latitude, longitude, at)
         on conflict do nothing",
        d.uuid(),
        &column(rows, |r| r.id),
        &column(rows, |r| r.visit),
        &column(rows, |r| r.sha256.clone()),
        &column(rows, |r| r.size),
        &column(rows, |r| r.album.to_owned()),
        &column(rows, |r| r.latitude),
        &column(rows, |r| r.longitude),
        &column(rows, |r| r.at),
    )
    .execute(c)
    .await?;
    Ok(())
}

/// A position of a rep.
pub struct NewPoint {
    pub user: UserId,
    pub unit: Option<OrgUnitId>,
    pub at: DateTime<Utc>,
    pub latitude: f64,
    pub longitude: f64,
    pub accuracy: f32,
    /// Metres a second.
    pub speed: f32,
    /// Per cent.
    pub battery: i16,
    pub activity: &'static str,
}

/// Adds those that are not there yet; the latest of each rep becomes their last position.
pub async fn insert_points(
    c: &mut PgConnection,
    d: DistributorId,
    rows: &[NewPoint],
) -> Result<(), sqlx::Error> {
    sqlx::query!(
        "with t as (
           select * from unnest($2::uuid[], $3::uuid[], $4::timestamptz[], $5::float8[], $6::float8[], $7::real[], $8::real[],
             $9::smallint[], $10::text[])
             as t (user_id, unit_id, at, latitude, longitude, accuracy, speed, battery, activity)
         ), path as (
           insert into gps_points (distributor_id, user_id, at, latitude, longitude, accuracy, speed, battery, activity,
             provider, received_at)
           select $1, user_id, at, latitude, longitude, accuracy, speed, battery, activity, 'gps', at from t
           on conflict do nothing
         )
         insert into last_positions (distributor_id, user_id, unit_id, at, latitude, longitude, accuracy, speed, battery, activity)
         select distinct on (user_id) $1, user_id, unit_id, at, latitude, longitude, accuracy, speed, battery, activity
         from t order by user_id, at desc
         on conflict do nothing",
        d.uuid(),
        &column(rows, |r| r.user.uuid()),
        &column(rows, |r| r.unit.map(OrgUnitId::uuid)) as &[Option<Uuid>],
        &column(rows, |r| r.at),
        &column(rows, |r| r.latitude),
        &column(rows, |r| r.longitude),
        &column(rows, |r| r.accuracy),
        &column(rows, |r| r.speed),
        &column(rows, |r| r.battery),
        &column(rows, |r| r.activity.to_owned()),
    )
    .execute(c)
    .await?;
    Ok(())
}

fn column<R, T>(rows: &[R], of: impl FnMut(&R) -> T) -> Vec<T> {
    rows.iter().map(of).collect()
}
