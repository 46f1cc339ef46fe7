use calamine::{Data, Reader as _, Xlsx};
use serde_json::{Value, json};
use test_kit::{Answer, world};

use crate::{prepare, start};

const PATH: &str = "/api/v1/reports/sales-by-rep";

/// What tells rows apart, and their figures.
fn rows(report: &Value) -> Vec<Value> {
    report["rows"]
        .as_array()
        .unwrap()
        .iter()
        .map(|r| {
            json!([
                r["repName"],
                r["productCode"],
                r["unit"],
                r["isFree"],
                r["orderCount"],
                r["quantity"],
                r["unitPrice"],
                r["vat"],
                r["gross"],
                r["productDiscount"],
                r["orderDiscount"],
                r["netRevenue"],
                r["revenue"],
            ])
        })
        .collect()
}

#[tokio::test]
async fn revenue_counts_at_the_issue_with_free_goods_on_rows_of_their_own() {
    let t = start().await;
    prepare(&t, include_str!("sales.sql")).await;
    let report = t.npp01().get(&format!("{PATH}?from=2026-08-01&to=2026-08-06")).await.expect(200);
    assert_eq!(
        rows(&report),
        [
            json!(["Nhân viên 1", "SP001", "Hộp", true, 1, 1, 0, 0, 0, 0, 0, 0, 0]),
            json!([
                "Nhân viên 1",
                "SP001",
                "Thùng",
                false,
                1,
                2,
                240_000,
                36_000,
                480_000,
                10_000,
                20_000,
                450_000,
                486_000
            ]),
            // 7 of 10 pieces are issued: 70 of 100, 4.9 of 7, 2.1 of 3, 6.3 of 9.
            json!(["Nhân viên 1", "SP002", "Bánh", false, 1, 7, 10, 6, 70, 4, 2, 64, 70]),
            json!([
                "Nhân viên 2",
                "SP001",
                "Thùng",
                false,
                1,
                1,
                240_000,
                19_200,
                240_000,
                0,
                0,
                240_000,
                259_200
            ]),
        ]
    );
    let sums: Vec<_> = report["subtotals"]
        .as_array()
        .unwrap()
        .iter()
        .map(|s| {
            json!([
                s["repName"],
                s["unitName"],
                s["orderCount"],
                s["quantity"],
                s["netRevenue"],
                s["revenue"]
            ])
        })
        .collect();
    assert_eq!(
        sums,
        [
            json!(["Nhân viên 1", "Tổ 1", 2, 10, 450_064, 486_070]),
            json!(["Nhân viên 2", "Tổ 1", 1, 1, 240_000, 259_200]),
        ]
    );
    assert_eq!(report["total"]["orderCount"], 3);
    assert_eq!(report["total"]["revenue"], 745_270);
    assert_eq!(report["columns"][13], json!({ "key": "netRevenue", "title": "Doanh thu thuần [5 = 2−3−4]" }));
}

#[tokio::test]
async fn an_invoice_that_is_issued_in_parts_adds_up_over_its_days() {
    let t = start().await;
    prepare(&t, include_str!("sales.sql")).await;
    let mut parts = Vec::new();
    for day in ["2026-08-05", "2026-08-06"] {
        let path = format!("{PATH}?from={day}&to={day}&productId={}", world::SOAP);
        let report = t.npp01().get(&path).await.expect(200);
        let total = &report["total"];
        parts.push(json!([
            total["quantity"],
            total["gross"],
            total["productDiscount"],
            total["orderDiscount"],
            total["vat"]
        ]));
    }
    assert_eq!(parts, [json!([3, 30, 2, 0, 2]), json!([4, 40, 2, 2, 4])]);
}

#[tokio::test]
async fn orders_count_on_the_day_they_were_taken_unless_rejected() {
    let t = start().await;
    prepare(&t, include_str!("sales.sql")).await;
    let report =
        async |query: &str| t.npp01().get(&format!("{PATH}?basis=ordered&{query}")).await.expect(200);
    let day = report("from=2026-08-06").await;
    assert_eq!(day["total"]["orderCount"], 2);
    assert_eq!(day["total"]["gross"], 250_000);
    assert_eq!(report(&format!("repId={}", world::REP1)).await["total"]["gross"], 490_100);
    assert_eq!(report(&format!("customerId={}", world::SHOP2)).await["total"]["gross"], 100);
    assert_eq!(report(&format!("productId={}", world::SOAP)).await["total"]["orderCount"], 1);
    assert_eq!(report(&format!("unitId={}", world::UNIT1)).await["total"]["orderCount"], 4);
    assert_eq!(report(&format!("unitId={}", world::UNIT2)).await["total"]["orderCount"], 0);
    assert_eq!(report(&format!("warehouseId={}", world::MAIN2)).await["rows"], json!([]));
}

#[tokio::test]
async fn one_sees_the_sales_of_ones_people() {
    let t = start().await;
    prepare(&t, include_str!("sales.sql")).await;
    let path = format!("{PATH}?from=2026-08-01");
    for (actor, orders) in
        [(t.npp01(), 3), (t.supervisor(), 3), (t.area_manager(), 4), (t.npp02(), 1), (t.admin(), 4)]
    {
        assert_eq!(actor.get(&path).await.expect(200)["total"]["orderCount"], orders);
    }
    let other = format!("{path}&distributorId={}", world::NPP02);
    assert_eq!(t.npp01().get(&other).await.expect(200)["total"]["orderCount"], 0);
    assert_eq!(t.admin().get(&other).await.expect(200)["total"]["orderCount"], 1);
    t.rep1().get(&path).await.problem(403, "forbidden");
    t.anonymous().get(&path).await.expect(401);
    t.npp01().get(&format!("{PATH}?from=2026-08-07&to=2026-08-06")).await.problem(400, "validation");
    t.npp01().get(&format!("{PATH}?from=31/02/2026")).await.problem(400, "validation");
}

/// The first sheet of an Excel file, row by row.
fn table(answer: &Answer) -> Vec<Vec<Data>> {
    let mut file: Xlsx<_> =
        calamine::open_workbook_from_rs(std::io::Cursor::new(answer.bytes.clone())).unwrap();
    let range = file.worksheet_range_at(0).unwrap().unwrap();
    range.rows().map(<[Data]>::to_vec).collect()
}

#[tokio::test]
async fn the_excel_file_has_the_headers_of_the_company_and_the_same_figures() {
    let t = start().await;
    prepare(&t, include_str!("sales.sql")).await;
    // A name that looks like a formula stays a name.
    prepare(&t, "update products set name = '=1+1' where code = 'SP002'").await;
    let path = format!("{PATH}?from=2026-08-01&to=2026-08-06&format=xlsx");
    let answer = t.npp01().get(&path).await;
    answer.expect(200);
    assert_eq!(
        answer.headers["content-disposition"],
        "attachment; filename=\"bao-cao-ban-hang-theo-nhan-vien_2026-08-01_2026-08-06.xlsx\""
    );
    assert_eq!(
        answer.headers["content-type"],
        "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
    );
    let table = table(&answer);
    assert_eq!(table[0][0], Data::String("BÁO CÁO BÁN HÀNG THEO NHÂN VIÊN".into()));
    assert_eq!(
        table[1][0],
        Data::String("Từ ngày 01/08/2026 đến ngày 06/08/2026, theo phiếu xuất kho".into())
    );
    let headers: Vec<_> = table[3].iter().map(ToString::to_string).collect();
    assert_eq!(
        headers,
        [
            "#",
            "Phòng/nhóm",
            "Tên nhân viên",
            "Mã sản phẩm",
            "Tên sản phẩm",
            "ĐVT",
            "Số đơn",
            "SL",
            "Đơn giá",
            "VAT [1]",
            "Thành tiền [2]",
            "Chiết khấu SP [3]",
            "Chiết khấu ĐH [4]",
            "Doanh thu thuần [5 = 2−3−4]",
            "Doanh thu [6 = 5+1]",
        ]
    );
    let lines: Vec<String> = table[4..]
        .iter()
        .map(|row| row.iter().map(ToString::to_string).collect::<Vec<_>>().join("|"))
        .collect();
    assert_eq!(
        lines,
        [
            "1|Tổ 1|Nhân viên 1|SP001|Sữa tươi|Hộp|1|1|0|0|0|0|0|0|0",
            "2|Tổ 1|Nhân viên 1|SP001|Sữa tươi|Thùng|1|2|240000|36000|480000|10000|20000|450000|486000",
            "3|Tổ 1|Nhân viên 1|SP002|=1+1|Bánh|1|7|10|6|70|4|2|64|70",
            "|Tổ 1|Cộng Nhân viên 1||||2|10||36006|480070|10004|20002|450064|486070",
            "4|Tổ 1|Nhân viên 2|SP001|Sữa tươi|Thùng|1|1|240000|19200|240000|0|0|240000|259200",
            "|Tổ 1|Cộng Nhân viên 2||||1|1||19200|240000|0|0|240000|259200",
            "|Tổng cộng|||||3|11||55206|720070|10004|20002|690064|745270",
        ]
    );
}

/// A case of the first rep's milk came back on the 6th, and a free piece that was due back was charged; another return
/// is not received yet.
pub(crate) const RETURNS: &str = "
  create function pg_temp.u(n int) returns uuid language sql immutable as $$ select lpad(to_hex(n), 32, '0')::uuid $$;
  insert into sales_returns (distributor_id, id, number, status, customer_id, invoice_id, rep_id, unit_id, business_date,
    reason, gross, product_discount, order_discount, vat, total, received_on, created_by, created_at)
  select i.distributor_id, pg_temp.u(n), 'PT-' || n, r.status, i.customer_id, i.id, i.rep_id, i.unit_id, '2026-08-06', 'x',
    230000, 5000, 10000, 17200, 232200, case r.status when 'Received' then date '2026-08-06' end, i.created_by, now()
  from (values (401, 'Received'), (402, 'Approved')) r (n, status) join invoices i on i.id = pg_temp.u(101);
  insert into sales_return_lines (distributor_id, return_id, line_no, invoice_id, invoice_line_no, product_id, unit, quantity,
    pieces, unit_price, gross, product_discount, order_discount, vat_percent, vat, total, is_free, is_charge, condition)
  select r.distributor_id, r.id, x.line, r.invoice_id, x.line, pg_temp.u(x'4001'::int), unit, x.quantity, x.pieces, x.price, x.gross,
    x.discount, x.order_discount, 8, x.vat, x.gross - x.discount - x.order_discount + x.vat, charge, charge, 'saleable'
  from sales_returns r, (values
    (1, 'whole', 1, 24, 240000, 240000, 5000, 10000, 18000, false),
    (2, 'retail', 1, 1, 10000, -10000, 0, 0, -800, true)
  ) x (line, unit, quantity, pieces, price, gross, discount, order_discount, vat, charge);
";

#[tokio::test]
async fn what_came_back_counts_against_who_sold_it_on_the_day_it_came_in() {
    let t = start().await;
    prepare(&t, include_str!("sales.sql")).await;
    prepare(&t, RETURNS).await;
    let report = t.npp01().get(&format!("{PATH}?from=2026-08-05&to=2026-08-05")).await.expect(200);
    let before = &rows(&report)[1];
    assert_eq!((&before[5], &before[12]), (&json!(2), &json!(486_000)));
    let report = t.npp01().get(&format!("{PATH}?from=2026-08-01&to=2026-08-06")).await.expect(200);
    let milk: Vec<Value> =
        rows(&report).into_iter().filter(|r| r[0] == "Nhân viên 1" && r[1] == "SP001").collect();
    assert_eq!(
        milk,
        [
            json!(["Nhân viên 1", "SP001", "Hộp", true, 1, 1, 0, 0, 0, 0, 0, 0, 0]),
            // The charge is revenue; its piece was counted when it was given.
            json!(["Nhân viên 1", "SP001", "Hộp", true, 0, 0, 10_000, 800, 10_000, 0, 0, 10_000, 10_800]),
            json!([
                "Nhân viên 1",
                "SP001",
                "Thùng",
                false,
                1,
                1,
                240_000,
                18_000,
                240_000,
                5_000,
                10_000,
                225_000,
                243_000
            ]),
        ]
    );
    let ordered = t.npp01().get(&format!("{PATH}?from=2026-08-01&to=2026-08-06&basis=ordered")).await;
    assert!(rows(&ordered.expect(200)).iter().all(|r| r[5].as_i64().unwrap() > 0));
}
