use chrono::{DateTime, NaiveDate, Utc};
use domain::{DistributorId, LeaveId, RouteId, SubstitutionId, UserId};
use sqlx::PgConnection;

use crate::model::Substitution;

/// A substitution to set up.
#[derive(Debug)]
pub(crate) struct NewSubstitution<'a> {
    pub distributor: DistributorId,
    pub id: SubstitutionId,
    pub route: RouteId,
    pub rep: UserId,
    pub first: NaiveDate,
    pub last: NaiveDate,
    pub leave: Option<LeaveId>,
    pub note: &'a str,
    pub by: UserId,
    pub at: DateTime<Utc>,
}

/// Sets a substitution up.
pub(crate) async fn insert_substitution(
    c: &mut PgConnection,
    new: &NewSubstitution<'_>,
) -> Result<(), sqlx::Error> {
    sqlx::query!(
        "insert into route_substitutions (distributor_id, id, route_id, user_id, first_day, last_day, leave_id, note,
                                          created_by, created_at)
         values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)",
        new.distributor.uuid(),
        new.id.uuid(),
        new.route.uuid(),
        new.rep.uuid(),
        new.first,
        new.last,
        new.leave.map(LeaveId::uuid),
        new.note,
        new.by.uuid(),
        new.at,
    )
    .execute(c)
    .await?;
    Ok(())
}

/// Who stood in on a route and when, the latest first.
pub(crate) async fn list_substitutions(
    c: &mut PgConnection,
    distributor: DistributorId,
    route: RouteId,
) -> Result<Vec<Substitution>, sqlx::Error> {
    sqlx::query_as!(
        Substitution,
        r#"select s.id as "substitution_id: SubstitutionId", s.route_id as "route_id: RouteId", r.code as route_code,
                  s.user_id as "rep_id: UserId", coalesce(u.full_name, '') as "rep_name!", s.first_day, s.last_day, s.note,
                  s.leave_id as "leave_id: LeaveId", s.cancelled_at is not null as "cancelled!", s.created_at
           from route_substitutions s
           join routes r on r.distributor_id = s.distributor_id and r.id = s.route_id
           left join users u on u.id = s.user_id
           where s.distributor_id = $1 and s.route_id = $2
           order by s.first_day desc, s.id desc"#,
        distributor.uuid(),
        route.uuid(),
    )
    .fetch_all(c)
    .await
}

/// Calls a substitution off as a whole.
pub(crate) async fn cancel_substitution(
    c: &mut PgConnection,
    distributor: DistributorId,
    id: SubstitutionId,
    by: UserId,
    at: DateTime<Utc>,
) -> Result<(), sqlx::Error> {
    sqlx::query!(
        "update route_substitutions set cancelled_by = $3, cancelled_at = $4 where distributor_id = $1 and id = $2",
        distributor.uuid(),
        id.uuid(),
        by.uuid(),
        at,
    )
    .execute(c)
    .await?;
    Ok(())
}

/// Lets a substitution end on an earlier day.
pub(crate) async fn end_substitution(
    c: &mut PgConnection,
    distributor: DistributorId,
    id: SubstitutionId,
    last: NaiveDate,
) -> Result<(), sqlx::Error> {
    sqlx::query!(
        "update route_substitutions set last_day = $3 where distributor_id = $1 and id = $2",
        distributor.uuid(),
        id.uuid(),
        last,
    )
    .execute(c)
    .await?;
    Ok(())
}

/// Ends the substitutions for a leave the day before; those that would not last a day are called off.
pub(crate) async fn end_substitutions_of(
    c: &mut PgConnection,
    distributor: DistributorId,
    leave: LeaveId,
    from: NaiveDate,
    by: UserId,
    at: DateTime<Utc>,
) -> Result<(), sqlx::Error> {
    sqlx::query!(
        "update route_substitutions
         set last_day = case when first_day < $3 then $3 - 1 else last_day end,
             cancelled_by = case when first_day < $3 then null else $4::uuid end,
             cancelled_at = case when first_day < $3 then null else $5::timestamptz end
         where distributor_id = $1 and leave_id = $2 and cancelled_at is null and last_day >= $3",
        distributor.uuid(),
        leave.uuid(),
        from,
        by.uuid(),
        at,
    )
    .execute(c)
    .await?;
    Ok(())
}
