//! All SQL of tracking.

use chrono::{DateTime, NaiveDate, Utc};
use domain::{Coordinates, CustomerId, DistributorId, OrgUnitId, UserId, VisitId};
use platform::Scope;
use sqlx::PgConnection;

use crate::model::Point;

/// Whose positions they are.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Owner {
    pub distributor: DistributorId,
    pub user: UserId,
    pub unit: Option<OrgUnitId>,
}

/// What became of a batch.
#[derive(Debug)]
pub(crate) struct Inserted {
    /// How many of the points were not known before.
    pub new_points: i64,
    /// Whether the last position is a newer one now.
    pub moved_on: bool,
}

/// Keeps the points that aren't known yet, and the newest as the last position, in one statement.
pub(crate) async fn insert_points(
    c: &mut PgConnection,
    owner: Owner,
    points: &[Point],
    received_at: DateTime<Utc>,
) -> Result<Inserted, sqlx::Error> {
    fn column<T>(points: &[Point], of: impl Fn(&Point) -> T) -> Vec<T> {
        points.iter().map(of).collect()
    }
    sqlx::query_as!(
        Inserted,
        r#"with batch as (
             select * from unnest($5::timestamptz[], $6::float8[], $7::float8[], $8::real[], $9::real[], $10::real[],
                                  $11::smallint[], $12::text[], $13::text[], $14::boolean[])
               as p (at, latitude, longitude, accuracy, speed, bearing, battery, activity, provider, mock)
           ), kept as (
             insert into gps_points (distributor_id, user_id, at, latitude, longitude, accuracy, speed, bearing, battery,
                                     activity, provider, mock, received_at)
             select $1, $2, at, latitude, longitude, accuracy, speed, bearing, battery, activity, provider, mock, $4
             from batch
             on conflict do nothing
             returning 1
           ), last as (
             insert into last_positions as l (distributor_id, user_id, unit_id, at, latitude, longitude, accuracy, speed,
                                              battery, activity, mock)
             select $1, $2, $3, at, latitude, longitude, accuracy, speed, battery, activity, mock
             from batch order by at desc limit 1
             on conflict (distributor_id, user_id) do update set
               unit_id = excluded.unit_id, at = excluded.at, latitude = excluded.latitude,
               longitude = excluded.longitude, accuracy = excluded.accuracy, speed = excluded.speed,
               battery = excluded.battery, activity = excluded.activity, mock = excluded.mock
             where l.at < excluded.at
             returning 1
           )
           select (select count(*) from kept) as "new_points!", exists (select 1 from last) as "moved_on!""#,
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
        &column(points, |p| p.activity.clone()) as &[Option<String>],
        &column(points, |p| p.provider.clone()) as &[Option<String>],
        &column(points, |p| p.mock),
    )
    .fetch_one(c)
    .await
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

/// Somebody on the live board.
#[derive(Debug)]
pub(crate) struct LiveRow {
    pub user_id: UserId,
    pub full_name: String,
    pub unit_id: Option<OrgUnitId>,
    pub unit_name: Option<String>,
    pub at: Option<DateTime<Utc>>,
    pub latitude: Option<f64>,
    pub longitude: Option<f64>,
    pub accuracy: Option<f32>,
    pub speed: Option<f32>,
    pub battery: Option<i16>,
    pub activity: Option<String>,
    pub mock: Option<bool>,
    pub last_clock: Option<String>,
    pub last_clock_at: Option<DateTime<Utc>>,
    pub visits: i64,
    pub orders: i64,
    pub sales: i64,
    pub open_visit: Option<VisitId>,
    pub open_customer: Option<CustomerId>,
    pub open_customer_name: Option<String>,
    pub open_since: Option<DateTime<Utc>>,
}

/// The reps in the scope, and others there who sent positions, with what they did on the day.
pub(crate) async fn list_live(
    c: &mut PgConnection,
    scope: Scope<'_>,
    today: NaiveDate,
) -> Result<Vec<LiveRow>, sqlx::Error> {
    let units = scope.units();
    sqlx::query_as!(
        LiveRow,
        r#"with people as (
             select u.id, u.full_name, coalesce(u.distributor_id, p.distributor_id) as distributor_id
             from users u left join last_positions p on p.user_id = u.id
             where u.deleted_at is null and u.status = 'active'
               and (u.role = 'sales_rep' and u.distributor_id is not null or p.user_id is not null)
               and ($1::uuid is null or u.id = $1)
               and ($2::uuid[] is null or exists (
                     select 1 from user_units uu where uu.user_id = u.id and uu.unit_id = any ($2)))
           )
           select w.id as "user_id!: UserId", w.full_name as "full_name!", unit.id as "unit_id?: OrgUnitId",
                  unit.name as "unit_name?", p.at as "at?", p.latitude as "latitude?", p.longitude as "longitude?",
                  p.accuracy, p.speed, p.battery, p.activity, p.mock as "mock?",
                  k.kind as "last_clock?", k.at as "last_clock_at?",
                  (select count(*) from visits v
                   where v.distributor_id = w.distributor_id and v.business_date = $3 and v.user_id = w.id) as "visits!",
                  o.orders as "orders!", o.sales as "sales!",
                  v.id as "open_visit?: VisitId", v.customer_id as "open_customer?: CustomerId",
                  v.name as "open_customer_name?", v.check_in_at as "open_since?"
           from people w
           left join user_units uu on uu.user_id = w.id and uu.is_primary
           left join org_units unit on unit.id = uu.unit_id
           left join last_positions p on p.distributor_id = w.distributor_id and p.user_id = w.id
           left join lateral (
                select kind, at from clock_events
                where distributor_id = w.distributor_id and business_date = $3 and user_id = w.id
                order by at desc limit 1) k on true
           left join lateral (
                select count(*) as orders, coalesce(sum(total), 0)::bigint as sales from orders
                where distributor_id = w.distributor_id and business_date = $3 and rep_id = w.id
                  and status not in ('Draft', 'Rejected', 'Cancelled')) o on true
           left join lateral (
                select v.id, v.customer_id, c.name, v.check_in_at
                from visits v join customers c on c.distributor_id = v.distributor_id and c.id = v.customer_id
                where v.distributor_id = w.distributor_id and v.user_id = w.id and v.check_out_at is null
                limit 1) v on true
           order by w.full_name, w.id
           limit 5000"#,
        scope.user(),
        units.as_deref(),
        today,
    )
    .fetch_all(c)
    .await
}

/// The name of a person in the scope.
pub(crate) async fn find_person(
    c: &mut PgConnection,
    scope: Scope<'_>,
    user: UserId,
) -> Result<Option<String>, sqlx::Error> {
    let units = scope.units();
    sqlx::query_scalar!(
        "select u.full_name from users u
         where u.id = $1 and u.deleted_at is null and ($2::uuid is null or u.id = $2)
           and ($3::uuid[] is null or exists (
                 select 1 from user_units uu where uu.user_id = u.id and uu.unit_id = any ($3)))",
        user.uuid(),
        scope.user(),
        units.as_deref(),
    )
    .fetch_optional(c)
    .await
}

/// A position of the day.
#[derive(Debug)]
pub(crate) struct PathRow {
    pub at: DateTime<Utc>,
    pub latitude: f64,
    pub longitude: f64,
    pub accuracy: Option<f32>,
    pub speed: Option<f32>,
    pub bearing: Option<f32>,
    pub battery: Option<i16>,
    pub activity: Option<String>,
    pub mock: bool,
}

/// The person's positions in the time span in order, at most `limit`.
pub(crate) async fn list_points(
    c: &mut PgConnection,
    user: UserId,
    span: &std::ops::Range<DateTime<Utc>>,
    limit: i64,
) -> Result<Vec<PathRow>, sqlx::Error> {
    sqlx::query_as!(
        PathRow,
        "select at, latitude, longitude, accuracy, speed, bearing, battery, activity, mock from gps_points
         where user_id = $1 and at >= $2 and at < $3 and distributor_id in (select id from distributors)
         order by at
         limit $4",
        user.uuid(),
        span.start,
        span.end,
        limit,
    )
    .fetch_all(c)
    .await
}

/// A visit of the day.
#[derive(Debug)]
pub(crate) struct PathVisit {
    pub id: VisitId,
    pub customer: CustomerId,
    pub customer_name: String,
    pub latitude: f64,
    pub longitude: f64,
    pub check_in_at: DateTime<Utc>,
    pub check_out_at: Option<DateTime<Utc>>,
    pub result: Option<String>,
    pub out_of_range: bool,
}

/// The person's visits of the day in order.
pub(crate) async fn list_visits(
    c: &mut PgConnection,
    user: UserId,
    day: NaiveDate,
) -> Result<Vec<PathVisit>, sqlx::Error> {
    sqlx::query_as!(
        PathVisit,
        r#"select v.id as "id: VisitId", v.customer_id as "customer: CustomerId", c.name as customer_name, v.latitude,
                  v.longitude, v.check_in_at, v.check_out_at, v.result, v.out_of_range
           from visits v join customers c on c.distributor_id = v.distributor_id and c.id = v.customer_id
           where v.business_date = $2 and v.user_id = $1
           order by v.check_in_at, v.id"#,
        user.uuid(),
        day,
    )
    .fetch_all(c)
    .await
}
