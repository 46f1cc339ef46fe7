//! `Số thứ tự, Nhãn hiệu, Mã sản phẩm, Tên sản phẩm, Ngành hàng, …`

use catalog::import::ProductRow;
use platform::RowError;

use crate::fields::{Fields, drop_duplicates};
use crate::table::Column;

const ORDER: Column = Column::optional("Số thứ tự").or(&["STT"]);
const BRAND: Column = Column::optional("Nhãn hiệu");
const CODE: Column = Column::required("Mã sản phẩm").or(&["Mã hàng"]);
const NAME: Column = Column::required("Tên sản phẩm").or(&["Tên hàng"]);
const CATEGORY: Column = Column::optional("Ngành hàng");
const CATEGORY_NAME: Column = Column::optional("Nhãn Ngành hàng");
const SUPPLIER: Column = Column::optional("Nhà cung cấp");
const UNIT: Column = Column::optional("ĐVT chẵn").or(&["Đơn vị tính chẵn"]);
const SUB_UNIT: Column = Column::optional("ĐVT lẻ").or(&["Đơn vị tính lẻ"]);
const CONVERSION: Column = Column::optional("Hệ số quy đổi");
const LOW_STOCK: Column = Column::optional("Cảnh báo tồn kho");
const PURCHASE: Column = Column::optional("Giá nhập");
const PURCHASE_SUB: Column = Column::optional("Giá nhập lẻ");
const PRICE: Column = Column::required("Giá").or(&["Giá bán"]);
const PRICE_SUB: Column = Column::optional("Giá lẻ").or(&["Giá bán lẻ"]);
const VAT: Column = Column::optional("VAT").or(&["VAT (%)", "Thuế VAT"]);
const DESCRIPTION: Column = Column::optional("Mô tả");
const IMAGE: Column = Column::optional("Hình ảnh");
const LOCKED: Column = Column::optional("Khóa").or(&["Khoá"]);

pub(super) const COLUMNS: &[Column] = &[
    ORDER,
    BRAND,
    CODE,
    NAME,
    CATEGORY,
    CATEGORY_NAME,
    SUPPLIER,
    UNIT,
    SUB_UNIT,
    CONVERSION,
    LOW_STOCK,
    PURCHASE,
    PURCHASE_SUB,
    PRICE,
    PRICE_SUB,
    VAT,
    DESCRIPTION,
    IMAGE,
    LOCKED,
];

pub(super) fn row(mut f: Fields<'_>) -> Option<ProductRow> {
    let row = ProductRow {
        row: f.number(),
        code: f.required(&CODE, 50),
        name: f.required(&NAME, 300),
        display_order: f.whole(&ORDER, 0..=1_000_000).and_then(|n| i32::try_from(n).ok()),
        brand: f.line(&BRAND, 200),
        category_code: f.line(&CATEGORY, 200),
        category_name: f.line(&CATEGORY_NAME, 200),
        supplier: f.line(&SUPPLIER, 300),
        unit_name: f.line(&UNIT, 50),
        sub_unit_name: f.line(&SUB_UNIT, 50),
        conversion_rate: f.whole(&CONVERSION, 1..=1_000_000),
        low_stock_threshold: f.whole(&LOW_STOCK, 0..=1_000_000_000),
        purchase_price: f.money(&PURCHASE),
        purchase_price_sub: f.money(&PURCHASE_SUB),
        selling_price: f.money(&PRICE),
        selling_price_sub: f.money(&PRICE_SUB),
        vat: f.vat(&VAT),
        description: f.text(&DESCRIPTION, 5000),
        image: f.line(&IMAGE, 500),
        locked: f.flag(&LOCKED),
    };
    f.done(row)
}

pub(super) fn check(rows: &mut Vec<ProductRow>, errors: &mut Vec<RowError>) {
    drop_duplicates(rows, &CODE, |row| row.row, |row| Some(row.code.clone()), errors);
}
