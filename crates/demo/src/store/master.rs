use chrono::{DateTime, Utc};
use domain::{DistributorId, KpiTargetId, Month, UserId, WarehouseId};
use sqlx::PgConnection;

/// Adds a warehouse: a rep's van, or the main one.
pub async fn insert_warehouse(
    c: &mut PgConnection,
    distributor: DistributorId,
    id: WarehouseId,
    code: &str,
    name: &str,
    van_of: Option<UserId>,
    at: DateTime<Utc>,
) -> Result<(), sqlx::Error> {
    sqlx::query!(
        "insert into warehouses (distributor_id, id, code, name, kind, rep_id, created_at) values ($1, $2, $3, $4, $5, $6, $7)",
        distributor.uuid(),
        id.uuid(),
        code,
        name,
        if van_of.is_some() { "van" } else { "main" },
        van_of.map(|rep| rep.uuid()),
        at,
    )
    .execute(c)
    .await?;
    Ok(())
}

/// What is asked of a rep in a month: somewhat more than what they did in the days behind the company.
pub async fn insert_kpi_target(
    c: &mut PgConnection,
    (id, distributor, rep): (KpiTargetId, DistributorId, UserId),
    month: Month,
    by: UserId,
    at: DateTime<Utc>,
) -> Result<(), sqlx::Error> {
    sqlx::query!(
        "insert into kpi_targets (distributor_id, id, user_id, first_day, last_day, visits, new_customers, orders, sales, revenue,
                                  volume, skus_per_order, work_minutes, updated_by, updated_at)
         select $1, $2, $3, $4, $5, 10 * (v.visits / 9), 4, 10 * (o.orders / 9), 1000000 * (o.sales / 900000),
                1000000 * (o.sales / 1000000), 100 * (o.pieces / 95), 400, 25 * 450, $6, $7
         from (
           select count(*) as visits from visits where distributor_id = $1 and user_id = $3
         ) v, (
           select count(*) as orders, coalesce(sum(total), 0)::bigint as sales,
                  coalesce(sum((select sum(l.pieces) from order_lines l
                                where l.distributor_id = o.distributor_id and l.order_id = o.id)), 0)::bigint as pieces
           from orders o where o.distributor_id = $1 and o.rep_id = $3 and o.status <> 'Rejected'
         ) o",
        distributor.uuid(),
        id.uuid(),
        rep.uuid(),
        month.first_day(),
        month.last_day(),
        by.uuid(),
        at,
    )
    .execute(c)
    .await?;
    Ok(())
}
