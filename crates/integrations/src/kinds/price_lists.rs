//! `Mã bảng giá, Tên bảng giá, Phạm vi, Áp dụng cho, Ưu tiên, Từ ngày, Đến ngày, Mã sản phẩm, Giá, Giá lẻ`

use catalog::import_prices::{Headers, PriceRow, ScopeCode};
use platform::RowError;

use crate::fields::{Fields, drop_duplicates};
use crate::table::Column;

const LIST: Column = Column::required("Mã bảng giá");
const NAME: Column = Column::optional("Tên bảng giá");
const SCOPE: Column = Column::optional("Phạm vi");
const SCOPE_VALUE: Column = Column::optional("Áp dụng cho");
const PRIORITY: Column = Column::optional("Ưu tiên");
const FROM: Column = Column::optional("Từ ngày").or(&["Ngày bắt đầu", "Ngày hiệu lực"]);
const TO: Column = Column::optional("Đến ngày").or(&["Ngày kết thúc"]);
const PRODUCT: Column = Column::required("Mã sản phẩm").or(&["Mã hàng"]);
const PRICE: Column = Column::optional("Giá").or(&["Giá chẵn", "Giá bán"]);
const PRICE_SUB: Column = Column::optional("Giá lẻ").or(&["Giá bán lẻ"]);

pub(super) const COLUMNS: &[Column] =
    &[LIST, NAME, SCOPE, SCOPE_VALUE, PRIORITY, FROM, TO, PRODUCT, PRICE, PRICE_SUB];

/// The headers that errors about prices name.
pub const HEADERS: Headers = Headers {
    list: LIST.name,
    valid_from: FROM.name,
    valid_to: TO.name,
    scope_value: SCOPE_VALUE.name,
    product: PRODUCT.name,
    price: PRICE.name,
    price_sub: PRICE_SUB.name,
};

/// What a list holds for.
#[derive(Clone, Copy)]
enum Scope {
    Company,
    Channel,
    CustomerGroup,
    Distributor,
    Customer,
}

const SCOPES: &[(Scope, &[&str])] = &[
    (Scope::Company, &["cong ty", "company", "tat ca", "toan cong ty"]),
    (Scope::Channel, &["kenh", "channel"]),
    (Scope::CustomerGroup, &["nhom khach hang", "nhom kh", "nhom", "customer group"]),
    (Scope::Distributor, &["npp", "nha phan phoi", "distributor"]),
    (Scope::Customer, &["khach hang", "kh", "customer"]),
];

pub(super) fn row(mut f: Fields<'_>) -> Option<PriceRow> {
    let kind = f.choice(&SCOPE, SCOPES);
    let value = f.line(&SCOPE_VALUE, 200);
    let scope = match (kind, value) {
        (None, None) => None,
        (Some(Scope::Company), _) => Some(ScopeCode::Company),
        (None, Some(_)) => {
            f.missing(&SCOPE);
            None
        }
        (Some(_), None) => {
            f.missing(&SCOPE_VALUE);
            None
        }
        (Some(Scope::Channel), Some(value)) => Some(ScopeCode::Channel(value)),
        (Some(Scope::CustomerGroup), Some(value)) => Some(ScopeCode::CustomerGroup(value)),
        (Some(Scope::Distributor), Some(value)) => Some(ScopeCode::Distributor(value)),
        (Some(Scope::Customer), Some(value)) => Some(ScopeCode::Customer(value)),
    };
    let row = PriceRow {
        row: f.number(),
        list_code: f.required(&LIST, 50),
        list_name: f.line(&NAME, 300),
        scope,
        priority: f.whole(&PRIORITY, -1_000_000..=1_000_000).and_then(|p| i32::try_from(p).ok()),
        valid_from: f.date(&FROM),
        valid_to: f.date(&TO),
        product_code: f.required(&PRODUCT, 50),
        price: f.money(&PRICE),
        price_sub: f.money(&PRICE_SUB),
    };
    f.done(row)
}

pub(super) fn check(rows: &mut Vec<PriceRow>, errors: &mut Vec<RowError>) {
    let key = |row: &PriceRow| Some(format!("{} / {}", row.list_code, row.product_code));
    drop_duplicates(rows, &PRODUCT, |row| row.row, key, errors);
}
