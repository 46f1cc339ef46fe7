//! A month as an Excel file: a row per rep, a sum per unit, a grand total.

use domain::kpi::Hundredths;
use domain::{Month, OrgUnitId};
use platform::ApiError;
use sheets::{Cell, Column, Look, Sheet};

use crate::model::{Average, Measure, Measures};
use crate::performance::{Figures, together};

const fn number(header: &'static str) -> Column {
    Column { header, width: 16.0 }
}

const COLUMNS: &[Column] = &[
    Column { header: "Phòng/nhóm", width: 28.0 },
    Column { header: "Mã NV", width: 14.0 },
    Column { header: "Tên nhân viên", width: 26.0 },
    number("Viếng thăm: Chỉ tiêu"),
    number("Viếng thăm: Thực hiện"),
    number("Viếng thăm: Đạt %"),
    number("Khách hàng mới: Chỉ tiêu"),
    number("Khách hàng mới: Thực hiện"),
    number("Khách hàng mới: Đạt %"),
    number("Số đơn: Chỉ tiêu"),
    number("Số đơn: Thực hiện"),
    number("Số đơn: Đạt %"),
    number("Doanh số: Chỉ tiêu"),
    number("Doanh số: Thực hiện"),
    number("Doanh số: Đạt %"),
    number("Doanh thu: Chỉ tiêu"),
    number("Doanh thu: Thực hiện"),
    number("Doanh thu: Đạt %"),
    number("Sản lượng (lẻ): Chỉ tiêu"),
    number("Sản lượng (lẻ): Thực hiện"),
    number("Sản lượng (lẻ): Đạt %"),
    number("SKU/đơn: Chỉ tiêu"),
    number("SKU/đơn: Thực hiện"),
    number("SKU/đơn: Đạt %"),
    number("Phút làm việc: Chỉ tiêu"),
    number("Phút làm việc: Thực hiện"),
    number("Phút làm việc: Đạt %"),
];

/// The people, who come by unit, with their sums.
pub(crate) fn sheet(month: Month, people: &[Figures]) -> Result<Sheet, ApiError> {
    let mut rows = Vec::with_capacity(people.len());
    for of_unit in people.chunk_by(|a, b| unit(a) == unit(b)) {
        let name = of_unit.first().and_then(|person| person.who.unit_name.clone()).unwrap_or_default();
        for person in of_unit {
            let head =
                [&name, &person.who.username, &person.who.full_name].map(|text| Cell::Text(text.clone()));
            rows.push((Look::Plain, row(head, &person.measures())));
        }
        let head = [Cell::Text(format!("Cộng {name}")), Cell::Empty, Cell::Empty];
        rows.push((Look::Sum, row(head, &together(of_unit)?)));
    }
    let head = [Cell::Text("Tổng cộng".to_owned()), Cell::Empty, Cell::Empty];
    rows.push((Look::Sum, row(head, &together(people)?)));
    let days = domain::business_day::format_vn_date;
    Ok(Sheet {
        name: "KPI tháng",
        title: "KPI THÁNG",
        subtitle: format!("Từ ngày {} đến ngày {}", days(month.first_day()), days(month.last_day())),
        columns: COLUMNS,
        rows,
    })
}

fn unit(person: &Figures) -> Option<OrgUnitId> {
    person.who.unit_id
}

fn row(head: [Cell; 3], m: &Measures) -> Vec<Cell> {
    let mut cells = Vec::from(head);
    for measure in [m.visits, m.new_customers, m.orders, m.sales, m.revenue, m.volume] {
        cells.extend(measured(measure));
    }
    cells.extend(averaged(m.skus_per_order));
    cells.extend(measured(m.work_minutes));
    cells
}

fn measured(measure: Measure) -> [Cell; 3] {
    let target = measure.target.map_or(Cell::Empty, Cell::Number);
    [target, Cell::Number(measure.actual), decimal(measure.achievement)]
}

fn averaged(average: Average) -> [Cell; 3] {
    [decimal(average.target), decimal(average.actual), decimal(average.achievement)]
}

fn decimal(value: Option<Hundredths>) -> Cell {
    value.map_or(Cell::Empty, |value| Cell::Text(value.to_string()))
}
