//! `Mã hàng, Tên hàng, Số lô, Hạn sử dụng, SL chẵn, SL lẻ`

use inventory::import_count::{CountRow, Headers};

use crate::fields::Fields;
use crate::table::Column;

const PRODUCT: Column = Column::required("Mã hàng").or(&["Mã sản phẩm", "Mã vạch"]);
const NAME: Column = Column::optional("Tên hàng").or(&["Tên sản phẩm"]);
const LOT: Column = Column::optional("Số lô").or(&["Lô"]);
const EXPIRY: Column = Column::optional("Hạn sử dụng").or(&["HSD", "Date"]);
const WHOLE: Column = Column::optional("SL chẵn").or(&["Số lượng chẵn"]);
const RETAIL: Column = Column::required("SL lẻ").or(&["Số lượng lẻ", "Số lượng", "SL"]);

/// The columns of a sheet to count with.
pub const COLUMNS: &[Column] = &[PRODUCT, NAME, LOT, EXPIRY, WHOLE, RETAIL];

/// The headers that errors of counts name.
pub const HEADERS: Headers = Headers { product: PRODUCT.name, lot: LOT.name, retail: RETAIL.name };

/// The most of one unit in a row.
const MAX_QUANTITY: i64 = 10_000_000;

pub(super) fn row(mut f: Fields<'_>) -> Option<CountRow> {
    let row = CountRow {
        row: f.number(),
        product: f.required(&PRODUCT, 100),
        lot_number: f.line(&LOT, 50),
        expiry: f.date(&EXPIRY),
        whole: f.whole(&WHOLE, 0..=MAX_QUANTITY),
        retail: f.whole(&RETAIL, 0..=MAX_QUANTITY),
    };
    f.done(row)
}
