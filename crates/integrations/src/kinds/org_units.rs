//! `#, Mã đơn vị, Tên đơn vị, Giám sát (x), Nhóm bán hàng (x), Mã cha`

use org::import::{UnitHeaders, UnitRow};
use platform::RowError;

use crate::fields::{Fields, drop_duplicates};
use crate::table::Column;

const INDEX: Column = Column::required("#").or(&["Chỉ số", "STT phân cấp"]);
const CODE: Column = Column::required("Mã đơn vị");
const NAME: Column = Column::required("Tên đơn vị");
const SUPERVISOR: Column = Column::optional("Giám sát").or(&["Giám sát (x)"]);
const SALES_GROUP: Column = Column::optional("Nhóm bán hàng").or(&["Nhóm bán hàng (x)"]);
const PARENT_CODE: Column = Column::optional("Mã cha").or(&["Mã đơn vị cha"]);

pub(super) const COLUMNS: &[Column] = &[INDEX, CODE, NAME, SUPERVISOR, SALES_GROUP, PARENT_CODE];

/// The headers that errors about the tree name.
pub const HEADERS: UnitHeaders = UnitHeaders { index: INDEX.name, parent_code: PARENT_CODE.name };

pub(super) fn row(mut f: Fields<'_>) -> Option<UnitRow> {
    let row = UnitRow {
        row: f.number(),
        index: index(&mut f),
        code: f.required(&CODE, 100),
        name: f.required(&NAME, 300),
        is_supervisor: f.flag(&SUPERVISOR),
        is_sales_group: f.flag(&SALES_GROUP),
        parent_code: f.line(&PARENT_CODE, 100),
    };
    f.done(row)
}

/// `1.1.2`, perhaps with a dot at its end.
fn index(f: &mut Fields<'_>) -> Vec<u32> {
    let text = f.required(&INDEX, 200);
    if text.is_empty() {
        return Vec::new();
    }
    let numbers = text.trim_end_matches('.').split('.').map(|part| part.trim().parse::<u32>());
    match numbers.collect::<Result<Vec<u32>, _>>() {
        Ok(index) if index.iter().all(|n| (1..=999_999).contains(n)) => index,
        _ => {
            f.wrong(&INDEX, "Chỉ số phải có dạng 1.1.2", "The index must look like 1.1.2");
            Vec::new()
        }
    }
}

pub(super) fn check(rows: &mut Vec<UnitRow>, errors: &mut Vec<RowError>) {
    let path = |row: &UnitRow| row.index.iter().map(u32::to_string).collect::<Vec<_>>().join(".");
    drop_duplicates(rows, &INDEX, |row| row.row, |row| Some(path(row)), errors);
}
