use chrono::{DateTime, NaiveDate, Utc};
use domain::{CustomerId, DistributorId, OrgUnitId, RouteId, UserId};
use platform::{Page, Scope};
use sqlx::PgConnection;

use super::{weekday_numbers, weekdays};
use crate::model::{NewRoute, Route, RouteStatus};

/// Narrows a list of routes; all absent shows everything the caller may see.
#[derive(Debug, Default)]
pub struct RouteFilter {
    /// Routes that this user walks.
    pub rep: Option<UserId>,
    /// Routes of this team.
    pub unit: Option<OrgUnitId>,
    /// Walked or resting.
    pub status: Option<RouteStatus>,
    /// Routes with this outlet.
    pub customer: Option<CustomerId>,
}

/// A page of the routes in the scope and how many there are; reps see those they walk, or stand in
/// on, on the day or later.
pub async fn list_routes(
    c: &mut PgConnection,
    scope: Scope<'_>,
    filter: &RouteFilter,
    today: NaiveDate,
    page: &Page,
) -> Result<(Vec<Route>, i64), sqlx::Error> {
    select_routes(c, scope, None, filter, today, page.search.as_deref(), page.limit(), page.offset()).await
}

/// One route, when the scope shows it.
pub async fn find_route(
    c: &mut PgConnection,
    scope: Scope<'_>,
    id: RouteId,
    today: NaiveDate,
) -> Result<Option<Route>, sqlx::Error> {
    let (routes, _) = select_routes(c, scope, Some(id), &RouteFilter::default(), today, None, 1, 0).await?;
    Ok(routes.into_iter().next())
}

#[expect(clippy::too_many_arguments, reason = "the one statement behind both readers")]
async fn select_routes(
    c: &mut PgConnection,
    scope: Scope<'_>,
    id: Option<RouteId>,
    filter: &RouteFilter,
    today: NaiveDate,
    search: Option<&str>,
    limit: i64,
    offset: i64,
) -> Result<(Vec<Route>, i64), sqlx::Error> {
    let units = scope.units();
    let rows = sqlx::query!(
        r#"select r.distributor_id as "distributor_id: DistributorId", r.id as "id: RouteId", r.code, r.name,
                  r.unit_id as "unit_id: OrgUnitId", u.name as "unit_name?", r.weekdays, r.start_date, r.status,
                  a.user_id as "rep_id?: UserId", rep.full_name as "rep_name?", r.version,
                  (select count(*) from route_customers rc
                   where rc.distributor_id = r.distributor_id and rc.route_id = r.id) as "customers!",
                  count(*) over () as "total!"
           from routes r
           left join org_units u on u.id = r.unit_id
           left join route_assignments a on a.distributor_id = r.distributor_id and a.route_id = r.id
                and a.valid_from <= $3 and (a.valid_to is null or a.valid_to >= $3)
           left join users rep on rep.id = a.user_id
           where r.deleted_at is null and ($11::uuid is null or r.id = $11)
             and ($1::uuid is null or exists (
                   select 1 from route_assignments own
                   where own.distributor_id = r.distributor_id and own.route_id = r.id and own.user_id = $1
                     and (own.valid_to is null or own.valid_to >= $3))
                  or exists (
                   select 1 from route_substitutions s
                   where s.distributor_id = r.distributor_id and s.route_id = r.id and s.user_id = $1
                     and s.cancelled_at is null and s.last_day >= $3))
             and ($2::uuid[] is null or r.unit_id = any ($2)
                  or a.user_id in (select uu.user_id from user_units uu where uu.unit_id = any ($2)))
             and ($4::uuid is null or a.user_id = $4)
             and ($5::uuid is null or r.unit_id = $5)
             and ($6::text is null or r.status = $6)
             and ($7::uuid is null or exists (
                   select 1 from route_customers rc
                   where rc.distributor_id = r.distributor_id and rc.route_id = r.id and rc.customer_id = $7))
             and ($8::text is null or r.search_key like $8)
           order by r.code, r.id
           limit $9 offset $10"#,
        scope.user(),
        units.as_deref(),
        today,
        filter.rep.map(UserId::uuid),
        filter.unit.map(OrgUnitId::uuid),
        filter.status.map(RouteStatus::as_str),
        filter.customer.map(CustomerId::uuid),
        search,
        limit,
        offset,
        id.map(RouteId::uuid),
    )
    .fetch_all(c)
    .await?;
    let total = rows.first().map_or(0, |row| row.total);
    let routes = rows
        .into_iter()
        .map(|row| {
            Ok(Route {
                route_id: row.id,
                distributor_id: row.distributor_id,
                route_code: row.code,
                name: row.name,
                unit_id: row.unit_id,
                unit_name: row.unit_name,
                weekdays: weekdays(&row.weekdays)?,
                start_date: row.start_date,
                status: row.status,
                rep_id: row.rep_id,
                rep_name: row.rep_name,
                customer_count: row.customers,
                version: row.version,
            })
        })
        .collect::<Result<_, sqlx::Error>>()?;
    Ok((routes, total))
}

/// Writes a new route.
pub async fn insert_route(
    c: &mut PgConnection,
    distributor: DistributorId,
    id: RouteId,
    route: &NewRoute,
    at: DateTime<Utc>,
) -> Result<(), sqlx::Error> {
    sqlx::query!(
        "insert into routes (distributor_id, id, code, name, search_key, unit_id, weekdays, start_date, status,
                             created_at, updated_at)
         values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $10)",
        distributor.uuid(),
        id.uuid(),
        route.code,
        route.name,
        search_key(route),
        route.unit.map(OrgUnitId::uuid),
        &weekday_numbers(&route.schedule.weekdays),
        route.schedule.start_date,
        route.status.as_str(),
        at,
    )
    .execute(c)
    .await?;
    Ok(())
}

/// Writes the route's data over the version the caller saw; `false` when it is another by now.
pub async fn update_route(
    c: &mut PgConnection,
    distributor: DistributorId,
    id: RouteId,
    version: i64,
    route: &NewRoute,
    at: DateTime<Utc>,
) -> Result<bool, sqlx::Error> {
    let done = sqlx::query!(
        "update routes set code = $4, name = $5, search_key = $6, unit_id = $7, weekdays = $8, start_date = $9,
                status = $10, updated_at = $11, version = version + 1
         where distributor_id = $1 and id = $2 and version = $3",
        distributor.uuid(),
        id.uuid(),
        version,
        route.code,
        route.name,
        search_key(route),
        route.unit.map(OrgUnitId::uuid),
        &weekday_numbers(&route.schedule.weekdays),
        route.schedule.start_date,
        route.status.as_str(),
        at,
    )
    .execute(c)
    .await?;
    Ok(done.rows_affected() == 1)
}

fn search_key(route: &NewRoute) -> String {
    domain::search_key(&format!("{} {}", route.code, route.name))
}

/// Marks the route as changed (its outlets or its rep are), and keeps others from changing it meanwhile.
pub async fn touch_route(
    c: &mut PgConnection,
    distributor: DistributorId,
    id: RouteId,
    at: DateTime<Utc>,
) -> Result<i64, sqlx::Error> {
    sqlx::query_scalar!(
        "update routes set version = version + 1, updated_at = $3 where distributor_id = $1 and id = $2
         returning version",
        distributor.uuid(),
        id.uuid(),
        at,
    )
    .fetch_one(c)
    .await
}

/// The distributor a unit belongs to, when the caller may give routes to it; the inner `None` is a unit above the
/// distributors.
pub async fn find_unit(
    c: &mut PgConnection,
    unit: OrgUnitId,
) -> Result<Option<Option<DistributorId>>, sqlx::Error> {
    sqlx::query_scalar!(
        r#"select distributor_id as "distributor_id: DistributorId" from org_units
           where id = $1 and deleted_at is null"#,
        unit.uuid(),
    )
    .fetch_optional(c)
    .await
}
