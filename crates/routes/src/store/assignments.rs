use chrono::NaiveDate;
use domain::{DistributorId, OrgUnitId, RouteId, UserId};
use platform::{Page, Scope};
use sqlx::PgConnection;
use uuid::Uuid;

use crate::model::{Assignment, NewAssignment};

/// A person who could walk a route.
#[derive(Debug)]
pub struct Walker {
    /// Their name.
    pub full_name: String,
    /// Their first unit.
    pub unit: Option<OrgUnitId>,
    /// Whether they visit outlets, and work.
    pub walks: bool,
    /// The distributor they belong to.
    pub distributor: Option<DistributorId>,
}

/// A user of the scope: themselves, people of the units, or anybody whom row-level security shows.
pub async fn find_walker(
    c: &mut PgConnection,
    scope: Scope<'_>,
    user: UserId,
) -> Result<Option<Walker>, sqlx::Error> {
    let units = scope.units();
    sqlx::query_as!(
        Walker,
        r#"select u.full_name, u.distributor_id as "distributor: DistributorId",
                  (select uu.unit_id from user_units uu where uu.user_id = u.id and uu.is_primary) as "unit: OrgUnitId",
                  (u.status = 'active' and u.role in ('sales_rep', 'supervisor')) as "walks!"
           from users u
           where u.id = $1 and u.deleted_at is null and ($2::uuid is null or u.id = $2)
             and ($3::uuid[] is null or exists (
                   select 1 from user_units uu where uu.user_id = u.id and uu.unit_id = any ($3)))"#,
        user.uuid(),
        scope.user(),
        units.as_deref(),
    )
    .fetch_optional(c)
    .await
}

/// Who walked the route and when, the latest first.
pub async fn assignments(
    c: &mut PgConnection,
    distributor: DistributorId,
    route: RouteId,
) -> Result<Vec<Assignment>, sqlx::Error> {
    sqlx::query_as!(
        Assignment,
        r#"select a.user_id as "rep_id: UserId", coalesce(u.full_name, '') as "rep_name!", a.valid_from, a.valid_to,
                  a.note, b.full_name as "assigned_by?", a.assigned_at
           from route_assignments a left join users u on u.id = a.user_id left join users b on b.id = a.assigned_by
           where a.distributor_id = $1 and a.route_id = $2
           order by a.valid_from desc, a.id desc"#,
        distributor.uuid(),
        route.uuid(),
    )
    .fetch_all(c)
    .await
}

/// Ends the open assignment the day before; one that would not last a day disappears.
pub async fn end_assignment(
    c: &mut PgConnection,
    distributor: DistributorId,
    route: RouteId,
    before: NaiveDate,
) -> Result<(), sqlx::Error> {
    sqlx::query!(
        "delete from route_assignments
         where distributor_id = $1 and route_id = $2 and valid_to is null and valid_from >= $3",
        distributor.uuid(),
        route.uuid(),
        before,
    )
    .execute(&mut *c)
    .await?;
    sqlx::query!(
        "update route_assignments set valid_to = $3::date - 1
         where distributor_id = $1 and route_id = $2 and valid_to is null",
        distributor.uuid(),
        route.uuid(),
        before,
    )
    .execute(c)
    .await?;
    Ok(())
}

/// Gives the route to a rep from a day on; the earlier assignment must have ended.
pub async fn insert_assignment(
    c: &mut PgConnection,
    distributor: DistributorId,
    route: RouteId,
    new: &NewAssignment,
) -> Result<(), sqlx::Error> {
    sqlx::query!(
        "insert into route_assignments (distributor_id, id, route_id, user_id, valid_from, note, assigned_by, assigned_at)
         values ($1, $2, $3, $4, $5, $6, $7, $8)",
        distributor.uuid(),
        Uuid::now_v7(),
        route.uuid(),
        new.rep.uuid(),
        new.from,
        new.note,
        new.by.map(|(user, _)| user.uuid()),
        new.by.map(|(_, at)| at),
    )
    .execute(c)
    .await?;
    Ok(())
}

/// The routes a person has within these days, with the days.
pub(crate) async fn list_walked(
    c: &mut PgConnection,
    user: UserId,
    first: NaiveDate,
    last: NaiveDate,
) -> Result<Vec<Walked>, sqlx::Error> {
    sqlx::query_as!(
        Walked,
        r#"select a.distributor_id as "distributor: DistributorId", a.route_id as "route: RouteId",
                  greatest(a.valid_from, $2) as "first!", least(coalesce(a.valid_to, $3), $3) as "last!"
           from route_assignments a
           join routes r on r.distributor_id = a.distributor_id and r.id = a.route_id and r.deleted_at is null
           where a.user_id = $1 and a.valid_from <= $3 and (a.valid_to is null or a.valid_to >= $2)
           order by r.code, r.id"#,
        user.uuid(),
        first,
        last,
    )
    .fetch_all(c)
    .await
}

/// A route that somebody has on some days.
#[derive(Debug)]
pub(crate) struct Walked {
    pub distributor: DistributorId,
    pub route: RouteId,
    pub first: NaiveDate,
    pub last: NaiveDate,
}

/// People who walk routes, in the scope and in or below the unit, by name; and how many there are.
pub(crate) async fn list_walkers(
    c: &mut PgConnection,
    scope: Scope<'_>,
    unit: Option<OrgUnitId>,
    page: &Page,
) -> Result<(Vec<(UserId, String)>, i64), sqlx::Error> {
    let units = scope.units();
    let rows = sqlx::query!(
        r#"select u.id as "id: UserId", u.full_name, count(*) over () as "total!" from users u
           where u.status = 'active' and u.deleted_at is null and u.role in ('sales_rep', 'supervisor')
             and ($1::uuid is null or u.id = $1)
             and ($2::uuid[] is null or exists (
                   select 1 from user_units uu where uu.user_id = u.id and uu.unit_id = any ($2)))
             and ($3::uuid is null or exists (
                   select 1 from user_units uu join org_units o on o.id = uu.unit_id
                   where uu.user_id = u.id and $3 = any (o.ancestors)))
             and ($4::text is null or u.search_key like $4)
           order by u.full_name, u.id limit $5 offset $6"#,
        scope.user(),
        units.as_deref(),
        unit.map(OrgUnitId::uuid),
        page.search,
        page.limit(),
        page.offset(),
    )
    .fetch_all(c)
    .await?;
    let total = rows.first().map_or(0, |row| row.total);
    Ok((rows.into_iter().map(|row| (row.id, row.full_name)).collect(), total))
}
