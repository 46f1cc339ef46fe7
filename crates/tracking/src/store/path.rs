use chrono::{DateTime, NaiveDate, Utc};
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

/// When the person clocked in or out on the day, in order.
pub(crate) async fn list_clocked(
    c: &mut PgConnection,
    user: UserId,
    day: NaiveDate,
) -> Result<Vec<Clocked>, sqlx::Error> {
    sqlx::query_as!(
        Clocked,
        r#"select at, kind = 'in' as "into!" from clock_events
           where business_date = $2 and user_id = $1 and distributor_id in (select id from distributors)
           order by at, id"#,
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
