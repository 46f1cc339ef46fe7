use chrono::{DateTime, Utc};
use db::PgConnection;
use domain::{DistributorId, UserId, WarehouseId};
use platform::Scope;

use crate::model::{Warehouse, WarehouseKind, WarehouseStatus};

/// The distributor's main warehouse, where orders are filled from: the open one of kind `main` with the lowest code.
///
/// # Errors
/// When the database refuses.
pub async fn main_warehouse(
    c: &mut PgConnection,
    distributor: DistributorId,
) -> Result<Option<WarehouseId>, sqlx::Error> {
    sqlx::query_scalar!(
        r#"select id as "id: WarehouseId" from warehouses
           where distributor_id = $1 and kind = 'main' and status = 'active' order by code limit 1"#,
        distributor.uuid(),
    )
    .fetch_optional(c)
    .await
}

/// Where goods that customers get for nothing come from: the open warehouse for promotions with the lowest code, or else the
/// main one.
pub(crate) async fn find_reward_warehouse(
    c: &mut PgConnection,
    distributor: DistributorId,
) -> Result<Option<WarehouseId>, sqlx::Error> {
    sqlx::query_scalar!(
        r#"select id as "id: WarehouseId" from warehouses
           where distributor_id = $1 and kind in ('promotion', 'main') and status = 'active'
           order by kind = 'main', code limit 1"#,
        distributor.uuid(),
    )
    .fetch_optional(c)
    .await
}

/// The van that the rep drives for the distributor: the open one with the lowest code.
///
/// # Errors
/// When the database refuses.
pub async fn van_of(
    c: &mut PgConnection,
    distributor: DistributorId,
    rep: UserId,
) -> Result<Option<WarehouseId>, sqlx::Error> {
    sqlx::query_scalar!(
        r#"select id as "id: WarehouseId" from warehouses
           where distributor_id = $1 and kind = 'van' and rep_id = $2 and status = 'active' order by code limit 1"#,
        distributor.uuid(),
        rep.uuid(),
    )
    .fetch_optional(c)
    .await
}

/// The warehouses one may see: reps their own van and those that are no vans.
pub(crate) async fn list_warehouses(
    c: &mut PgConnection,
    scope: Scope<'_>,
    distributor: Option<DistributorId>,
    id: Option<WarehouseId>,
) -> Result<Vec<Warehouse>, sqlx::Error> {
    sqlx::query_as!(
        Warehouse,
        r#"select id as "warehouse_id: WarehouseId", distributor_id as "distributor_id: DistributorId", code, name,
             kind as "kind: WarehouseKind", rep_id as "rep_id: UserId", allow_negative,
             status as "status: WarehouseStatus", version
           from warehouses
           where ($1::uuid is null or rep_id is null or rep_id = $1)
             and ($2::uuid is null or distributor_id = $2)
             and ($3::uuid is null or id = $3)
           order by distributor_id, code"#,
        scope.user(),
        distributor.map(|d| d.uuid()),
        id.map(|w| w.uuid()),
    )
    .fetch_all(c)
    .await
}

/// The warehouse, if one may see it.
pub(crate) async fn find_warehouse(
    c: &mut PgConnection,
    scope: Scope<'_>,
    id: WarehouseId,
) -> Result<Option<Warehouse>, sqlx::Error> {
    Ok(list_warehouses(c, scope, None, Some(id)).await?.pop())
}

/// Whether an active rep with this id works for the distributor.
pub(crate) async fn is_rep_of(
    c: &mut PgConnection,
    distributor: DistributorId,
    rep: UserId,
) -> Result<bool, sqlx::Error> {
    sqlx::query_scalar!(
        r#"select exists (select from users where id = $1 and distributor_id = $2 and role = 'sales_rep'
             and status = 'active' and deleted_at is null) as "is_rep!""#,
        rep.uuid(),
        distributor.uuid(),
    )
    .fetch_one(c)
    .await
}

/// Adds the warehouse.
pub(crate) async fn insert_warehouse(
    c: &mut PgConnection,
    w: &Warehouse,
    at: DateTime<Utc>,
) -> Result<(), sqlx::Error> {
    sqlx::query!(
        "insert into warehouses (distributor_id, id, code, name, kind, rep_id, allow_negative, status, created_at)
         values ($1, $2, $3, $4, $5, $6, $7, $8, $9)",
        w.distributor_id.uuid(),
        w.warehouse_id.uuid(),
        w.code,
        w.name,
        w.kind as WarehouseKind,
        w.rep_id.map(|r| r.uuid()),
        w.allow_negative,
        w.status as WarehouseStatus,
        at,
    )
    .execute(c)
    .await?;
    Ok(())
}

/// Writes what may change about the warehouse.
pub(crate) async fn update_warehouse(c: &mut PgConnection, w: &Warehouse) -> Result<(), sqlx::Error> {
    sqlx::query!(
        "update warehouses set name = $3, rep_id = $4, allow_negative = $5, status = $6, version = $7
         where distributor_id = $1 and id = $2",
        w.distributor_id.uuid(),
        w.warehouse_id.uuid(),
        w.name,
        w.rep_id.map(|r| r.uuid()),
        w.allow_negative,
        w.status as WarehouseStatus,
        w.version,
    )
    .execute(c)
    .await?;
    Ok(())
}

/// What stands in the way of changing a warehouse.
#[derive(Debug)]
pub(crate) struct WarehouseStock {
    /// Goods are there, promised, or on their way to or from it, or it is being counted.
    pub in_use: bool,
    /// Something is below zero, or promised beyond what is there.
    pub below_zero: bool,
}

pub(crate) async fn find_warehouse_stock(
    c: &mut PgConnection,
    distributor: DistributorId,
    warehouse: WarehouseId,
) -> Result<WarehouseStock, sqlx::Error> {
    sqlx::query_as!(
        WarehouseStock,
        r#"select
             exists (select from stock_items where distributor_id = $1 and warehouse_id = $2
                     and (on_hand <> 0 or reserved <> 0))
             or exists (select from stock_lots where distributor_id = $1 and warehouse_id = $2 and on_hand <> 0)
             or exists (select from stock_transfers where distributor_id = $1 and status = 'InTransit'
                        and $2 in (from_warehouse_id, to_warehouse_id))
             or exists (select from stock_counts where distributor_id = $1 and warehouse_id = $2 and status = 'Open')
               as "in_use!",
             exists (select from stock_items where distributor_id = $1 and warehouse_id = $2
                     and (on_hand < 0 or reserved > on_hand))
             or exists (select from stock_lots where distributor_id = $1 and warehouse_id = $2 and on_hand < 0)
               as "below_zero!""#,
        distributor.uuid(),
        warehouse.uuid(),
    )
    .fetch_one(c)
    .await
}
