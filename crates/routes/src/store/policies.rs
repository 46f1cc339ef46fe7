use chrono::{DateTime, Utc};
use domain::{DistributorId, UserId};
use sqlx::PgConnection;

use super::{weekday_numbers, weekdays, word};
use crate::model::{RoutePolicy, SetRoutePolicy};

/// The policy that holds for a distributor, or with none the company's.
pub(crate) async fn find_policy(
    c: &mut PgConnection,
    distributor: Option<DistributorId>,
) -> Result<RoutePolicy, sqlx::Error> {
    let row = sqlx::query!(
        r#"select distributor_id as "distributor: DistributorId", week_rule, holiday_rule, working_days, updated_at,
                  case when distributor_id is not distinct from $1 then version else 0 end as "version!"
           from route_policies where distributor_id = $1 or distributor_id is null
           order by distributor_id nulls last limit 1"#,
        distributor.map(DistributorId::uuid),
    )
    .fetch_one(c)
    .await?;
    Ok(RoutePolicy {
        distributor_id: row.distributor,
        week_rule: word(&row.week_rule)?,
        holiday_rule: word(&row.holiday_rule)?,
        working_days: weekdays(&row.working_days)?,
        updated_at: row.updated_at,
        version: row.version,
    })
}

/// Sets the policy over the version the caller saw, 0 where there is none; `false` when it is another by now.
pub(crate) async fn set_policy(
    c: &mut PgConnection,
    distributor: Option<DistributorId>,
    policy: &SetRoutePolicy,
    working_days: &[i16],
    version: i64,
    by: UserId,
    at: DateTime<Utc>,
) -> Result<bool, sqlx::Error> {
    let done = sqlx::query!(
        "insert into route_policies as p (distributor_id, week_rule, holiday_rule, working_days, updated_by, updated_at)
         select $1, $2, $3, $4, $5, $6
         where $7::bigint = 0 or exists (select from route_policies where distributor_id is not distinct from $1)
         on conflict (distributor_id) do update
         set week_rule = excluded.week_rule, holiday_rule = excluded.holiday_rule, working_days = excluded.working_days,
             updated_by = excluded.updated_by, updated_at = excluded.updated_at, version = p.version + 1
         where p.version = $7",
        distributor.map(DistributorId::uuid),
        policy.week_rule.as_str(),
        policy.holiday_rule.as_str(),
        working_days,
        by.uuid(),
        at,
        version,
    )
    .execute(c)
    .await?;
    Ok(done.rows_affected() == 1)
}

/// Whether the caller's tenants have the distributor.
pub(crate) async fn distributor_exists(
    c: &mut PgConnection,
    distributor: DistributorId,
) -> Result<bool, sqlx::Error> {
    sqlx::query_scalar!(
        r#"select exists (select from distributors where id = $1 and deleted_at is null) as "exists!""#,
        distributor.uuid(),
    )
    .fetch_one(c)
    .await
}

/// Monday to Saturday where nothing else is said.
pub(crate) fn working_days(policy: &SetRoutePolicy) -> Vec<i16> {
    policy.working_days.as_ref().map_or_else(|| (1..=6).collect(), weekday_numbers)
}
