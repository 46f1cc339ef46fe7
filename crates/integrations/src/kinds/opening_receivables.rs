//! `Mã khách hàng, Số chứng từ, Ngày, Hạn thanh toán, Số tiền`

use platform::RowError;
use receivables::import::{Headers, OpeningRow};

use crate::fields::{Fields, MAX_MONEY, drop_duplicates};
use crate::table::Column;

const CUSTOMER: Column = Column::required("Mã khách hàng").or(&["Mã KH"]);
const NUMBER: Column = Column::required("Số chứng từ").or(&["Số hóa đơn", "Số phiếu"]);
const DATE: Column = Column::required("Ngày").or(&["Ngày chứng từ", "Ngày hóa đơn"]);
const DUE: Column = Column::optional("Hạn thanh toán").or(&["Ngày đến hạn", "Hạn nợ"]);
const AMOUNT: Column = Column::required("Số tiền").or(&["Còn nợ", "Số tiền còn nợ"]);

pub(super) const COLUMNS: &[Column] = &[CUSTOMER, NUMBER, DATE, DUE, AMOUNT];

/// The headers that errors about debts name.
pub const HEADERS: Headers = Headers { customer: CUSTOMER.name, date: DATE.name, due_date: DUE.name };

pub(super) fn row(mut f: Fields<'_>) -> Option<OpeningRow> {
    let date = f.date(&DATE);
    if date.is_none() {
        f.missing(&DATE);
    }
    let amount = f.whole(&AMOUNT, -MAX_MONEY..=MAX_MONEY);
    if amount.is_none() {
        f.missing(&AMOUNT);
    }
    let row = OpeningRow {
        row: f.number(),
        customer_code: f.required(&CUSTOMER, 50),
        document_number: f.required(&NUMBER, 100),
        date: date.unwrap_or_default(),
        due_date: f.date(&DUE),
        amount: amount.unwrap_or_default(),
    };
    f.done(row)
}

pub(super) fn check(rows: &mut Vec<OpeningRow>, errors: &mut Vec<RowError>) {
    let key = |row: &OpeningRow| Some(format!("{} / {}", row.customer_code, row.document_number));
    drop_duplicates(rows, &NUMBER, |row| row.row, key, errors);
}
