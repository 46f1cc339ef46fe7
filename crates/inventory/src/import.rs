//! Opening stock from a file: what each warehouse holds when the system starts.
//!
//! The file says what the opening stock is, not what to add: only the difference to what was posted as opening before
//! is posted, so a file loaded twice changes nothing.

use std::collections::{BTreeMap, HashMap};

use chrono::{DateTime, NaiveDate, Utc};
use db::{Context, PgConnection, audit};
use domain::{DistributorId, DocumentId, Money, ProductId, Quantity, Unit, UserId, WarehouseId};
use platform::{Loaded, RowError};
use serde::Serialize;
use uuid::Uuid;

use crate::error::StockError;
use crate::model::{ProductValues, Reason, Warehouse, WarehouseKind, WarehouseStatus};
use crate::stock::{self, Posting, ReceiveLine};
use crate::store;

/// A row of the file.
#[derive(Debug, Clone)]
pub struct OpeningRow {
    /// Its number in the file.
    pub row: u32,
    /// The warehouse's code; a warehouse that doesn't exist is made.
    pub warehouse_code: String,
    /// The name of a new warehouse; its code when absent.
    pub warehouse_name: Option<String>,
    /// The product's code.
    pub product_code: String,
    /// Pieces.
    pub pieces: i64,
    /// The number printed on the goods, if it is known.
    pub lot_number: Option<String>,
    /// The expiry date, if the goods have one.
    pub expiry: Option<NaiveDate>,
}

/// The headers that errors name.
#[derive(Debug, Clone, Copy)]
pub struct Headers {
    /// Of the product's code.
    pub product: &'static str,
    /// Of the quantity.
    pub quantity: &'static str,
}

/// Where and when opening stock is posted.
#[derive(Debug, Clone, Copy)]
pub struct Opening {
    /// Whose stock it is.
    pub distributor: DistributorId,
    /// The business day it counts on.
    pub business_date: NaiveDate,
    /// The instant of the posting.
    pub at: DateTime<Utc>,
}

/// What was posted as opening of one product and lot, in pieces.
type Posted = HashMap<(ProductId, String, Option<NaiveDate>), i64>;

/// Brings the opening stock to what the rows say; tells how many were new, changed and so already. Rows of unknown
/// products, and those that stock doesn't allow, go to `errors`. Warehouse, product and lot must be distinct.
///
/// # Errors
/// When the database refuses, or stock was taken meanwhile.
pub async fn load(
    c: &mut PgConnection,
    cx: &Context,
    opening: Opening,
    rows: &[OpeningRow],
    headers: Headers,
    errors: &mut Vec<RowError>,
) -> Result<Loaded, StockError> {
    // What a file changes depends on what was loaded before it: one file after the other.
    store::lock_opening(c, opening.distributor).await?;
    let products = products(c, rows).await?;
    let mut warehouses: BTreeMap<&str, Vec<&OpeningRow>> = BTreeMap::new();
    for row in rows {
        warehouses.entry(&row.warehouse_code).or_default().push(row);
    }
    let mut loaded = Loaded::default();
    for (code, rows) in warehouses {
        let warehouse = find_or_make_warehouse(c, cx, opening, code, &rows).await?;
        let posted = posted(c, opening.distributor, warehouse.warehouse_id).await?;
        let free = free(c, opening.distributor, warehouse.warehouse_id).await?;
        let (mut incoming, mut outgoing) = (Vec::new(), Vec::new());
        for row in rows {
            let wrong = |column: &'static str, value: &str, vi: &'static str, en: &'static str| {
                RowError::new(row.row, column, value, vi, en)
            };
            let Some((product, values)) = products.get(&row.product_code) else {
                errors.push(wrong(
                    headers.product,
                    &row.product_code,
                    "Không có sản phẩm mã này",
                    "No product has this code",
                ));
                continue;
            };
            if row.pieces < 0 && !warehouse.allow_negative {
                let (vi, en) = ("Kho này không cho tồn âm", "This warehouse doesn't allow negative stock");
                errors.push(wrong(headers.quantity, &row.pieces.to_string(), vi, en));
                continue;
            }
            let key = (*product, row.lot_number.clone().unwrap_or_default(), row.expiry);
            let before = posted.get(&key).copied();
            let change = row.pieces.checked_sub(before.unwrap_or_default()).ok_or(StockError::OutOfRange)?;
            if change < 0
                && !warehouse.allow_negative
                && free.get(product).copied().unwrap_or_default() < -change
            {
                let (vi, en) =
                    ("Hàng đã được xuất hoặc giữ cho đơn", "The goods were issued or reserved already");
                errors.push(wrong(headers.quantity, &row.pieces.to_string(), vi, en));
                continue;
            }
            match (change, before) {
                (0, _) => {
                    loaded.unchanged += 1;
                    continue;
                }
                (_, None) => loaded.created += 1,
                (_, Some(_)) => loaded.updated += 1,
            }
            let line = line(*product, key.1, row.expiry, change.unsigned_abs(), values)?;
            if change > 0 { incoming.push(line) } else { outgoing.push(line) }
        }
        if incoming.is_empty() && outgoing.is_empty() {
            continue;
        }
        let id = DocumentId::new(Uuid::now_v7());
        let number = format!("TDK-{}-{}", opening.business_date.format("%Y%m%d"), warehouse.code);
        let posting = Posting {
            distributor: opening.distributor,
            warehouse: warehouse.warehouse_id,
            document_id: id,
            number: &number,
            business_date: opening.business_date,
            at: opening.at,
            // The system's own work has no user.
            actor: cx.user.unwrap_or(UserId::new(Uuid::nil())),
        };
        stock::adjust(c, &posting, Reason::Opening, &incoming, &outgoing).await?;
        let after =
            Summary { warehouse: &warehouse.code, incoming: incoming.len(), outgoing: outgoing.len() };
        let entry = audit::Entry {
            action: "inventory.opening",
            entity: "stock_opening",
            entity_id: Some(id.uuid()),
            distributor: Some(opening.distributor),
            before: None::<&()>,
            after: Some(&after),
        };
        audit::record(c, cx, opening.at, entry).await?;
    }
    Ok(loaded)
}

/// What the audit log keeps of a posting.
#[derive(Serialize)]
struct Summary<'a> {
    warehouse: &'a str,
    incoming: usize,
    outgoing: usize,
}

fn line(
    product_id: ProductId,
    lot_number: String,
    expiry: Option<NaiveDate>,
    pieces: u64,
    values: &ProductValues,
) -> Result<ReceiveLine, StockError> {
    let pieces = i64::try_from(pieces).map_err(|_| StockError::OutOfRange)?;
    let value = |price: Money| price.checked_mul(pieces);
    Ok(ReceiveLine {
        product_id,
        lot_number,
        expiry,
        pieces: Quantity::new(pieces),
        typed_quantity: pieces,
        unit: Unit::Retail,
        selling_value: value(values.selling.retail)?,
        cost_value: value(values.purchase.retail)?,
        sold_value: Money::ZERO,
    })
}

/// The products of the file by code.
async fn products(
    c: &mut PgConnection,
    rows: &[OpeningRow],
) -> Result<HashMap<String, (ProductId, ProductValues)>, sqlx::Error> {
    let codes: Vec<String> = rows.iter().map(|row| row.product_code.clone()).collect();
    let found = sqlx::query!(
        r#"select id as "id: ProductId", code from products where code = any ($1) and deleted_at is null"#,
        &codes,
    )
    .fetch_all(&mut *c)
    .await?;
    let ids: Vec<ProductId> = found.iter().map(|product| product.id).collect();
    let values = store::list_product_values(c, &ids).await?;
    Ok(found.into_iter().filter_map(|p| Some((p.code, (p.id, *values.get(&p.id)?)))).collect())
}

/// The warehouse with this code; made when there is none: for promotions or returns if its name says so.
async fn find_or_make_warehouse(
    c: &mut PgConnection,
    cx: &Context,
    opening: Opening,
    code: &str,
    rows: &[&OpeningRow],
) -> Result<Warehouse, sqlx::Error> {
    let distributor = opening.distributor;
    let known = store::list_warehouses(c, platform::Scope::All, Some(distributor), None).await?;
    if let Some(warehouse) = known.into_iter().find(|warehouse| warehouse.code == code) {
        return Ok(warehouse);
    }
    let name = rows.iter().find_map(|row| row.warehouse_name.clone()).unwrap_or_else(|| code.to_owned());
    let key = domain::search_key(&name);
    let kind = if key.contains("khuyen mai") {
        WarehouseKind::Promotion
    } else if key.contains("hang tra") || key.contains("tra hang") {
        WarehouseKind::Return
    } else {
        WarehouseKind::Main
    };
    let warehouse = Warehouse {
        warehouse_id: WarehouseId::new(Uuid::now_v7()),
        distributor_id: distributor,
        code: code.to_owned(),
        name,
        kind,
        rep_id: None,
        allow_negative: false,
        status: WarehouseStatus::Active,
        version: 1,
    };
    store::insert_warehouse(c, &warehouse, opening.at).await?;
    let entry = audit::Entry {
        action: "inventory.create_warehouse",
        entity: "warehouse",
        entity_id: Some(warehouse.warehouse_id.uuid()),
        distributor: Some(distributor),
        before: None::<&()>,
        after: Some(&warehouse),
    };
    audit::record(c, cx, opening.at, entry).await?;
    Ok(warehouse)
}

/// What was posted as opening before.
async fn posted(
    c: &mut PgConnection,
    distributor: DistributorId,
    warehouse: WarehouseId,
) -> Result<Posted, sqlx::Error> {
    let rows = sqlx::query!(
        r#"select m.product_id as "product_id: ProductId", l.lot_number, l.expiry, sum(m.quantity)::bigint as "pieces!"
           from stock_movements m join lots l on l.distributor_id = m.distributor_id and l.id = m.lot_id
           where m.distributor_id = $1 and m.warehouse_id = $2 and m.reason = 'opening'
           group by m.product_id, l.lot_number, l.expiry"#,
        distributor.uuid(),
        warehouse.uuid(),
    )
    .fetch_all(c)
    .await?;
    Ok(rows.into_iter().map(|r| ((r.product_id, r.lot_number, r.expiry), r.pieces)).collect())
}

/// What of each product is neither issued nor reserved.
async fn free(
    c: &mut PgConnection,
    distributor: DistributorId,
    warehouse: WarehouseId,
) -> Result<HashMap<ProductId, i64>, sqlx::Error> {
    let rows = sqlx::query!(
        r#"select product_id as "product_id: ProductId", on_hand - reserved as "free!" from stock_items
           where distributor_id = $1 and warehouse_id = $2"#,
        distributor.uuid(),
        warehouse.uuid(),
    )
    .fetch_all(c)
    .await?;
    Ok(rows.into_iter().map(|r| (r.product_id, r.free)).collect())
}
