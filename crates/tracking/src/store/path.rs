use chrono::{DateTime, NaiveDate, Utc};
use domain::attendance::{WorkSession, WorkingDay};
use domain::track::{Clocked, PhoneEvent};
use domain::{CustomerId, UserId, VisitId};
use sqlx::PgConnection;

/// A position of the day.
#[derive(Debug, Clone)]
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
    pub received_at: DateTime<Utc>,
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
        "select at, latitude, longitude, accuracy, speed, bearing, battery, activity, mock, received_at from gps_points
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

/// The working day of the person's unit on a date: of the unit for which they clocked, else their primary one, as it or the
/// nearest unit above it says.
pub(crate) async fn find_working_day(
    c: &mut PgConnection,
    user: UserId,
    day: NaiveDate,
) -> Result<WorkingDay, sqlx::Error> {
    let row = sqlx::query!(
        r#"select w.starts as "starts!", w.ends as "ends!"
           from org_units u
           cross join lateral unnest(u.ancestors) with ordinality as a (id, depth)
           join lateral (
             select k.starts, k.ends from work_calendars k where k.unit_id = a.id and k.valid_from <= $2
             order by k.valid_from desc limit 1) w on w.starts is not null
           where u.id = coalesce(
             (select e.unit_id from clock_times e
              where e.user_id = $1 and e.business_date = $2 and e.unit_id is not null order by e.at limit 1),
             (select x.unit_id from user_units x where x.user_id = $1 and x.is_primary))
           order by a.depth desc limit 1"#,
        user.uuid(),
        day,
    )
    .fetch_optional(c)
    .await?;
    let Some(row) = row else { return Ok(WorkingDay::default()) };
    let sessions = row.starts.into_iter().zip(row.ends).map(|(start, end)| WorkSession { start, end });
    WorkingDay::try_from(sessions.collect::<Vec<_>>()).map_err(|e| sqlx::Error::Decode(Box::new(e)))
}

/// When the person clocked in or out on the day, in order, as corrected.
pub(crate) async fn list_clocked(
    c: &mut PgConnection,
    user: UserId,
    day: NaiveDate,
) -> Result<Vec<Clocked>, sqlx::Error> {
    sqlx::query_as!(
        Clocked,
        r#"select at as "at!", kind = 'in' as "into!" from clock_times
           where business_date = $2 and user_id = $1 and distributor_id in (select id from distributors)
           order by at, event_id"#,
        user.uuid(),
        day,
    )
    .fetch_all(c)
    .await
}

/// What the person's phone told in the time span, in order.
pub(crate) async fn list_told(
    c: &mut PgConnection,
    user: UserId,
    span: &std::ops::Range<DateTime<Utc>>,
) -> Result<Vec<(DateTime<Utc>, PhoneEvent)>, sqlx::Error> {
    let rows = sqlx::query!(
        r#"select at, kind as "kind: PhoneEvent" from phone_events
           where user_id = $1 and at >= $2 and at < $3 and distributor_id in (select id from distributors)
           order by at, kind
           limit 2000"#,
        user.uuid(),
        span.start,
        span.end,
    )
    .fetch_all(c)
    .await?;
    Ok(rows.into_iter().map(|row| (row.at, row.kind)).collect())
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
