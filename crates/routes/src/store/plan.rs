use chrono::{Datelike as _, NaiveDate};
use domain::route::{Cadence, Schedule};
use domain::{CustomerId, DistributorId, RouteId, UserId};
use sqlx::PgConnection;
use uuid::Uuid;

use super::{cadence, weekdays};

/// One row of a day's candidates: a route that the user walks, and an active outlet on it, if there is one.
#[derive(Debug)]
pub(crate) struct Candidate {
    pub distributor: DistributorId,
    pub route: RouteId,
    pub code: String,
    pub name: String,
    pub schedule: Schedule,
    pub stop: Option<(CustomerId, i32, Cadence)>,
}

/// The routes that the user walks on the day, with all their outlets or just the named one.
pub(crate) async fn day_candidates(
    c: &mut PgConnection,
    user: UserId,
    date: NaiveDate,
    customer: Option<CustomerId>,
) -> Result<Vec<Candidate>, sqlx::Error> {
    let weekday = i16::try_from(date.weekday().number_from_monday()).unwrap_or_default();
    let rows = sqlx::query!(
        r#"select r.distributor_id as "distributor_id: DistributorId", r.id as "id: RouteId", r.code, r.name,
                  r.weekdays, r.start_date, rc.customer_id as "customer_id?: CustomerId", rc.sequence as "sequence?",
                  rc.frequency as "frequency?"
           from route_assignments a
           join routes r on r.distributor_id = a.distributor_id and r.id = a.route_id
           left join (route_customers rc
                      join customers c on c.distributor_id = rc.distributor_id and c.id = rc.customer_id
                           and c.status = 'active' and c.deleted_at is null)
                on rc.distributor_id = r.distributor_id and rc.route_id = r.id
                and ($4::uuid is null or rc.customer_id = $4)
           where a.user_id = $1 and a.valid_from <= $2 and (a.valid_to is null or a.valid_to >= $2)
             and r.status = 'active' and r.deleted_at is null and r.start_date <= $2 and $3 = any (r.weekdays)
           order by r.code, r.id, rc.sequence, rc.customer_id"#,
        user.uuid(),
        date,
        weekday,
        customer.map(CustomerId::uuid),
    )
    .fetch_all(c)
    .await?;
    rows.into_iter()
        .map(|row| {
            let stop = match (row.customer_id, row.sequence, row.frequency) {
                (Some(customer), Some(sequence), Some(frequency)) => {
                    Some((customer, sequence, cadence(&frequency)?))
                }
                _ => None,
            };
            Ok(Candidate {
                distributor: row.distributor_id,
                route: row.id,
                code: row.code,
                name: row.name,
                schedule: Schedule { start_date: row.start_date, weekdays: weekdays(&row.weekdays)? },
                stop,
            })
        })
        .collect()
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
