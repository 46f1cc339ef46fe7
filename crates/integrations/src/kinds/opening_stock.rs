//! `Mã kho, Tên kho, Mã hàng, Số lượng`

use inventory::import::{Headers, OpeningRow};
use platform::RowError;

use crate::fields::{Fields, drop_duplicates};
use crate::table::Column;

const WAREHOUSE: Column = Column::required("Mã kho");
const WAREHOUSE_NAME: Column = Column::optional("Tên kho");
const PRODUCT: Column = Column::required("Mã hàng").or(&["Mã sản phẩm"]);
const QUANTITY: Column = Column::required("Số lượng").or(&["SL"]);
const LOT: Column = Column::optional("Số lô").or(&["Lô"]);
const EXPIRY: Column = Column::optional("Hạn sử dụng").or(&["HSD", "Date"]);

pub(super) const COLUMNS: &[Column] = &[WAREHOUSE, WAREHOUSE_NAME, PRODUCT, QUANTITY, LOT, EXPIRY];

/// The headers that errors about stock name.
pub const HEADERS: Headers = Headers { product: PRODUCT.name, quantity: QUANTITY.name };

/// The most pieces of one product.
const MAX_PIECES: i64 = 1_000_000_000;

pub(super) fn row(mut f: Fields<'_>) -> Option<OpeningRow> {
    let row = OpeningRow {
        row: f.number(),
        warehouse_code: f.required(&WAREHOUSE, 50),
        warehouse_name: f.line(&WAREHOUSE_NAME, 300),
        product_code: f.required(&PRODUCT, 50),
        pieces: match f.whole(&QUANTITY, -MAX_PIECES..=MAX_PIECES) {
            Some(pieces) => pieces,
            None => {
                f.missing(&QUANTITY);
                0
            }
        },
        lot_number: f.line(&LOT, 100),
        expiry: f.date(&EXPIRY),
    };
    f.done(row)
}

pub(super) fn check(rows: &mut Vec<OpeningRow>, errors: &mut Vec<RowError>) {
    let key = |row: &OpeningRow| {
        let mut key = format!("{} / {}", row.warehouse_code, row.product_code);
        if let Some(lot) = &row.lot_number {
            key.push_str(" / ");
            key.push_str(lot);
        }
        if let Some(expiry) = row.expiry {
            key.push_str(&format!(" / {expiry}"));
        }
        Some(key)
    };
    drop_duplicates(rows, &PRODUCT, |row| row.row, key, errors);
}
