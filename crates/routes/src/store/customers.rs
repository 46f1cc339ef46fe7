use domain::route::Rhythm;
use domain::{CustomerId, DistributorId, RouteId};
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
