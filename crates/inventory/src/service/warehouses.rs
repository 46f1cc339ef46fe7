//! Making and changing warehouses.

use db::{PgConnection, audit};
use domain::{UserId, WarehouseId};
use platform::{ApiError, ApiResult, App, Caller};

use super::record;
use crate::error::InventoryError;
use crate::model::{Warehouse, WarehouseKind, WarehouseStatus};
use crate::store;

/// Makes a warehouse.
pub(crate) async fn create_warehouse(
    c: &mut PgConnection,
    app: &App,
    caller: &Caller,
    warehouse: Warehouse,
) -> ApiResult<Warehouse> {
    check_rep(c, &warehouse).await?;
    store::insert_warehouse(c, &warehouse, app.now()).await.map_err(|e| {
        ApiError::from(e)
            .on_constraint("warehouses_code_uniq", || {
                InventoryError::CodeTaken(warehouse.code.clone()).into()
            })
            .on_constraint("warehouses_pkey", || InventoryError::IdTaken.into())
    })?;
    let id = warehouse.warehouse_id.uuid();
    let action = ("inventory.create_warehouse", "warehouse");
    record(c, app, caller, action, id, warehouse.distributor_id, &warehouse).await?;
    Ok(warehouse)
}

/// What may change about a warehouse.
#[derive(Debug, Clone)]
pub(crate) struct WarehouseChange {
    pub version: i64,
    pub name: String,
    pub rep_id: Option<UserId>,
    pub allow_negative: bool,
    pub status: WarehouseStatus,
}

/// Changes a warehouse. It is closed only when nothing is in it, on its way to it, or being counted; it may be forbidden
/// to go below zero only when nothing is.
pub(crate) async fn update_warehouse(
    c: &mut PgConnection,
    app: &App,
    caller: &Caller,
    id: WarehouseId,
    change: &WarehouseChange,
) -> ApiResult<Warehouse> {
    store::find_warehouse(c, caller.scope(), id).await?.ok_or_else(ApiError::not_found)?;
    // Nobody posts there until this is decided.
    store::lock_warehouse(c, id).await?;
    let before = store::find_warehouse(c, caller.scope(), id).await?.ok_or_else(ApiError::not_found)?;
    if before.kind == WarehouseKind::Transit {
        return Err(InventoryError::TransitOnly.into());
    }
    if before.version != change.version {
        return Err(ApiError::stale());
    }
    let after = Warehouse {
        name: change.name.clone(),
        rep_id: change.rep_id,
        allow_negative: change.allow_negative,
        status: change.status,
        version: before.version + 1,
        ..before.clone()
    };
    if after.rep_id != before.rep_id {
        check_rep(c, &after).await?;
    }
    let stock = store::find_warehouse_stock(c, before.distributor_id, id).await?;
    if after.status == WarehouseStatus::Inactive && before.status == WarehouseStatus::Active && stock.in_use {
        return Err(InventoryError::WarehouseInUse.into());
    }
    if before.allow_negative && !after.allow_negative && stock.below_zero {
        return Err(InventoryError::WarehouseBelowZero.into());
    }
    store::update_warehouse(c, &after).await?;
    let entry = audit::Entry {
        action: "inventory.update_warehouse",
        entity: "warehouse",
        entity_id: Some(id.uuid()),
        distributor: Some(before.distributor_id),
        before: Some(&before),
        after: Some(&after),
    };
    audit::record(c, caller.context(), app.now(), entry).await?;
    Ok(after)
}

/// A van has a rep of the distributor, no other warehouse has one.
async fn check_rep(c: &mut PgConnection, warehouse: &Warehouse) -> ApiResult<()> {
    match (warehouse.kind, warehouse.rep_id) {
        (WarehouseKind::Transit, _) => Err(InventoryError::TransitOnly.into()),
        (WarehouseKind::Van, None) => Err(InventoryError::VanWithoutRep.into()),
        (WarehouseKind::Van, Some(rep)) if store::is_rep_of(c, warehouse.distributor_id, rep).await? => {
            Ok(())
        }
        (WarehouseKind::Van, Some(_)) => Err(InventoryError::NotARep.into()),
        (_, Some(_)) => Err(InventoryError::RepWithoutVan.into()),
        (_, None) => Ok(()),
    }
}
