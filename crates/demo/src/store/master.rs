use chrono::{DateTime, Utc};
use domain::{DistributorId, UserId, WarehouseId};
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
