use chrono::{DateTime, NaiveDate, Utc};
use domain::{CustomerId, DistributorId, OrgUnitId, UserId, VisitId};
use platform::Scope;
use sqlx::PgConnection;

use crate::model::Seen;

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
    pub suspicions: i64,
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
                  (select count(*) from suspicions s
                   where s.distributor_id = w.distributor_id and s.business_date = $3 and s.user_id = w.id) as "suspicions!",
                  o.orders as "orders!", o.sales as "sales!",
                  v.id as "open_visit?: VisitId", v.customer_id as "open_customer?: CustomerId",
                  v.name as "open_customer_name?", v.check_in_at as "open_since?"
           from people w
           left join user_units uu on uu.user_id = w.id and uu.is_primary
           left join org_units unit on unit.id = uu.unit_id
           left join last_positions p on p.distributor_id = w.distributor_id and p.user_id = w.id
           left join lateral (
                select kind, at from clock_times
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

/// Where everybody who works for the distributor was seen last.
pub(crate) async fn list_seen(
    c: &mut PgConnection,
    distributor: DistributorId,
) -> Result<Vec<Seen>, sqlx::Error> {
    sqlx::query_as!(
        Seen,
        r#"select p.user_id as "user_id: UserId", p.unit_id as "unit_id: OrgUnitId", p.at, p.latitude, p.longitude, p.accuracy,
             p.speed, p.battery, p.activity, p.mock
           from last_positions p join users u on u.id = p.user_id and u.status = 'active' and u.deleted_at is null
           where p.distributor_id = $1"#,
        distributor.uuid(),
    )
    .fetch_all(c)
    .await
}

/// The distributors that somebody works for in the field.
pub(crate) async fn list_distributors(c: &mut PgConnection) -> Result<Vec<DistributorId>, sqlx::Error> {
    sqlx::query_scalar!(
        r#"select id as "id: DistributorId" from distributors d
           where exists (select from last_positions p where p.distributor_id = d.id)"#
    )
    .fetch_all(c)
    .await
}
