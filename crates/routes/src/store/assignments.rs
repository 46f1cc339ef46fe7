use chrono::NaiveDate;
use domain::{DistributorId, OrgUnitId, RouteId, UserId};
use platform::Scope;
use sqlx::PgConnection;
use uuid::Uuid;

use crate::model::Assignment;

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
        r#"select a.user_id as "rep_id: UserId", coalesce(u.full_name, '') as "rep_name!", a.valid_from, a.valid_to
           from route_assignments a left join users u on u.id = a.user_id
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
    rep: UserId,
    from: NaiveDate,
) -> Result<(), sqlx::Error> {
    sqlx::query!(
        "insert into route_assignments (distributor_id, id, route_id, user_id, valid_from) values ($1, $2, $3, $4, $5)",
        distributor.uuid(),
        Uuid::now_v7(),
        route.uuid(),
        rep.uuid(),
        from,
    )
    .execute(c)
    .await?;
    Ok(())
}
