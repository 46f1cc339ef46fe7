use chrono::NaiveDate;
use domain::{CustomerId, UserId};
use sqlx::PgConnection;
use uuid::Uuid;

/// A row of `plan_candidates`: a route that somebody may walk, and all that decides who does and what is due.
#[derive(Debug)]
pub(crate) struct Candidate {
    pub distributor_id: Uuid,
    pub route_id: Uuid,
    pub code: String,
    pub name: String,
    pub weekdays: Vec<i16>,
    pub start_date: NaiveDate,
    pub week_rule: String,
    pub holiday_rule: String,
    pub working_days: Vec<i16>,
    pub holidays: Vec<NaiveDate>,
    pub walk_users: Vec<Uuid>,
    pub walk_froms: Vec<NaiveDate>,
    pub walk_tos: Vec<NaiveDate>,
    pub walk_stands_in: Vec<bool>,
    pub leave_users: Vec<Uuid>,
    pub leave_froms: Vec<NaiveDate>,
    pub leave_tos: Vec<NaiveDate>,
    pub customers: Vec<Uuid>,
    pub sequences: Vec<i32>,
    pub rhythms: Vec<String>,
}

/// What the plans of these people for these days are made of; with all outlets of their routes, or just the named one.
pub(crate) async fn plan_candidates(
    c: &mut PgConnection,
    users: &[UserId],
    from: NaiveDate,
    to: NaiveDate,
    customer: Option<CustomerId>,
) -> Result<Vec<Candidate>, sqlx::Error> {
    let users: Vec<Uuid> = users.iter().map(|user| user.uuid()).collect();
    sqlx::query_as!(
        Candidate,
        r#"select distributor_id as "distributor_id!", route_id as "route_id!", code as "code!", name as "name!",
                  weekdays as "weekdays!", start_date as "start_date!", week_rule as "week_rule!",
                  holiday_rule as "holiday_rule!", working_days as "working_days!", holidays as "holidays!",
                  walk_users as "walk_users!", walk_froms as "walk_froms!", walk_tos as "walk_tos!",
                  walk_stands_in as "walk_stands_in!", leave_users as "leave_users!", leave_froms as "leave_froms!",
                  leave_tos as "leave_tos!", customers as "customers!", sequences as "sequences!", rhythms as "rhythms!"
           from plan_candidates($1, $2, $3, $4)"#,
        &users,
        from,
        to,
        customer.map(CustomerId::uuid),
    )
    .fetch_all(c)
    .await
}

/// How many outlets each of these people visited on each day.
pub(crate) async fn count_visited(
    c: &mut PgConnection,
    users: &[Uuid],
    from: NaiveDate,
    to: NaiveDate,
) -> Result<Vec<(UserId, NaiveDate, i64)>, sqlx::Error> {
    let rows = sqlx::query!(
        r#"select user_id as "user: UserId", business_date, count(distinct customer_id) as "visited!" from visits
           where business_date between $2 and $3 and user_id = any ($1) group by user_id, business_date"#,
        users,
        from,
        to,
    )
    .fetch_all(c)
    .await?;
    Ok(rows.into_iter().map(|row| (row.user, row.business_date, row.visited)).collect())
}

/// What the phone shows of an outlet in the day's plan.
#[derive(Debug)]
pub(crate) struct PlannedOutlet {
    pub id: CustomerId,
    pub code: String,
    pub name: String,
    pub phone: String,
    pub contact_person: String,
    pub address: String,
    pub latitude: Option<f64>,
    pub longitude: Option<f64>,
    pub balance: i64,
    pub last_visit: Option<NaiveDate>,
    pub last_order: Option<NaiveDate>,
    pub visit: Option<Uuid>,
    pub visit_is_open: Option<bool>,
}

/// The outlets with what happened there last, and the user's own visit of the day.
pub(crate) async fn planned_outlets(
    c: &mut PgConnection,
    user: UserId,
    date: NaiveDate,
    customers: &[Uuid],
) -> Result<Vec<PlannedOutlet>, sqlx::Error> {
    sqlx::query_as!(
        PlannedOutlet,
        r#"select c.id as "id!: CustomerId", c.code as "code!", c.name as "name!", c.phone as "phone!",
                  c.contact_person as "contact_person!", c.address as "address!", c.latitude as "latitude?",
                  c.longitude as "longitude?", coalesce(b.balance, 0) as "balance!", lv.business_date as "last_visit?",
                  lo.business_date as "last_order?", v.id as "visit?",
                  (v.check_out_at is null and v.id is not null) as "visit_is_open"
           from customers c
           left join customer_balances b on b.distributor_id = c.distributor_id and b.customer_id = c.id
           left join lateral (
                select business_date from visits
                where distributor_id = c.distributor_id and customer_id = c.id and business_date <= $2
                order by check_in_at desc limit 1) lv on true
           left join lateral (
                select business_date from orders
                where distributor_id = c.distributor_id and customer_id = c.id and business_date <= $2
                  and status not in ('Draft', 'Rejected', 'Cancelled')
                order by business_date desc limit 1) lo on true
           left join lateral (
                select id, check_out_at from visits
                where distributor_id = c.distributor_id and customer_id = c.id and user_id = $1 and business_date = $2
                order by check_in_at desc limit 1) v on true
           where c.id = any ($3)"#,
        user.uuid(),
        date,
        customers,
    )
    .fetch_all(c)
    .await
}

/// How many orders the user took on the day; those given up or rejected don't count.
pub(crate) async fn count_orders(
    c: &mut PgConnection,
    user: UserId,
    date: NaiveDate,
) -> Result<i64, sqlx::Error> {
    sqlx::query_scalar!(
        r#"select count(*) as "count!" from orders
           where rep_id = $1 and business_date = $2 and status not in ('Draft', 'Rejected', 'Cancelled')"#,
        user.uuid(),
        date,
    )
    .fetch_one(c)
    .await
}

/// An outlet of a plan.
#[derive(Debug)]
pub(crate) struct Outlet {
    pub id: CustomerId,
    pub code: String,
    pub name: String,
    pub address: String,
    pub latitude: Option<f64>,
    pub longitude: Option<f64>,
}

/// The outlets by their ids.
pub(crate) async fn list_outlets(c: &mut PgConnection, ids: &[Uuid]) -> Result<Vec<Outlet>, sqlx::Error> {
    sqlx::query_as!(
        Outlet,
        r#"select id as "id: CustomerId", code, name, address, latitude, longitude from customers where id = any ($1)"#,
        ids,
    )
    .fetch_all(c)
    .await
}
