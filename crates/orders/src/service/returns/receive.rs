use std::collections::BTreeMap;

use db::{PgConnection, audit};
use domain::{DocumentId, LotId, Money, ProductId, Quantity, SalesReturnId, WarehouseId};
use inventory::stock::{Posting, ReceiveLine};
use platform::{ApiError, App, Caller, Once, transaction_once};
use receivables::ledger::{self, Allocate, Credit, EntryKind};

use super::create::spread;
use super::error::ReturnError;
use super::return_view;
use crate::error::{self, OrderError};
use crate::model::{Condition, ReturnStatus, SalesReturnView};
use crate::service::given_back::give_back;
use crate::service::issue::typed;
use crate::store::{self, LockedReturn, ReceivedLot, ReturnLine};

/// Where the goods go.
#[derive(Debug, Clone, Copy, Default)]
pub struct ReturnInto {
    /// Those that can be sold again; the main warehouse when absent.
    pub warehouse: Option<WarehouseId>,
    /// Damaged and expired ones; the warehouse for returns when absent.
    pub return_warehouse: Option<WarehouseId>,
}

/// Receives the goods of an approved return: they are in stock, the customer owes less, of the returned invoice's debt
/// first, and what the goods used of promotions is free again. A repeat gets the first answer.
///
/// # Errors
/// 404, 409 when it isn't approved, 422 when there is no warehouse for the goods.
pub async fn receive_return(
    app: &App,
    caller: &Caller,
    once: &Once,
    id: SalesReturnId,
    into: ReturnInto,
) -> Result<SalesReturnView, ApiError> {
    let received = transaction_once!(app, caller.context(), once, "returns.receive", |tx| {
        let ret = store::lock_return(tx, id)
            .await?
            .filter(|ret| caller.scope().includes(ret.rep_id, ret.unit_id))
            .ok_or_else(ApiError::not_found)?;
        if ret.status != ReturnStatus::Approved {
            return Err(ReturnError::WrongState(ret.status).into());
        }
        if let Some(invoice) = ret.invoice_id {
            // Another return of the invoice must not be taken for the same lots.
            store::lock_invoice(tx, invoice).await?;
        }
        let lines = store::list_return_lines(tx, ret.distributor_id, id).await?;
        let arriving = arriving(tx, &ret, &lines, into).await?;
        credit(app, tx, caller, id, &ret).await?;
        store::receive_return(tx, &ret, caller.user_id, app.today(), app.now()).await?;
        if let Some(invoice) = ret.invoice_id {
            let whose = (ret.distributor_id, ret.customer_id);
            let orders = store::list_orders_of_invoice(tx, invoice).await?;
            give_back(app, tx, caller, whose, &orders, id.uuid()).await?;
        }
        let entry = audit::Entry {
            action: "returns.receive",
            entity: "sales_return",
            entity_id: Some(id.uuid()),
            distributor: Some(ret.distributor_id),
            before: Some(&serde_json::json!({"status": ret.status})),
            after: Some(&serde_json::json!({"status": ReturnStatus::Received})),
        };
        audit::record(tx, caller.context(), app.now(), entry).await?;
        post(app, tx, caller, id, &ret, &arriving).await?;
        return_view(tx, caller, id).await
    })?;
    Ok(received)
}

/// What comes in of a lot for a line.
struct Arriving<'a> {
    line: &'a ReturnLine,
    /// The lot; none when nobody knows it.
    lot: Option<LotId>,
    pieces: Quantity,
    warehouse: WarehouseId,
}

async fn arriving<'a>(
    c: &mut PgConnection,
    ret: &LockedReturn,
    lines: &'a [ReturnLine],
    into: ReturnInto,
) -> Result<Vec<Arriving<'a>>, ApiError> {
    let mut delivered: BTreeMap<i32, Vec<(LotId, Quantity)>> = BTreeMap::new();
    if let Some(invoice) = ret.invoice_id {
        for (line, lot, left) in store::list_delivered_lots(c, ret.distributor_id, invoice).await? {
            delivered.entry(line).or_default().push((lot, left));
        }
    }
    let mut arriving = Vec::with_capacity(lines.len());
    for line in lines.iter().filter(|line| !line.is_charge) {
        let warehouse = warehouse(c, ret, line.condition, into).await?;
        let known = line.invoice_line_no.and_then(|line_no| delivered.get_mut(&line_no));
        match (line.lot_id, known) {
            (Some(lot), known) => {
                if let Some((_, left)) = known.and_then(|lots| lots.iter_mut().find(|(id, _)| *id == lot)) {
                    *left = Quantity::new((left.pieces() - line.pieces.pieces()).max(0));
                }
                arriving.push(Arriving { line, lot: Some(lot), pieces: line.pieces, warehouse });
            }
            (None, Some(lots)) => {
                for (lot, pieces) in spread(line.pieces, lots) {
                    arriving.push(Arriving { line, lot: Some(lot), pieces, warehouse });
                }
            }
            (None, None) => arriving.push(Arriving { line, lot: None, pieces: line.pieces, warehouse }),
        }
    }
    Ok(arriving)
}

async fn warehouse(
    c: &mut PgConnection,
    ret: &LockedReturn,
    condition: Condition,
    into: ReturnInto,
) -> Result<WarehouseId, ApiError> {
    let distributor = ret.distributor_id;
    let saleable = condition == Condition::Saleable;
    let chosen = if saleable { into.warehouse } else { into.return_warehouse };
    match chosen {
        Some(id) if store::may_receive(c, distributor, id).await? => Ok(id),
        Some(_) => Err(ReturnError::NoWarehouse.into()),
        None if saleable => {
            Ok(inventory::store::main_warehouse(c, distributor).await?.ok_or(ReturnError::NoWarehouse)?)
        }
        None => {
            Ok(store::find_return_warehouse(c, distributor).await?.ok_or(ReturnError::NoReturnWarehouse)?)
        }
    }
}

async fn credit(
    app: &App,
    c: &mut PgConnection,
    caller: &Caller,
    id: SalesReturnId,
    ret: &LockedReturn,
) -> Result<(), ApiError> {
    ledger::lock_balance(c, ret.distributor_id, ret.customer_id).await?;
    if !ret.total.is_positive() {
        return Ok(());
    }
    let credit = Credit {
        distributor: ret.distributor_id,
        customer: ret.customer_id,
        kind: EntryKind::Return,
        amount: ret.total,
        document_id: DocumentId::new(id.uuid()),
        number: &ret.number,
        business_date: app.today(),
        at: app.now(),
        actor: caller.user_id,
    };
    let how = match ret.invoice_id {
        Some(invoice) => Allocate::FirstTo(DocumentId::new(invoice.uuid())),
        None => Allocate::OldestDueFirst,
    };
    ledger::credit(c, &credit, how).await?;
    Ok(())
}

/// Brings the goods in, one warehouse after the other in the order of their ids, and writes which lots they were.
async fn post(
    app: &App,
    c: &mut PgConnection,
    caller: &Caller,
    id: SalesReturnId,
    ret: &LockedReturn,
    arriving: &[Arriving<'_>],
) -> Result<(), ApiError> {
    let products: Vec<ProductId> = arriving.iter().map(|a| a.line.product_id).collect();
    let names = catalog::store::find_products(c, &products).await?;
    let lots: Vec<LotId> = arriving.iter().filter_map(|a| a.lot).collect();
    let lots = store::list_lots(c, ret.distributor_id, &lots).await?;
    let mut by_warehouse: BTreeMap<WarehouseId, Vec<ReceiveLine>> = BTreeMap::new();
    let mut done: BTreeMap<i32, Quantity> = BTreeMap::new();
    for a in arriving {
        let line = a.line;
        let (typed_quantity, unit) = typed(line.unit, line.pieces, line.amounts.quantity, a.pieces);
        let (selling, cost) = names
            .get(&line.product_id)
            .map_or((Money::ZERO, Money::ZERO), |n| (n.selling.of(unit), n.purchase.of(unit)));
        let before = done.entry(line.line_no).or_default();
        let part = line.amounts.part(line.pieces, *before, a.pieces).map_err(OrderError::from)?;
        *before = before.checked_add(a.pieces).map_err(OrderError::from)?;
        let lot = a.lot.and_then(|lot| lots.get(&lot));
        by_warehouse.entry(a.warehouse).or_default().push(ReceiveLine {
            product_id: line.product_id,
            lot_number: lot.map(|lot| lot.lot_number.clone()).unwrap_or_default(),
            expiry: lot.and_then(|lot| lot.expiry),
            pieces: a.pieces,
            typed_quantity,
            unit,
            selling_value: selling.checked_mul(typed_quantity).map_err(OrderError::from)?,
            cost_value: cost.checked_mul(typed_quantity).map_err(OrderError::from)?,
            sold_value: part.gross,
        });
    }
    for (warehouse, lines) in &by_warehouse {
        let posting = Posting {
            distributor: ret.distributor_id,
            warehouse: *warehouse,
            document_id: DocumentId::new(id.uuid()),
            number: &ret.number,
            business_date: app.today(),
            at: app.now(),
            actor: caller.user_id,
        };
        if let Err(e) = inventory::stock::return_goods(c, &posting, lines).await {
            return Err(error::stock(e, &names));
        }
    }
    // Goods of which nobody knows the lot are in the lot without number and date.
    let unknown = store::list_unknown_lots(c, ret.distributor_id, &products).await?;
    let mut came_in: BTreeMap<(i32, LotId), ReceivedLot> = BTreeMap::new();
    for a in arriving {
        let lot = a.lot.or_else(|| unknown.get(&a.line.product_id).copied());
        let Some(lot) = lot else { return Err(ApiError::internal("a lot that was just made is missing")) };
        let row = came_in.entry((a.line.line_no, lot)).or_insert(ReceivedLot {
            line_no: a.line.line_no,
            lot_id: lot,
            warehouse_id: a.warehouse,
            pieces: Quantity::ZERO,
        });
        row.pieces = row.pieces.checked_add(a.pieces).map_err(OrderError::from)?;
    }
    let came_in: Vec<ReceivedLot> = came_in.into_values().collect();
    store::insert_return_lots(c, ret.distributor_id, id, &came_in).await?;
    Ok(())
}
