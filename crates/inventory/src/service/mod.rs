//! What is decided about warehouses, receipts, adjustments, transfers and counts: from what was typed to postings.

mod counts;
mod reward;
mod transfers;
mod warehouses;

use std::collections::BTreeMap;

use chrono::NaiveDate;
use db::{PgConnection, audit, numbers};
use domain::document::DocumentKind;
use domain::{DistributorId, DocumentId, GoodsReceiptId, Money, ProductId, TypedQuantity, WarehouseId};
use platform::{ApiError, ApiResult, App, Caller};
use serde::Serialize;
use uuid::Uuid;

use crate::error::{InventoryError, StockError};
use crate::model::{
    GoodsReceipt, ProductValues, Reason, StockAdjustmentView, Warehouse, WarehouseKind, WarehouseStatus,
};
use crate::stock::{self, Posting, ReceiveLine};
use crate::store;

pub use counts::OutdatedLine;
pub(crate) use counts::{
    Closing, CountEntry, CountOrder, NamedLot, NamedProduct, Outdated, cancel_count, close_count,
    enter_counted, lock_open, open_count,
};
pub use reward::{Reward, Rewarded, reward};
pub(crate) use transfers::{
    Arrived, TransferLine, TransferOrder, cancel_transfer, create_transfer, merged, receive_transfer,
};
pub(crate) use warehouses::{WarehouseChange, create_warehouse, update_warehouse};

/// A line as it was typed.
#[derive(Debug, Clone)]
pub(crate) struct TypedLine {
    pub product_id: ProductId,
    pub lot_number: String,
    pub expiry: Option<NaiveDate>,
    pub typed: TypedQuantity,
}

/// Receives goods into a warehouse under the next `PN` number.
pub(crate) async fn receive_goods(
    c: &mut PgConnection,
    app: &App,
    caller: &Caller,
    id: GoodsReceiptId,
    warehouse: WarehouseId,
    lines: &[TypedLine],
    note: &str,
) -> ApiResult<GoodsReceipt> {
    let warehouse = open_warehouse(c, caller, warehouse).await?;
    let lines = with_values(c, lines).await?;
    let (distributor, today) = (warehouse.distributor_id, app.today());
    let number = numbers::next(c, distributor, DocumentKind::GoodsReceipt, today).await?;
    let posting = Posting {
        distributor,
        warehouse: warehouse.warehouse_id,
        document_id: id.uuid().into(),
        number: &number,
        business_date: today,
        at: app.now(),
        actor: caller.user_id,
    };
    store::insert_goods_receipt(c, &posting, note).await.map_err(|e| {
        ApiError::from(e).on_constraint("goods_receipts_pkey", || InventoryError::IdTaken.into())
    })?;
    stock::receive(c, &posting, Reason::Receipt, &lines).await?;
    let receipt = store::get_goods_receipt(c, distributor, id).await?;
    record(c, app, caller, ("inventory.receive", "goods_receipt"), id.uuid(), distributor, &receipt).await?;
    Ok(receipt)
}

/// An adjustment as it was asked for.
#[derive(Debug, Clone)]
pub(crate) struct AdjustmentOrder {
    pub id: DocumentId,
    pub warehouse: WarehouseId,
    /// Positive quantities come in, negative go out.
    pub lines: Vec<TypedLine>,
    pub reason: String,
    pub note: String,
}

/// Corrects stock under the next `DC` number.
pub(crate) async fn adjust_stock(
    c: &mut PgConnection,
    app: &App,
    caller: &Caller,
    order: &AdjustmentOrder,
) -> ApiResult<StockAdjustmentView> {
    let warehouse = open_warehouse(c, caller, order.warehouse).await?;
    let (incoming, outgoing): (Vec<_>, Vec<_>) =
        order.lines.iter().cloned().partition(|line| line.typed.quantity > 0);
    let outgoing: Vec<TypedLine> = outgoing
        .into_iter()
        .map(|line| TypedLine {
            typed: TypedQuantity { quantity: -line.typed.quantity, ..line.typed },
            ..line
        })
        .collect();
    let (incoming, outgoing) = (with_values(c, &incoming).await?, with_values(c, &outgoing).await?);
    let (distributor, today) = (warehouse.distributor_id, app.today());
    let number = numbers::next(c, distributor, DocumentKind::StockAdjustment, today).await?;
    let posting = Posting {
        distributor,
        warehouse: warehouse.warehouse_id,
        document_id: order.id,
        number: &number,
        business_date: today,
        at: app.now(),
        actor: caller.user_id,
    };
    store::insert_adjustment(c, &posting, &order.reason, &order.note).await.map_err(|e| {
        ApiError::from(e).on_constraint("stock_adjustments_pkey", || InventoryError::IdTaken.into())
    })?;
    stock::adjust(c, &posting, Reason::Adjustment, &incoming, &outgoing).await?;
    let made = store::find_adjustment(c, order.id).await?.ok_or_else(ApiError::not_found)?;
    let action = ("inventory.adjust", "stock_adjustment");
    record(c, app, caller, action, order.id.uuid(), distributor, &made.head).await?;
    Ok(made)
}

/// The warehouse, if the caller may see it, it is in use and people post to it.
async fn open_warehouse(c: &mut PgConnection, caller: &Caller, id: WarehouseId) -> ApiResult<Warehouse> {
    let warehouse = store::find_warehouse(c, caller.scope(), id).await?.ok_or_else(ApiError::not_found)?;
    match warehouse.status {
        WarehouseStatus::Active if warehouse.kind == WarehouseKind::Transit => {
            Err(InventoryError::TransitOnly.into())
        }
        WarehouseStatus::Active => Ok(warehouse),
        WarehouseStatus::Inactive => Err(InventoryError::WarehouseClosed.into()),
    }
}

/// The lines in pieces, with their values at the prices of the moment.
async fn with_values(c: &mut PgConnection, lines: &[TypedLine]) -> ApiResult<Vec<ReceiveLine>> {
    let ids: Vec<ProductId> = lines.iter().map(|line| line.product_id).collect();
    let products: BTreeMap<ProductId, ProductValues> = store::list_product_values(c, &ids).await?;
    let mut valued = Vec::with_capacity(lines.len());
    for line in lines {
        let product =
            products.get(&line.product_id).ok_or(InventoryError::UnknownProduct(line.product_id))?;
        let TypedQuantity { quantity, unit } = line.typed;
        valued.push(ReceiveLine {
            product_id: line.product_id,
            lot_number: line.lot_number.clone(),
            expiry: line.expiry,
            pieces: line.typed.to_pieces(product.conversion).map_err(StockError::from)?,
            typed_quantity: quantity,
            unit,
            selling_value: product.selling.of(unit).checked_mul(quantity).map_err(StockError::from)?,
            cost_value: product.purchase.of(unit).checked_mul(quantity).map_err(StockError::from)?,
            sold_value: Money::ZERO,
        });
    }
    Ok(valued)
}

async fn record<A: Serialize>(
    c: &mut PgConnection,
    app: &App,
    caller: &Caller,
    (action, entity): (&'static str, &'static str),
    id: Uuid,
    distributor: DistributorId,
    after: &A,
) -> Result<(), sqlx::Error> {
    let entry = audit::Entry::<(), A> {
        action,
        entity,
        entity_id: Some(id),
        distributor: Some(distributor),
        before: None,
        after: Some(after),
    };
    audit::record(c, caller.context(), app.now(), entry).await
}
