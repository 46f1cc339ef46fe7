//! Counts: a picture of the stock, what people find, and the differences posted.

use std::collections::{BTreeMap, BTreeSet};

use chrono::NaiveDate;
use db::{PgConnection, numbers};
use domain::document::DocumentKind;
use domain::{DocumentId, LotId, ProductId, Quantity, StockCountId, TypedQuantity, Unit, WarehouseId};
use platform::{ApiError, ApiResult, App, Caller};
use serde::Serialize;

use super::{open_warehouse, record};
use crate::error::{InventoryError, StockError};
use crate::model::{CountStatus, Reason, StockCount, StockCountLine, StockCountView};
use crate::stock::{self, Correction, Posting};
use crate::store::{self, Counted, LockedCount, LotKey, NewCount};

/// A count as it was asked for.
#[derive(Debug, Clone)]
pub(crate) struct CountOrder {
    pub id: StockCountId,
    pub warehouse: WarehouseId,
    pub date: NaiveDate,
    pub freeze: bool,
    pub products: Option<Vec<ProductId>>,
    pub note: String,
}

/// Opens a count under the next `KK` number, with a picture of what is on hand.
///
/// The warehouse's lock is taken alone: whoever posts there now is in the picture, whoever comes later sees the count.
pub(crate) async fn open_count(
    c: &mut PgConnection,
    app: &App,
    caller: &Caller,
    order: &CountOrder,
) -> ApiResult<StockCountView> {
    let warehouse = open_warehouse(c, caller, order.warehouse).await?;
    if let Some(products) = &order.products {
        let known = store::find_counted_products(c, products, &[]).await?;
        let known: BTreeSet<ProductId> = known.iter().map(|product| product.id).collect();
        if let Some(unknown) = products.iter().find(|product| !known.contains(product)) {
            return Err(InventoryError::UnknownProduct(*unknown).into());
        }
    }
    let distributor = warehouse.distributor_id;
    let number = numbers::next(c, distributor, DocumentKind::Count, app.today()).await?;
    store::lock_warehouse(c, warehouse.warehouse_id).await?;
    if let Some(number) = store::find_open_count(c, distributor, warehouse.warehouse_id).await? {
        return Err(InventoryError::CountOpen { number }.into());
    }
    let new = NewCount {
        distributor,
        id: order.id,
        number: &number,
        warehouse: warehouse.warehouse_id,
        date: order.date,
        freeze: order.freeze,
        products: order.products.as_deref(),
        note: &order.note,
        actor: caller.user_id,
        at: app.now(),
    };
    store::insert_count(c, &new).await.map_err(|e| {
        ApiError::from(e).on_constraint("stock_counts_pkey", || InventoryError::IdTaken.into())
    })?;
    let view = store::find_count(c, order.id).await?.ok_or_else(ApiError::not_found)?;
    let action = ("inventory.open_count", "stock_count");
    record(c, app, caller, action, order.id.uuid(), distributor, &view.head).await?;
    Ok(view)
}

/// Something that was counted.
#[derive(Debug, Clone)]
pub(crate) struct CountEntry {
    pub product: NamedProduct,
    pub lot: NamedLot,
    /// None takes back what was counted.
    pub quantity: Option<i64>,
    pub unit: Unit,
}

/// How the product is named.
#[derive(Debug, Clone)]
pub(crate) enum NamedProduct {
    Id(ProductId),
    /// Its code or barcode.
    Code(String),
    /// Its barcode.
    Barcode(String),
}

/// How the lot is named.
#[derive(Debug, Clone)]
pub(crate) enum NamedLot {
    Id(LotId),
    Key(String, Option<NaiveDate>),
    /// The only one the count has of the product.
    Only,
}

/// Writes what was counted, or adds it to what was counted before. Entries of one product and lot are summed.
pub(crate) async fn enter_counted(
    c: &mut PgConnection,
    app: &App,
    caller: &Caller,
    id: StockCountId,
    entries: &[CountEntry],
    add: bool,
) -> ApiResult<StockCountView> {
    let count = lock_open(c, id).await?;
    let counted = resolve(c, app, &count, entries).await?;
    store::upsert_counted(c, &count, &counted, add, caller.user_id, app.now()).await.map_err(|e| {
        // Nothing else in the statement can go out of range.
        match e.as_database_error().and_then(|e| e.code()) {
            Some(code) if code == "22003" => StockError::OutOfRange.into(),
            _ => ApiError::from(e),
        }
    })?;
    let after: Vec<Entered> = counted
        .iter()
        .map(|x| Entered { product_id: x.product_id, lot_id: x.lot_id, pieces: x.pieces, added: add })
        .collect();
    let action = ("inventory.enter_count", "stock_count");
    record(c, app, caller, action, id.uuid(), count.distributor_id, &after).await?;
    store::find_count(c, id).await?.ok_or_else(ApiError::not_found)
}

/// What the audit log keeps of an entry.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Entered {
    product_id: ProductId,
    lot_id: LotId,
    pieces: Option<Quantity>,
    added: bool,
}

async fn resolve(
    c: &mut PgConnection,
    app: &App,
    count: &LockedCount,
    entries: &[CountEntry],
) -> ApiResult<Vec<Counted>> {
    let (mut ids, mut codes, mut lots) = (Vec::new(), Vec::new(), Vec::new());
    for entry in entries {
        match &entry.product {
            NamedProduct::Id(id) => ids.push(*id),
            NamedProduct::Code(code) | NamedProduct::Barcode(code) => codes.push(code.clone()),
        }
        if let NamedLot::Id(lot) = entry.lot {
            lots.push(lot);
        }
    }
    let products = store::find_counted_products(c, &ids, &codes).await?;
    let by_id: BTreeMap<ProductId, _> = products.iter().map(|product| (product.id, product)).collect();
    let mut by_code: BTreeMap<&str, ProductId> = BTreeMap::new();
    for product in &products {
        by_code.entry(&product.barcode).or_insert(product.id);
    }
    // A code wins over another product's barcode.
    for product in products.iter().rev() {
        by_code.insert(&product.code, product.id);
    }
    let of_lots: BTreeMap<LotId, ProductId> =
        store::list_products_of_lots(c, count.distributor_id, &lots).await?.into_iter().collect();
    let mut product_of = Vec::with_capacity(entries.len());
    for (index, entry) in entries.iter().enumerate() {
        let id = match &entry.product {
            NamedProduct::Id(id) => Some(*id),
            NamedProduct::Code(code) => by_code.get(code.as_str()).copied(),
            NamedProduct::Barcode(barcode) => {
                let mut having = products.iter().filter(|product| product.barcode == *barcode);
                let first = having.next().map(|product| product.id);
                if having.next().is_some() {
                    return Err(InventoryError::AmbiguousBarcode { index }.into());
                }
                first
            }
        };
        let product = id.and_then(|id| by_id.get(&id).copied());
        product_of.push(product.ok_or(InventoryError::UnknownCounted { index })?);
    }
    let named: Vec<ProductId> = product_of.iter().map(|product| product.id).collect();
    let mut known: BTreeMap<ProductId, Vec<LotId>> = BTreeMap::new();
    for (product, lot) in store::list_counted_lots(c, count, &named).await? {
        known.entry(product).or_default().push(lot);
    }
    let mut keys: BTreeSet<LotKey> = BTreeSet::new();
    for (entry, product) in entries.iter().zip(&product_of) {
        keys.extend(lot_key(entry, product.id, &known));
    }
    let made: BTreeMap<LotKey, LotId> = store::find_or_insert_lots(c, count.distributor_id, app.now(), &keys)
        .await?
        .into_iter()
        .map(|lot| (lot.key(), lot.lot_id))
        .collect();
    let mut sums: BTreeMap<(ProductId, LotId), Option<Quantity>> = BTreeMap::new();
    for (index, (entry, product)) in entries.iter().zip(&product_of).enumerate() {
        let lot = match lot_key(entry, product.id, &known) {
            Some(key) => made.get(&key).copied(),
            None => match entry.lot {
                NamedLot::Id(lot) => Some(lot).filter(|lot| of_lots.get(lot) == Some(&product.id)),
                NamedLot::Key(..) => None,
                NamedLot::Only => match known.get(&product.id).map(Vec::as_slice) {
                    Some([only]) => Some(*only),
                    _ => return Err(InventoryError::LotNeeded { index }.into()),
                },
            },
        };
        let lot = lot.ok_or(InventoryError::UnknownLot { index })?;
        let pieces = match entry.quantity {
            None => None,
            Some(quantity) => {
                let typed = TypedQuantity { quantity, unit: entry.unit };
                Some(typed.to_pieces(product.conversion).map_err(StockError::from)?)
            }
        };
        let sum = sums.entry((product.id, lot)).or_default();
        if let Some(pieces) = pieces {
            *sum = Some(sum.unwrap_or_default().checked_add(pieces).map_err(StockError::from)?);
        }
    }
    Ok(sums
        .into_iter()
        .map(|((product_id, lot_id), pieces)| Counted { product_id, lot_id, pieces })
        .collect())
}

/// The lot to look for or make by number and date, if it is named like that; goods of which the count knows no lot are
/// taken for some without.
fn lot_key(
    entry: &CountEntry,
    product_id: ProductId,
    known: &BTreeMap<ProductId, Vec<LotId>>,
) -> Option<LotKey> {
    match &entry.lot {
        NamedLot::Id(_) => None,
        NamedLot::Key(number, expiry) => {
            Some(LotKey { product_id, lot_number: number.clone(), expiry: *expiry })
        }
        NamedLot::Only => (!known.contains_key(&product_id)).then(|| LotKey::unknown(product_id)),
    }
}

/// What becomes of a line whose stock moved after it was counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Outdated {
    /// What was counted is what is there now.
    KeepCounted,
    /// The difference found stays what it was; what moved since stays moved.
    Recompute,
}

/// How to close a count.
#[derive(Debug, Clone)]
pub(crate) struct Closing {
    /// For lines whose stock moved after they were counted.
    pub decisions: BTreeMap<(ProductId, LotId), Outdated>,
    /// Whether what nobody counted is gone; otherwise it stays.
    pub uncounted_is_zero: bool,
}

/// Closes a count: the differences are posted as adjustments.
pub(crate) async fn close_count(
    c: &mut PgConnection,
    app: &App,
    caller: &Caller,
    id: StockCountId,
    closing: &Closing,
) -> ApiResult<StockCountView> {
    let count = lock_open(c, id).await?;
    // From here on this transaction may post, and nobody else before it ends.
    store::close_count(c, &count, CountStatus::Closed, caller.user_id, app.now()).await?;
    let products = store::list_products_of_count(c, &count).await?;
    stock::lock(c, count.distributor_id, count.warehouse_id, &products).await?;
    let lines = store::list_count_lines(c, count.distributor_id, id).await?;
    let values = store::list_values_ever(c, &products).await?;
    let mut corrections = Vec::new();
    let mut undecided = Vec::new();
    for line in &lines {
        let Some(pieces) = correction(line, closing, &mut undecided)? else { continue };
        if pieces.is_zero() {
            continue;
        }
        let size =
            if pieces.is_negative() { pieces.checked_neg().map_err(StockError::from)? } else { pieces };
        let price = values.get(&line.product_id);
        let value = |price: Option<domain::Money>| {
            price.unwrap_or_default().checked_mul(size.pieces()).map_err(StockError::from)
        };
        corrections.push(Correction {
            product_id: line.product_id,
            lot_id: line.lot_id,
            pieces,
            selling_value: value(price.map(|p| p.selling.retail))?,
            cost_value: value(price.map(|p| p.purchase.retail))?,
        });
    }
    if !undecided.is_empty() {
        return Err(InventoryError::CountOutdated(undecided).into());
    }
    let posting = Posting {
        distributor: count.distributor_id,
        warehouse: count.warehouse_id,
        document_id: DocumentId::new(id.uuid()),
        number: &count.number,
        business_date: app.today(),
        at: app.now(),
        actor: caller.user_id,
    };
    stock::correct(c, &posting, Reason::Count, &corrections).await.map_err(|e| match e {
        StockError::Short(shortages) => InventoryError::CountBelowReserved(shortages).into(),
        other => ApiError::from(other),
    })?;
    let posted: Vec<Counted> = corrections
        .iter()
        .map(|x| Counted { product_id: x.product_id, lot_id: x.lot_id, pieces: Some(x.pieces) })
        .collect();
    store::update_posted(c, &count, &posted).await?;
    let view = store::find_count(c, id).await?.ok_or_else(ApiError::not_found)?;
    let after = Closed { count: &view.head, corrections: posted.len() };
    let action = ("inventory.close_count", "stock_count");
    record(c, app, caller, action, id.uuid(), count.distributor_id, &after).await?;
    Ok(view)
}

/// What the audit log keeps of the closing.
#[derive(Serialize)]
struct Closed<'a> {
    #[serde(flatten)]
    count: &'a StockCount,
    corrections: usize,
}

/// How the stock of the line is wrong now; none when nobody counted it and it stays, or it isn't decided.
fn correction(
    line: &StockCountLine,
    closing: &Closing,
    undecided: &mut Vec<OutdatedLine>,
) -> Result<Option<Quantity>, StockError> {
    let (Some(counted), Some(seen)) = (line.counted, line.system_at_count) else {
        return Ok(if closing.uncounted_is_zero { Some(line.current.checked_neg()?) } else { None });
    };
    let decision = if line.current == seen {
        Some(Outdated::KeepCounted)
    } else {
        closing.decisions.get(&(line.product_id, line.lot_id)).copied()
    };
    Ok(match decision {
        Some(Outdated::KeepCounted) => Some(counted.checked_sub(line.current)?),
        Some(Outdated::Recompute) => Some(counted.checked_sub(seen)?),
        None => {
            undecided.push(OutdatedLine {
                product_id: line.product_id,
                product_code: line.product_code.clone(),
                lot_id: line.lot_id,
                lot_number: line.lot_number.clone(),
                counted,
                system_at_count: seen,
                current: line.current,
            });
            None
        }
    })
}

/// A line whose stock moved after it was counted, as the error tells it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct OutdatedLine {
    /// The product.
    pub product_id: ProductId,
    /// Its code.
    pub product_code: String,
    /// The lot.
    pub lot_id: LotId,
    /// Its number; empty when unknown.
    pub lot_number: String,
    /// Pieces counted.
    pub counted: Quantity,
    /// Pieces on hand when they were counted.
    pub system_at_count: Quantity,
    /// Pieces on hand now.
    pub current: Quantity,
}

/// Gives a count up: nothing is posted, and the warehouse is free again.
pub(crate) async fn cancel_count(
    c: &mut PgConnection,
    app: &App,
    caller: &Caller,
    id: StockCountId,
) -> ApiResult<StockCountView> {
    let count = lock_open(c, id).await?;
    store::close_count(c, &count, CountStatus::Cancelled, caller.user_id, app.now()).await?;
    let view = store::find_count(c, id).await?.ok_or_else(ApiError::not_found)?;
    let action = ("inventory.cancel_count", "stock_count");
    record(c, app, caller, action, id.uuid(), count.distributor_id, &view.head).await?;
    Ok(view)
}

/// The count, locked, if it is still open.
pub(crate) async fn lock_open(c: &mut PgConnection, id: StockCountId) -> ApiResult<LockedCount> {
    let count = store::lock_count(c, id).await?.ok_or_else(ApiError::not_found)?;
    match count.status {
        CountStatus::Open => Ok(count),
        status => Err(InventoryError::CountClosed(status).into()),
    }
}
