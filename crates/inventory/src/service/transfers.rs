//! Transfers between warehouses, in one step or with the goods in transit between two.

use std::collections::BTreeMap;

use chrono::NaiveDate;
use db::{PgConnection, numbers};
use domain::document::DocumentKind;
use domain::permission::InventoryManage;
use domain::{DocumentId, LotId, Money, ProductId, Quantity, StockTransferId, Unit, WarehouseId};
use platform::{ApiError, ApiResult, App, Caller};
use serde::Serialize;

use super::{TypedLine, open_warehouse, record, with_values};
use crate::error::{InventoryError, StockError};
use crate::model::{Reason, StockTransferView, TransferStatus, Warehouse, WarehouseKind};
use crate::stock::{self, Correction, IssueLine, Pick, Posting};
use crate::store::{self, NewTransfer, TransferLot};

/// A transfer as it was asked for.
#[derive(Debug, Clone)]
pub(crate) struct TransferOrder {
    pub id: StockTransferId,
    pub from: WarehouseId,
    pub to: WarehouseId,
    pub two_step: bool,
    pub note: String,
    pub lines: Vec<TransferLine>,
}

/// A line of it; without lots they are picked by first expiry.
#[derive(Debug, Clone)]
pub(crate) struct TransferLine {
    pub typed: TypedLine,
    pub lots: Vec<(LotId, Quantity)>,
}

/// Moves goods under the next `CK` number: at once, or into transit until they are received.
pub(crate) async fn create_transfer(
    c: &mut PgConnection,
    app: &App,
    caller: &Caller,
    order: &TransferOrder,
) -> ApiResult<StockTransferView> {
    let from = open_warehouse(c, caller, order.from).await?;
    let to = open_warehouse(c, caller, order.to).await?;
    if from.warehouse_id == to.warehouse_id || from.distributor_id != to.distributor_id {
        return Err(InventoryError::NoWay.into());
    }
    let (distributor, now, today) = (from.distributor_id, app.now(), app.today());
    let lines = issue_lines(c, order, fefo_day(&to, today)).await?;
    let arrives = if order.two_step { transit(c, app, caller, &from).await? } else { to.warehouse_id };
    let number = numbers::next(c, distributor, DocumentKind::Transfer, today).await?;
    let new = NewTransfer {
        distributor,
        id: order.id,
        number: &number,
        from: from.warehouse_id,
        to: to.warehouse_id,
        two_step: order.two_step,
        business_date: today,
        note: &order.note,
        actor: caller.user_id,
        at: now,
    };
    store::insert_transfer(c, &new, &lines).await.map_err(|e| {
        ApiError::from(e).on_constraint("stock_transfers_pkey", || InventoryError::IdTaken.into())
    })?;
    let posting = Posting {
        distributor,
        warehouse: from.warehouse_id,
        document_id: DocumentId::new(order.id.uuid()),
        number: &number,
        business_date: today,
        at: now,
        actor: caller.user_id,
    };
    let moved = stock::transfer(c, &posting, arrives, &lines).await?;
    store::insert_transfer_lots(c, distributor, order.id, &moved, !order.two_step).await?;
    let view = store::get_transfer(c, distributor, order.id).await?;
    let action = if order.two_step { "inventory.ship_transfer" } else { "inventory.transfer" };
    record(c, app, caller, (action, "stock_transfer"), order.id.uuid(), distributor, &view).await?;
    Ok(view)
}

/// What goes to be sold must not be expired; what is put aside may be.
fn fefo_day(to: &Warehouse, today: NaiveDate) -> Option<NaiveDate> {
    (to.kind != WarehouseKind::Return).then_some(today)
}

async fn issue_lines(
    c: &mut PgConnection,
    order: &TransferOrder,
    not_expiring_before: Option<NaiveDate>,
) -> ApiResult<Vec<IssueLine>> {
    let typed: Vec<TypedLine> = order.lines.iter().map(|line| line.typed.clone()).collect();
    let valued = with_values(c, &typed).await?;
    let mut lines = Vec::with_capacity(valued.len());
    for ((line_no, line), asked) in (1..).zip(valued).zip(&order.lines) {
        let pick = if asked.lots.is_empty() {
            Pick::Fefo { not_expiring_before }
        } else {
            let sum =
                Quantity::sum(asked.lots.iter().map(|(_, pieces)| *pieces)).map_err(StockError::from)?;
            if sum != line.pieces {
                return Err(InventoryError::LotsDiffer {
                    line: line_no,
                    lots: sum,
                    line_pieces: line.pieces,
                }
                .into());
            }
            Pick::ByHand(asked.lots.clone())
        };
        lines.push(IssueLine {
            line_no,
            product_id: line.product_id,
            pieces: line.pieces,
            typed_quantity: line.typed_quantity,
            unit: line.unit,
            selling_value: line.selling_value,
            cost_value: line.cost_value,
            sold_value: Money::ZERO,
            reserved: Quantity::ZERO,
            pick,
        });
    }
    Ok(lines)
}

/// The distributor's warehouse of goods in transit, made when it is first needed.
async fn transit(
    c: &mut PgConnection,
    app: &App,
    caller: &Caller,
    like: &Warehouse,
) -> ApiResult<WarehouseId> {
    let (made, warehouse) = store::find_or_insert_transit(c, like.distributor_id, app.now()).await?;
    let Some(warehouse) = warehouse else {
        return Err(InventoryError::CodeTaken(store::TRANSIT_CODE.to_owned()).into());
    };
    if made {
        let action = ("inventory.create_warehouse", "warehouse");
        record(
            c,
            app,
            caller,
            action,
            warehouse.uuid(),
            like.distributor_id,
            &Made { kind: WarehouseKind::Transit },
        )
        .await?;
    }
    Ok(warehouse)
}

#[derive(Serialize)]
struct Made {
    kind: WarehouseKind,
}

/// How much of a lot arrived, when it was not what was sent.
#[derive(Debug, Clone)]
pub(crate) struct Arrived {
    pub line_no: i32,
    pub lot_id: LotId,
    pub pieces: Quantity,
    pub reason: String,
}

/// Receives what was shipped. What is missing is written off from transit, what is too much is added to the receiving
/// warehouse, both as adjustments under the transfer's number, with their reason.
///
/// Besides those who manage stock, the rep of a van receives what was sent to it.
pub(crate) async fn receive_transfer(
    c: &mut PgConnection,
    app: &App,
    caller: &Caller,
    id: StockTransferId,
    differences: &[Arrived],
) -> ApiResult<StockTransferView> {
    let transfer = lock_in_transit(c, caller, id).await?;
    let to = open_warehouse(c, caller, transfer.to).await?;
    if !caller.may::<InventoryManage>() && to.rep_id != Some(caller.user_id) {
        return Err(ApiError::forbidden(<InventoryManage as domain::permission::Permission>::NAME));
    }
    let distributor = transfer.distributor_id;
    let mut lots = store::list_transfer_lots(c, distributor, id).await?;
    for lot in &mut lots {
        lot.received = Some(lot.pieces);
    }
    for difference in differences {
        let lot = lots
            .iter_mut()
            .find(|lot| lot.line_no == difference.line_no && lot.lot_id == difference.lot_id)
            .ok_or(InventoryError::UnknownTransferLot { line: difference.line_no })?;
        lot.received = Some(difference.pieces);
        lot.reason.clone_from(&difference.reason);
    }
    let transit = transit(c, app, caller, &to).await?;
    let today = app.today();
    let out = Posting {
        distributor,
        warehouse: transit,
        document_id: DocumentId::new(id.uuid()),
        number: &transfer.number,
        business_date: today,
        at: app.now(),
        actor: caller.user_id,
    };
    let into = Posting { warehouse: to.warehouse_id, ..out };
    let products: Vec<ProductId> = lots.iter().map(|lot| lot.product_id).collect();
    stock::lock_two(c, distributor, [transit, to.warehouse_id], &products).await?;
    let (mut moved, mut missing, mut surplus) = (Vec::new(), Vec::new(), Vec::new());
    for (lot, line_no) in lots.iter().zip(1..) {
        let received = lot.received.unwrap_or_default();
        let arrived = received.min(lot.pieces);
        let (selling, cost) =
            (part_of(lot.selling_value, arrived, lot.pieces)?, part_of(lot.cost_value, arrived, lot.pieces)?);
        if arrived.is_positive() {
            moved.push(lot_line(lot, line_no, arrived, selling, cost));
        }
        if received < lot.pieces {
            missing.push(Correction {
                product_id: lot.product_id,
                lot_id: lot.lot_id,
                pieces: arrived.checked_sub(lot.pieces).map_err(StockError::from)?,
                selling_value: lot.selling_value.checked_sub(selling).map_err(StockError::from)?,
                cost_value: lot.cost_value.checked_sub(cost).map_err(StockError::from)?,
            });
        } else if received > lot.pieces {
            let pieces = received.checked_sub(lot.pieces).map_err(StockError::from)?;
            surplus.push(Correction {
                product_id: lot.product_id,
                lot_id: lot.lot_id,
                pieces,
                selling_value: part_of(lot.selling_value, pieces, lot.pieces)?,
                cost_value: part_of(lot.cost_value, pieces, lot.pieces)?,
            });
        }
    }
    stock::transfer(c, &out, to.warehouse_id, &moved).await?;
    stock::correct(c, &out, Reason::Adjustment, &missing).await?;
    stock::correct(c, &into, Reason::Adjustment, &surplus).await?;
    store::update_received(c, distributor, id, &lots).await?;
    close(c, app, caller, &transfer, TransferStatus::Received, "inventory.receive_transfer").await
}

/// Calls a shipment back: the goods return to the sender.
pub(crate) async fn cancel_transfer(
    c: &mut PgConnection,
    app: &App,
    caller: &Caller,
    id: StockTransferId,
) -> ApiResult<StockTransferView> {
    let transfer = lock_in_transit(c, caller, id).await?;
    let from = open_warehouse(c, caller, transfer.from).await?;
    let transit = transit(c, app, caller, &from).await?;
    let lots = store::list_transfer_lots(c, transfer.distributor_id, id).await?;
    let back: Vec<IssueLine> = lots
        .iter()
        .zip(1..)
        .map(|(lot, line_no)| lot_line(lot, line_no, lot.pieces, lot.selling_value, lot.cost_value))
        .collect();
    let posting = Posting {
        distributor: transfer.distributor_id,
        warehouse: transit,
        document_id: DocumentId::new(id.uuid()),
        number: &transfer.number,
        business_date: app.today(),
        at: app.now(),
        actor: caller.user_id,
    };
    stock::transfer(c, &posting, from.warehouse_id, &back).await?;
    close(c, app, caller, &transfer, TransferStatus::Cancelled, "inventory.cancel_transfer").await
}

async fn lock_in_transit(
    c: &mut PgConnection,
    caller: &Caller,
    id: StockTransferId,
) -> ApiResult<store::LockedTransfer> {
    let transfer = store::lock_transfer(c, id).await?.ok_or_else(ApiError::not_found)?;
    // A rep knows only of what goes to or from the own van.
    store::find_warehouse(c, caller.scope(), transfer.to).await?.ok_or_else(ApiError::not_found)?;
    if transfer.status != TransferStatus::InTransit {
        return Err(InventoryError::TransferClosed(transfer.status).into());
    }
    Ok(transfer)
}

async fn close(
    c: &mut PgConnection,
    app: &App,
    caller: &Caller,
    transfer: &store::LockedTransfer,
    status: TransferStatus,
    action: &'static str,
) -> ApiResult<StockTransferView> {
    let distributor = transfer.distributor_id;
    store::close_transfer(c, transfer, status, caller.user_id, app.today(), app.now()).await?;
    let view = store::get_transfer(c, distributor, transfer.id).await?;
    record(c, app, caller, (action, "stock_transfer"), transfer.id.uuid(), distributor, &view).await?;
    Ok(view)
}

/// The pieces of a lot as a line of their own, in cases if the line was and they are whole ones.
fn lot_line(lot: &TransferLot, line_no: i32, pieces: Quantity, selling: Money, cost: Money) -> IssueLine {
    let n = pieces.pieces();
    let (typed_quantity, unit) = if lot.unit == Unit::Whole && n % lot.per_unit == 0 {
        (n / lot.per_unit, Unit::Whole)
    } else {
        (n, Unit::Retail)
    };
    IssueLine {
        line_no,
        product_id: lot.product_id,
        pieces,
        typed_quantity,
        unit,
        selling_value: selling,
        cost_value: cost,
        sold_value: Money::ZERO,
        reserved: Quantity::ZERO,
        pick: Pick::ByHand(vec![(lot.lot_id, pieces)]),
    }
}

/// The value of a part of the pieces, rounded down.
fn part_of(value: Money, part: Quantity, whole: Quantity) -> Result<Money, StockError> {
    let product = i128::from(value.dong()) * i128::from(part.pieces());
    let share = product.checked_div(i128::from(whole.pieces())).ok_or(StockError::OutOfRange)?;
    i64::try_from(share).map(Money::new).map_err(|_| StockError::OutOfRange)
}

/// Sums per lot what was asked for of a line, so that a lot named twice is one pick.
pub(crate) fn merged(
    lots: impl IntoIterator<Item = (LotId, Quantity)>,
) -> Result<Vec<(LotId, Quantity)>, StockError> {
    let mut sums: BTreeMap<LotId, Quantity> = BTreeMap::new();
    for (lot, pieces) in lots {
        let sum = sums.entry(lot).or_default();
        *sum = sum.checked_add(pieces)?;
    }
    Ok(sums.into_iter().collect())
}
