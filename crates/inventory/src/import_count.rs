//! What was counted, from a file: the sheet that people fill in between the shelves.
//!
//! The file says what was counted, not what to add: its rows of one product and lot are summed and replace what was
//! entered before, and a figure that is so already is left alone, so a file loaded twice changes nothing. Rows without a
//! quantity were not counted and change nothing either.

use std::collections::BTreeMap;

use chrono::NaiveDate;
use db::PgConnection;
use domain::{LotId, ProductId, Quantity, StockCountId, TypedQuantity, Unit};
use platform::{ApiResult, App, Caller, Loaded, RowError};

use crate::model::StockCountLine;
use crate::service::{self, CountEntry, NamedLot, NamedProduct};
use crate::store;

/// A row of the file.
#[derive(Debug, Clone)]
pub struct CountRow {
    /// Its number in the file.
    pub row: u32,
    /// The product's code or barcode.
    pub product: String,
    /// The number printed on the goods; needed when the count has several lots of the product.
    pub lot_number: Option<String>,
    /// The expiry date, if the goods have one.
    pub expiry: Option<NaiveDate>,
    /// Cases.
    pub whole: Option<i64>,
    /// Pieces beside them.
    pub retail: Option<i64>,
}

/// The headers that errors name.
#[derive(Debug, Clone, Copy)]
pub struct Headers {
    /// Of the product's code.
    pub product: &'static str,
    /// Of the lot's number.
    pub lot: &'static str,
    /// Of the pieces.
    pub retail: &'static str,
}

/// What is expected to be found, to print or to fill in; without figures, so that people count.
#[derive(Debug, Clone)]
pub struct CountSheet {
    /// `KK-YYYYMMDD-NNNN`.
    pub number: String,
    /// The warehouse's code and name.
    pub warehouse: String,
    /// The business day.
    pub date: NaiveDate,
    /// The products and lots.
    pub lines: Vec<CountSheetLine>,
}

/// A line of it.
#[derive(Debug, Clone)]
pub struct CountSheetLine {
    /// The product's code.
    pub product_code: String,
    /// Its name.
    pub product_name: String,
    /// The lot's number; empty when unknown.
    pub lot_number: String,
    /// Its expiry date, if the goods have one.
    pub expiry: Option<NaiveDate>,
}

/// The sheet of a count; none when there is no such count for the caller.
///
/// # Errors
/// When the database refuses.
pub async fn sheet(c: &mut PgConnection, id: StockCountId) -> Result<Option<CountSheet>, sqlx::Error> {
    Ok(store::find_count(c, id).await?.map(|count| CountSheet {
        warehouse: format!("{} – {}", count.head.warehouse_code, count.head.warehouse_name),
        number: count.head.number,
        date: count.head.date,
        lines: count
            .lines
            .into_iter()
            .map(|line| CountSheetLine {
                product_code: line.product_code,
                product_name: line.product_name,
                lot_number: line.lot_number,
                expiry: line.expiry,
            })
            .collect(),
    }))
}

/// Sets what was counted to what the rows say; tells how many lines were counted for the first time, changed, and so
/// already. Rows of unknown products, and those that leave open which lot they mean, go to `errors`.
///
/// # Errors
/// 404, 409 when the count isn't open, 422 when sums are out of range.
pub async fn load(
    c: &mut PgConnection,
    app: &App,
    caller: &Caller,
    id: StockCountId,
    rows: &[CountRow],
    headers: Headers,
    errors: &mut Vec<RowError>,
) -> ApiResult<Loaded> {
    let count = service::lock_open(c, id).await?;
    let lines = store::list_count_lines(c, count.distributor_id, id).await?;
    let mut known: BTreeMap<ProductId, Vec<&StockCountLine>> = BTreeMap::new();
    for line in &lines {
        known.entry(line.product_id).or_default().push(line);
    }
    let codes: Vec<String> = rows.iter().map(|row| row.product.clone()).collect();
    let products = store::find_counted_products(c, &[], &codes).await?;
    let mut found: BTreeMap<(ProductId, Lot), Quantity> = BTreeMap::new();
    let mut loaded = Loaded::default();
    for row in rows {
        if row.whole.is_none() && row.retail.is_none() {
            loaded.unchanged += 1;
            continue;
        }
        let mut wrong = |column: &'static str, value: &str, vi: &'static str, en: &'static str| {
            errors.push(RowError::new(row.row, column, value, vi, en));
        };
        let by_code = products.iter().find(|p| p.code == row.product);
        let mut by_barcode = products.iter().filter(|p| p.barcode == row.product);
        let product = match (by_code, by_barcode.next(), by_barcode.next()) {
            (Some(product), ..) | (None, Some(product), None) => product,
            (None, Some(_), Some(_)) => {
                let (vi, en) = (
                    "Nhiều sản phẩm có mã vạch này; ghi mã hàng",
                    "Several products have this barcode; write the code",
                );
                wrong(headers.product, &row.product, vi, en);
                continue;
            }
            (None, None, _) => {
                let (vi, en) =
                    ("Không có sản phẩm với mã hoặc mã vạch này", "No product has this code or barcode");
                wrong(headers.product, &row.product, vi, en);
                continue;
            }
        };
        let in_count = known.get(&product.id).map(Vec::as_slice).unwrap_or_default();
        let Some(lot) = lot_of(row, in_count) else {
            let (vi, en) = (
                "Sản phẩm có nhiều lô như vậy; ghi số lô và hạn sử dụng",
                "The product has several such lots; write number and expiry date",
            );
            wrong(headers.lot, row.lot_number.as_deref().unwrap_or_default(), vi, en);
            continue;
        };
        let whole = TypedQuantity { quantity: row.whole.unwrap_or(0), unit: Unit::Whole };
        let pieces = whole
            .to_pieces(product.conversion)
            .and_then(|pieces| pieces.checked_add(Quantity::new(row.retail.unwrap_or(0))));
        let sum = found.entry((product.id, lot)).or_default();
        match pieces.and_then(|pieces| sum.checked_add(pieces)) {
            Ok(pieces) => *sum = pieces,
            Err(_) => wrong(headers.retail, "", "Số lượng quá lớn", "The quantity is too large"),
        }
    }
    let mut entries = Vec::new();
    for ((product, lot), pieces) in found {
        let before = known
            .get(&product)
            .and_then(|lines| lines.iter().find(|line| Lot::of(line) == lot))
            .and_then(|line| line.counted);
        match before {
            Some(before) if before == pieces => {
                loaded.unchanged += 1;
                continue;
            }
            Some(_) => loaded.updated += 1,
            None => loaded.created += 1,
        }
        let lot = match lot {
            Lot::Known(lot) => NamedLot::Id(lot),
            Lot::New(number, expiry) => NamedLot::Key(number, expiry),
        };
        let quantity = Some(pieces.pieces());
        entries.push(CountEntry { product: NamedProduct::Id(product), lot, quantity, unit: Unit::Retail });
    }
    if !entries.is_empty() {
        service::enter_counted(c, app, caller, id, &entries, false).await?;
    }
    Ok(loaded)
}

/// A lot that the count has, or another.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
enum Lot {
    Known(LotId),
    New(String, Option<NaiveDate>),
}

impl Lot {
    fn of(line: &StockCountLine) -> Self {
        Lot::Known(line.lot_id)
    }
}

/// The lot that the row means: of those in the count the one that has what the row says, or a new one. None when it
/// may mean several.
fn lot_of(row: &CountRow, in_count: &[&StockCountLine]) -> Option<Lot> {
    let mut fitting = in_count.iter().filter(|line| {
        row.lot_number.as_ref().is_none_or(|number| *number == line.lot_number)
            && row.expiry.is_none_or(|expiry| Some(expiry) == line.expiry)
    });
    match (fitting.next(), fitting.next()) {
        (Some(only), None) => Some(Lot::of(only)),
        (None, _) => Some(Lot::New(row.lot_number.clone().unwrap_or_default(), row.expiry)),
        // A row that names a number and no date may mean the lot that has none.
        (Some(_), Some(_)) => in_count
            .iter()
            .find(|line| row.lot_number.as_ref() == Some(&line.lot_number) && line.expiry == row.expiry)
            .map(|line| Lot::of(line)),
    }
}
