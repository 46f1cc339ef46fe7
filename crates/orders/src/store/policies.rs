use chrono::{DateTime, Utc};
use domain::order::{CreditPolicy, ShortagePolicy};
use domain::{DistributorId, UserId};
use sqlx::PgConnection;

use crate::model::{OrderPolicy, SetOrderPolicy};

/// The policy that holds for the distributor, or the company's. One that the distributor has not set itself has its
/// id and version 0.
pub async fn find_policy(
    c: &mut PgConnection,
    distributor: Option<DistributorId>,
) -> Result<OrderPolicy, sqlx::Error> {
    let row = sqlx::query!(
        r#"select distributor_id is not distinct from $1 as "own!", credit as "credit: CreditPolicy", overdue_days,
             shortage as "shortage: ShortagePolicy", updated_at, version
           from order_policies where distributor_id = $1 or distributor_id is null
           order by distributor_id nulls last limit 1"#,
        distributor.map(|d| d.uuid()),
    )
    .fetch_one(c)
    .await?;
    Ok(OrderPolicy {
        distributor_id: distributor,
        credit_policy: row.credit,
        // The column holds 0 to 3650.
        allowed_overdue_days: row.overdue_days.and_then(|days| u16::try_from(days).ok()),
        shortage_policy: row.shortage,
        updated_at: row.updated_at,
        version: if row.own { row.version } else { 0 },
    })
}

/// Sets the policy if it still has the version; 0 is none yet. Tells whether it did.
pub async fn set_policy(
    c: &mut PgConnection,
    distributor: Option<DistributorId>,
    policy: &SetOrderPolicy,
    version: i64,
    actor: UserId,
    at: DateTime<Utc>,
) -> Result<bool, sqlx::Error> {
    let done = sqlx::query!(
        "insert into order_policies as p (distributor_id, credit, overdue_days, shortage, updated_by, updated_at)
         select $1, $2, $3, $4, $5, $6
         where $7::bigint = 0 or exists (select from order_policies where distributor_id is not distinct from $1)
         on conflict (distributor_id) do update set credit = excluded.credit, overdue_days = excluded.overdue_days,
           shortage = excluded.shortage, updated_by = excluded.updated_by, updated_at = excluded.updated_at,
           version = p.version + 1
         where p.version = $7",
        distributor.map(|d| d.uuid()),
        policy.credit_policy.as_str(),
        policy.allowed_overdue_days.map(i32::from),
        policy.shortage_policy.as_str(),
        actor.uuid(),
        at,
        version,
    )
    .execute(c)
    .await?;
    Ok(done.rows_affected() == 1)
}

/// Gives the distributor's own policy up if it still has the version; tells whether it did.
pub async fn delete_policy(
    c: &mut PgConnection,
    distributor: DistributorId,
    version: i64,
) -> Result<bool, sqlx::Error> {
    let done = sqlx::query!(
        "delete from order_policies where distributor_id = $1 and version = $2",
        distributor.uuid(),
        version,
    )
    .execute(c)
    .await?;
    Ok(done.rows_affected() == 1)
}

/// Whether there is such a distributor for the caller.
pub async fn distributor_exists(c: &mut PgConnection, id: DistributorId) -> Result<bool, sqlx::Error> {
    sqlx::query_scalar!(
        r#"select exists (select from distributors where id = $1 and deleted_at is null) as "yes!""#,
        id.uuid()
    )
    .fetch_one(c)
    .await
}
