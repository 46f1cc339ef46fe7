use chrono::NaiveDate;
use domain::route::Rhythm;
use domain::{CustomerId, DistributorId, RouteId};
use platform::Scope;
use sqlx::PgConnection;
use uuid::Uuid;

use super::word;
use crate::model::NewStop;

/// An outlet on a route, as it is shown.
#[derive(Debug)]
pub struct RouteCustomer {
    /// The outlet.
    pub id: CustomerId,
    /// Its code.
    pub code: String,
    /// Its name.
    pub name: String,
    /// Its address.
    pub address: String,
    /// Degrees north.
    pub latitude: Option<f64>,
    /// Degrees east.
    pub longitude: Option<f64>,
    /// pending, active, inactive.
    pub status: String,
    /// Its place in the route's order.
    pub sequence: i32,
    /// When it is due.
    pub rhythm: Rhythm,
}

/// The outlets of a route in order.
pub async fn list_route_customers(
    c: &mut PgConnection,
    distributor: DistributorId,
    route: RouteId,
) -> Result<Vec<RouteCustomer>, sqlx::Error> {
    let rows = sqlx::query!(
        r#"select c.id as "id: CustomerId", c.code, c.name, c.address, c.latitude, c.longitude, c.status,
                  rc.sequence, rc.frequency
           from route_customers rc
           join customers c on c.distributor_id = rc.distributor_id and c.id = rc.customer_id
           where rc.distributor_id = $1 and rc.route_id = $2 and c.deleted_at is null
           order by rc.sequence, c.code"#,
        distributor.uuid(),
        route.uuid(),
    )
    .fetch_all(c)
    .await?;
    rows.into_iter()
        .map(|row| {
            Ok(RouteCustomer {
                id: row.id,
                code: row.code,
                name: row.name,
                address: row.address,
                latitude: row.latitude,
                longitude: row.longitude,
                status: row.status,
                sequence: row.sequence,
                rhythm: word(&row.frequency)?,
            })
        })
        .collect()
}

/// The outlets of a route that the caller may see, with the route's version, in one statement; none when there is no such
/// route for them.
pub async fn find_stops(
    c: &mut PgConnection,
    scope: Scope<'_>,
    route: RouteId,
    today: NaiveDate,
) -> Result<Option<(i64, Vec<RouteCustomer>)>, sqlx::Error> {
    let units = scope.units();
    let rows = sqlx::query!(
        r#"select r.version, c.id as "id?: CustomerId", c.code as "code?", c.name as "name?", c.address as "address?",
                  c.latitude, c.longitude, c.status as "status?", rc.sequence as "sequence?", rc.frequency as "frequency?"
           from routes r
           left join (route_customers rc
                      join customers c on c.distributor_id = rc.distributor_id and c.id = rc.customer_id
                                      and c.deleted_at is null)
             on rc.distributor_id = r.distributor_id and rc.route_id = r.id
           where r.id = $1 and r.deleted_at is null
             and ($2::uuid is null
                  or exists (select from route_assignments own
                             where own.distributor_id = r.distributor_id and own.route_id = r.id and own.user_id = $2
                               and (own.valid_to is null or own.valid_to >= $4))
                  or exists (select from route_substitutions s
                             where s.distributor_id = r.distributor_id and s.route_id = r.id and s.user_id = $2
                               and s.cancelled_at is null and s.last_day >= $4))
             and ($3::uuid[] is null or r.unit_id = any ($3)
                  or exists (select from route_assignments a join user_units uu on uu.user_id = a.user_id
                             where a.distributor_id = r.distributor_id and a.route_id = r.id and a.valid_from <= $4
                               and (a.valid_to is null or a.valid_to >= $4) and uu.unit_id = any ($3)))
           order by rc.sequence, c.code"#,
        route.uuid(),
        scope.user(),
        units.as_deref(),
        today,
    )
    .fetch_all(c)
    .await?;
    let Some(version) = rows.first().map(|row| row.version) else { return Ok(None) };
    let mut stops = Vec::with_capacity(rows.len());
    for row in rows {
        // A route without outlets is one row without an outlet.
        let (Some(id), Some(code), Some(name), Some(address), Some(status), Some(sequence), Some(frequency)) =
            (row.id, row.code, row.name, row.address, row.status, row.sequence, row.frequency)
        else {
            continue;
        };
        stops.push(RouteCustomer {
            id,
            code,
            name,
            address,
            latitude: row.latitude,
            longitude: row.longitude,
            status,
            sequence,
            rhythm: word(&frequency)?,
        });
    }
    Ok(Some((version, stops)))
}

/// Those of the outlets that the distributor has.
pub async fn known_customers(
    c: &mut PgConnection,
    distributor: DistributorId,
    customers: &[Uuid],
) -> Result<Vec<CustomerId>, sqlx::Error> {
    sqlx::query_scalar!(
        r#"select id as "id: CustomerId" from customers
           where distributor_id = $1 and id = any ($2) and deleted_at is null"#,
        distributor.uuid(),
        customers,
    )
    .fetch_all(c)
    .await
}

/// Puts these outlets in the place of those the route had.
pub async fn update_route_customers(
    c: &mut PgConnection,
    distributor: DistributorId,
    route: RouteId,
    stops: &[NewStop],
) -> Result<(), sqlx::Error> {
    sqlx::query!(
        "delete from route_customers where distributor_id = $1 and route_id = $2",
        distributor.uuid(),
        route.uuid(),
    )
    .execute(&mut *c)
    .await?;
    let customers: Vec<Uuid> = stops.iter().map(|stop| stop.customer.uuid()).collect();
    let sequences: Vec<i32> = stops.iter().map(|stop| stop.sequence).collect();
    let frequencies: Vec<String> = stops.iter().map(|stop| stop.rhythm.to_string()).collect();
    sqlx::query!(
        "insert into route_customers (distributor_id, route_id, customer_id, sequence, frequency)
         select $1, $2, * from unnest($3::uuid[], $4::integer[], $5::text[])",
        distributor.uuid(),
        route.uuid(),
        &customers,
        &sequences,
        &frequencies,
    )
    .execute(c)
    .await?;
    Ok(())
}
