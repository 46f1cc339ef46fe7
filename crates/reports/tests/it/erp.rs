//! The file for the ERP against the documents and the reports, and the nightly making of it.

use std::collections::BTreeMap;
use std::io::Cursor;

use adapters::blob::BlobId;
use axum::http::Method;
use calamine::{Data, Reader as _, Xlsx};
use chrono::TimeDelta;
use reports::{Exported, export_days};
use serde_json::{Value, json};
use test_kit::{Actor, Answer, TestApp, world};

use crate::sales_by_rep::RETURNS;
use crate::{prepare, start};

const PATH: &str = "/api/v1/exports/erp";

/// The stock that left with the issues, and the case that came back.
const MOVEMENTS: &str = "
  create function pg_temp.u(n int) returns uuid language sql immutable as $$ select lpad(to_hex(n), 32, '0')::uuid $$;
  insert into stock_movements (distributor_id, id, warehouse_id, product_id, lot_id, business_date, posted_at, quantity,
    typed_quantity, typed_unit, selling_value, cost_value, sold_value, reason, document_id, document_number, actor_id)
  select l.distributor_id, gen_random_uuid(), g.warehouse_id, l.product_id, l.lot_id, g.business_date,
    g.business_date::timestamptz + interval '3 hours', -l.pieces, -l.pieces, 'retail', -l.pieces * 10000, -l.pieces * 8000,
    -l.gross, 'issue', g.id, g.number, g.created_by
  from goods_issue_lines l join goods_issues g on g.id = l.issue_id;
  insert into stock_movements (distributor_id, id, warehouse_id, product_id, lot_id, business_date, posted_at, quantity,
    typed_quantity, typed_unit, selling_value, cost_value, sold_value, reason, document_id, document_number, actor_id)
  select r.distributor_id, gen_random_uuid(), pg_temp.u(x'5001'::int), l.product_id, pg_temp.u(x'6002'::int), r.received_on,
    '2026-08-06 02:30:00.25+00', l.pieces, l.quantity, l.unit, 240000, 192000, l.gross, 'return', r.id, r.number, r.created_by
  from sales_return_lines l join sales_returns r on r.id = l.return_id where r.received_on is not null and not l.is_charge;
  insert into sales_return_lots (distributor_id, return_id, line_no, lot_id, warehouse_id, pieces)
  select r.distributor_id, l.return_id, l.line_no, pg_temp.u(x'6002'::int), pg_temp.u(x'5001'::int), l.pieces
  from sales_return_lines l join sales_returns r on r.id = l.return_id where r.received_on is not null and not l.is_charge;
";

async fn start_with_sales() -> TestApp {
    let t = start().await;
    prepare(&t, include_str!("sales.sql")).await;
    prepare(&t, RETURNS).await;
    prepare(&t, MOVEMENTS).await;
    t
}

/// A cell as the fingerprint has it.
fn cell(data: &Data) -> String {
    match data {
        Data::DateTime(day) => {
            let (year, month, day, ..) = day.to_ymd_hms_milli();
            format!("{year:04}-{month:02}-{day:02}")
        }
        other => other.to_string(),
    }
}

/// A sheet without the row of its headers and what is above it.
fn sheet(answer: &Answer, name: &str, header: usize) -> Vec<Vec<String>> {
    answer.expect(200);
    let mut file: Xlsx<_> = calamine::open_workbook_from_rs(Cursor::new(answer.bytes.clone())).unwrap();
    let range = file.worksheet_range(name).unwrap();
    range.rows().skip(header + 1).map(|row| row.iter().map(cell).collect()).collect()
}

fn sales(answer: &Answer) -> Vec<Vec<String>> {
    sheet(answer, "Bán hàng", 0)
}

fn stock(answer: &Answer) -> Vec<Vec<String>> {
    sheet(answer, "Nhập xuất kho", 0)
}

fn control(answer: &Answer) -> Vec<Vec<String>> {
    sheet(answer, "Đối chiếu", 3)
}

fn lines(rows: &[Vec<String>]) -> Vec<String> {
    rows.iter().map(|row| row.join("|")).collect()
}

fn number(text: &str) -> i64 {
    text.parse().unwrap()
}

fn sum(rows: &[Vec<String>], column: usize) -> i64 {
    rows.iter().map(|row| number(&row[column])).sum()
}

/// What the receiving side computes over the rows it has read.
fn fingerprint(rows: &[Vec<String>]) -> String {
    let text: String = rows.iter().map(|row| row.join("\t") + "\n").collect();
    BlobId::of(text.as_bytes()).as_str().to_owned()
}

async fn file(actor: Actor<'_>, day: &str) -> Answer {
    actor.get(&format!("{PATH}?date={day}")).await
}

#[tokio::test]
async fn each_line_that_was_issued_or_came_back_is_a_row() {
    let t = start_with_sales().await;
    let answer = file(t.npp01(), "2026-08-05").await;
    assert_eq!(answer.headers["content-disposition"], "attachment; filename=\"erp_2026-08-05.xlsx\"");
    assert_eq!(
        lines(&sales(&answer)),
        [
            // Out of two lots, on one row.
            "NPP01|PX-301|Xuất bán|2026-08-05|PB-DH-101|DH-101|KH001|Tạp hóa Cô Ba|nvbh01|KHO01|SP001|Thùng|2|48|240000|480000|10000|20000|450000|36000|486000|0|",
            "NPP01|PX-301|Xuất bán|2026-08-05|PB-DH-101|DH-101|KH001|Tạp hóa Cô Ba|nvbh01|KHO01|SP001|Hộp|1|1|0|0|0|0|0|0|0|1|KM1",
            "NPP01|PX-302|Xuất bán|2026-08-05|PB-DH-102|DH-102|KH002|Tạp hóa Đồng Tâm|nvbh01|KHO01|SP002|Bánh|3|3|10|30|2|0|28|2|30|0|",
        ]
    );
    let answer = file(t.npp01(), "2026-08-06").await;
    assert_eq!(
        lines(&sales(&answer)),
        [
            "NPP01|PX-303|Xuất bán|2026-08-06|PB-DH-102|DH-102|KH002|Tạp hóa Đồng Tâm|nvbh01|KHO01|SP002|Bánh|4|4|10|40|2|2|36|4|40|0|",
            "NPP01|PX-304|Xuất bán|2026-08-06|PB-DH-103|DH-103|KH001|Tạp hóa Cô Ba|nvbh02|KHO01|SP001|Thùng|1|24|240000|240000|0|0|240000|19200|259200|0|",
            "NPP01|PT-401|Trả hàng|2026-08-06|PB-DH-101|DH-101|KH001|Tạp hóa Cô Ba|nvbh01|KHO01|SP001|Thùng|-1|-24|240000|-240000|-5000|-10000|-225000|-18000|-243000|0|",
            // A gift that was kept and is charged: its piece went before.
            "NPP01|PT-401|Trả hàng|2026-08-06|PB-DH-101|DH-101|KH001|Tạp hóa Cô Ba|nvbh01||SP001|Hộp|0|0|10000|10000|0|0|10000|800|10800|1|",
        ]
    );
    assert_eq!(
        lines(&stock(&answer)),
        [
            "NPP01|KHO01|PT-401|Trả hàng|SP001|B|2027-03-31|24|Thùng|1|240000|192000|240000|2026-08-06|2026-08-06T09:30:00.250+07:00",
            "NPP01|KHO01|PX-303|Xuất bán|SP002|S||-4|Bánh|-4|-40000|-32000|-40|2026-08-06|2026-08-06T10:00:00.000+07:00",
            "NPP01|KHO01|PX-304|Xuất bán|SP001|A|2026-10-31|-24|Hộp|-24|-240000|-192000|-240000|2026-08-06|2026-08-06T10:00:00.000+07:00",
        ]
    );
    // A day without documents has its three sheets all the same.
    let empty = file(t.npp01(), "2026-08-01").await;
    assert!(sales(&empty).is_empty() && stock(&empty).is_empty());
    assert_eq!(control(&empty)[0][..3], ["", "Tổng cộng", "0"]);
}

#[tokio::test]
async fn whoever_receives_the_file_can_prove_it_complete() {
    let t = start_with_sales().await;
    let answer = file(t.admin(), "2026-08-06").await;
    let (sales, stock, control) = (sales(&answer), stock(&answer), control(&answer));
    let mut checked = BTreeMap::new();
    for row in &control {
        let own = |rows: &[Vec<String>]| -> Vec<Vec<String>> {
            rows.iter().filter(|r| row[0].is_empty() || r[0] == row[0]).cloned().collect()
        };
        let (sales, stock) = (own(&sales), own(&stock));
        checked.insert(row[0].clone(), (sales.len(), stock.len()));
        assert_eq!(number(&row[2]), i64::try_from(sales.len()).unwrap());
        for (place, column) in [(3, 13), (4, 15), (5, 16), (6, 17), (7, 18), (8, 19), (9, 20)] {
            assert_eq!(number(&row[place]), sum(&sales, column), "column {place} of {row:?}");
        }
        assert_eq!(row[10], fingerprint(&sales));
        assert_eq!(number(&row[11]), i64::try_from(stock.len()).unwrap());
        let (came, went): (Vec<_>, Vec<_>) = stock.iter().cloned().partition(|r| number(&r[7]) > 0);
        for (place, column) in [(0, 7), (1, 10), (2, 11), (3, 12)] {
            assert_eq!(number(&row[12 + place]), sum(&came, column), "column {place} of {row:?}");
            assert_eq!(number(&row[16 + place]), -sum(&went, column), "column {place} of {row:?}");
        }
        assert_eq!(row[20], fingerprint(&stock));
    }
    let expected = [("", (5, 4)), ("NPP01", (4, 3)), ("NPP02", (1, 1))];
    assert_eq!(checked.iter().map(|(code, n)| (code.as_str(), *n)).collect::<Vec<_>>(), expected);

    // The same data is the same file.
    let again = file(t.admin(), "2026-08-06").await;
    assert_eq!(answer.bytes, again.bytes);
    let etag = answer.headers["etag"].to_str().unwrap().to_owned();
    let path = format!("{PATH}?date=2026-08-06");
    let known = t.admin().request(Method::GET, &path, None, &[("if-none-match", &etag)]).await;
    assert_eq!((known.status.as_u16(), known.bytes.len()), (304, 0));
}

#[tokio::test]
async fn the_sums_are_those_of_the_reports_for_everybody_who_may_read_them() {
    let t = start_with_sales().await;
    for day in ["2026-08-05", "2026-08-06"] {
        for who in ["admin", "npp01", "npp02", "gsbh01", "asm01"] {
            let answer = file(t.actor(who), day).await;
            let control = control(&answer);
            let total = control.last().unwrap();
            let report = |name: &str| format!("/api/v1/reports/{name}?from={day}&to={day}");
            let sold = &t.actor(who).get(&report("sales-by-rep")).await.expect(200)["total"];
            for (place, key) in [
                (4, "gross"),
                (5, "productDiscount"),
                (6, "orderDiscount"),
                (7, "netRevenue"),
                (8, "vat"),
                (9, "revenue"),
            ] {
                assert_eq!(sold[key], number(&total[place]), "{key} of {day} for {who}");
            }
            let moved = &t.actor(who).get(&report("stock-xnt")).await.expect(200)["total"];
            for (place, key) in [
                (12, "inQuantity"),
                (13, "inValue"),
                (14, "inCost"),
                (16, "outQuantity"),
                (17, "outValue"),
                (19, "outSold"),
            ] {
                assert_eq!(moved[key], number(&total[place]), "{key} of {day} for {who}");
            }
        }
    }
}

#[tokio::test]
async fn one_gets_the_rows_of_ones_own() {
    let t = start_with_sales().await;
    let codes = async |actor: Actor<'_>| {
        let answer = file(actor, "2026-08-06").await;
        let mut codes: Vec<String> =
            sales(&answer).into_iter().chain(stock(&answer)).map(|mut row| row.swap_remove(0)).collect();
        codes.extend(control(&answer).into_iter().map(|mut row| row.swap_remove(0)));
        codes.retain(|code| !code.is_empty());
        codes.sort();
        codes.dedup();
        codes
    };
    assert_eq!(codes(t.npp01()).await, ["NPP01"]);
    assert_eq!(codes(t.npp02()).await, ["NPP02"]);
    assert_eq!(codes(t.supervisor()).await, ["NPP01"]);
    assert_eq!(codes(t.area_manager()).await, ["NPP01", "NPP02"]);
    assert_eq!(codes(t.admin()).await, ["NPP01", "NPP02"]);
    file(t.rep1(), "2026-08-06").await.problem(403, "forbidden");
    file(t.anonymous(), "2026-08-06").await.expect(401);
    let history = format!("{PATH}/history");
    t.admin().get(&history).await.expect(200);
    t.npp01().get(&history).await.problem(403, "exports.company_only");
    t.area_manager().get(&history).await.problem(403, "exports.company_only");
    t.rep1().get(&history).await.problem(403, "forbidden");
}

#[tokio::test]
async fn a_day_that_is_no_day_or_yet_to_come_is_refused() {
    let t = start().await;
    for query in ["", "?date=", "?date=31/07/2026", "?date=2026-02-30", "?date=2026-08-07"] {
        t.admin().get(&format!("{PATH}{query}")).await.problem(400, "validation");
    }
    file(t.admin(), "2026-08-06").await.expect(200);
}

fn done(exported: u32, unchanged: u32) -> Exported {
    Exported { exported, unchanged }
}

async fn history(t: &TestApp, query: &str) -> Value {
    t.admin().get(&format!("{PATH}/history?{query}")).await.expect(200)
}

async fn is_stored(t: &TestApp, content: &Value) -> bool {
    let content = BlobId::parse(content.as_str().unwrap()).unwrap();
    t.app.blobs.get(&content).await.unwrap().is_some()
}

#[tokio::test]
async fn each_night_makes_the_files_of_the_days_that_have_changed() {
    let t = start_with_sales().await;
    assert_eq!(export_days(&t.app).await.unwrap(), done(31, 0));
    // Once: nothing has changed.
    assert_eq!(export_days(&t.app).await.unwrap(), done(0, 31));
    let made = history(&t, "pageSize=100").await;
    assert_eq!(made["pagination"]["totalItems"], 31);
    let first = &made["data"][0];
    assert_eq!(
        (&first["date"], &first["version"], &first["stored"]),
        (&"2026-08-05".into(), &1.into(), &true.into())
    );
    assert_eq!(made["data"][30]["date"], "2026-07-06");

    // What is kept is what is handed out, and what is in it.
    let answer = file(t.admin(), "2026-08-05").await;
    assert_eq!(BlobId::of(&answer.bytes).as_str(), first["content"]);
    assert_eq!(answer.headers["etag"], format!("\"{}\"", first["content"].as_str().unwrap()));
    assert_eq!(first["sizeBytes"], answer.bytes.len());
    let totals = control(&answer).pop().unwrap();
    for (place, key) in [
        (2, "salesRows"),
        (7, "netRevenue"),
        (8, "vat"),
        (9, "revenue"),
        (11, "stockRows"),
        (12, "inQuantity"),
        (16, "outQuantity"),
    ] {
        assert_eq!(first[key], number(&totals[place]), "{key}");
    }
    let whole = BlobId::of(format!("{}\n{}\n", totals[10], totals[20]).as_bytes());
    assert_eq!(first["fingerprint"], whole.as_str());
    // Who sees a part gets the part.
    assert_eq!(control(&file(t.npp01(), "2026-08-05").await).len(), 2);

    // A name that changes makes no file old.
    prepare(&t, "update customers set name = 'Tên mới'").await;
    assert_eq!(export_days(&t.app).await.unwrap(), done(0, 31));
    assert_eq!(file(t.admin(), "2026-08-05").await.bytes, answer.bytes);
}

#[tokio::test]
async fn a_document_that_comes_late_makes_a_new_version() {
    let t = start_with_sales().await;
    export_days(&t.app).await.unwrap();
    let old = history(&t, "pageSize=1").await["data"][0].clone();
    assert!(is_stored(&t, &old["content"]).await);
    prepare(
        &t,
        "insert into stock_movements (distributor_id, id, warehouse_id, product_id, lot_id, business_date, posted_at, quantity,
           typed_quantity, typed_unit, selling_value, cost_value, sold_value, reason, document_id, document_number, actor_id)
         select distributor_id, gen_random_uuid(), warehouse_id, product_id, lot_id, '2026-08-05', now(), 5, 5, 'retail', 50000,
           40000, 0, 'receipt', gen_random_uuid(), 'PN-LATE', actor_id
         from stock_movements where document_number = 'PX-305'",
    )
    .await;
    // The kept file is not handed out any more: it lacks something.
    let live = file(t.admin(), "2026-08-05").await;
    assert!(stock(&live).iter().any(|row| row[2] == "PN-LATE"));
    t.clock.advance(TimeDelta::minutes(5));
    assert_eq!(export_days(&t.app).await.unwrap(), done(1, 30));
    assert_eq!(export_days(&t.app).await.unwrap(), done(0, 31));
    let made = history(&t, "pageSize=2").await;
    let (new, older) = (&made["data"][0], &made["data"][1]);
    assert_eq!(
        (&new["date"], &new["version"], &new["stored"]),
        (&"2026-08-05".into(), &2.into(), &true.into())
    );
    assert_eq!(
        (&older["date"], &older["version"], &older["stored"]),
        (&"2026-08-05".into(), &1.into(), &false.into())
    );
    assert_eq!(older["fingerprint"], old["fingerprint"]);
    assert_ne!(new["fingerprint"], old["fingerprint"]);
    assert_eq!(BlobId::of(&live.bytes).as_str(), new["content"]);
    assert_eq!(file(t.admin(), "2026-08-05").await.bytes, live.bytes);
    // The file that was taken the place of is gone, the newer one is kept.
    assert!(!is_stored(&t, &older["content"]).await);
    assert!(is_stored(&t, &new["content"]).await);

    // The next night goes on with the next day.
    t.clock.advance(TimeDelta::days(1));
    assert_eq!(export_days(&t.app).await.unwrap(), done(1, 30));
    assert_eq!(history(&t, "pageSize=1").await["data"][0]["date"], "2026-08-06");
}

#[tokio::test]
async fn what_a_run_left_half_done_or_is_long_over_is_removed() {
    let t = start_with_sales().await;
    // A run stored its file and died before it could say so.
    let orphan = t.app.blobs.put("half".into()).await.unwrap();
    sqlx::query(
        "insert into erp_exports values ('2026-08-05', 1, now(), $1, 4, 'f', 'm', 0, 0, 0, 0, 0, 0, 0, 'making')",
    )
    .bind(orphan.as_str())
    .execute(&mut t.database.owner().await)
    .await
    .unwrap();
    assert_eq!(history(&t, "").await["pagination"]["totalItems"], 0);
    assert_eq!(export_days(&t.app).await.unwrap(), done(31, 0));
    assert!(!is_stored(&t, &orphan.as_str().into()).await);
    let made = history(&t, "pageSize=1").await;
    assert_eq!(made["pagination"]["totalItems"], 31);
    let content = made["data"][0]["content"].clone();
    assert!(is_stored(&t, &content).await);

    // More than a year later the files are gone; the day can be exported all the same.
    let kept = file(t.admin(), "2026-08-05").await;
    t.clock.advance(TimeDelta::days(500));
    assert_eq!(export_days(&t.app).await.unwrap(), done(31, 0));
    assert!(!is_stored(&t, &content).await);
    assert_eq!(history(&t, "page=2&pageSize=31").await["data"][0]["stored"], false);
    assert_eq!(file(t.admin(), "2026-08-05").await.bytes, kept.bytes);
}

#[tokio::test]
async fn a_kept_file_that_the_store_has_lost_is_made_again() {
    let t = start_with_sales().await;
    export_days(&t.app).await.unwrap();
    let kept = file(t.admin(), "2026-08-05").await;
    let content = BlobId::of(&kept.bytes);
    t.app.blobs.remove(&adapters::blob::Key::content(&content)).await.unwrap();
    assert_eq!(file(t.admin(), "2026-08-05").await.bytes, kept.bytes);
}

/// A day of real documents: an order with a gift, delivered in two parts, and a part of it brought back.
#[tokio::test]
async fn what_the_office_did_today_is_in_the_file_as_it_is_in_the_documents() {
    let t = TestApp::start(orders::router().merge(reports::router())).await;
    let gift = json!({
        "automatic": true,
        "kind": {
            "type": "product", "products": [world::MILK], "basis": "pieces",
            "tiers": [{"atLeast": 12, "reward": {"type": "freeGoods", "quantity": 1, "unit": "retail", "perMultiple": true}}],
        },
    });
    sqlx::query(
        "insert into promotions (id, code, name, search_key, valid_from, valid_to, status, definition, created_at, updated_at)
         values (gen_random_uuid(), 'KM01', 'Mua 12 tặng 1', 'x', '2026-01-01', '2026-12-31', 'active', $1, now(), now())",
    )
    .bind(gift)
    .execute(&mut t.database.owner().await)
    .await
    .unwrap();
    let order = json!({
        "orderType": "PreSales", "customerId": world::SHOP1,
        "items": [{"productId": world::MILK, "quantity": 24, "unit": "retail"}, {"productId": world::SOAP, "quantity": 1, "unit": "whole"}],
    });
    let order = t.rep1().post("/api/v1/orders", order).await.expect(201);
    let id = order["orderId"].as_str().unwrap();
    t.supervisor().post(&format!("/api/v1/orders/{id}/approve"), json!({})).await.expect(200);
    let invoice = t.npp01().post("/api/v1/invoices", json!({"orderIds": [id]})).await.expect(201);
    let (invoice_id, invoice_number) = (&invoice["invoiceId"], invoice["invoiceNumber"].as_str().unwrap());
    let issue = format!("/api/v1/invoices/{}/issue", invoice_id.as_str().unwrap());
    let part = json!({"lines": [{"lineNo": 1, "quantity": 10, "unit": "retail"}]});
    t.npp01().post(&issue, part).await.expect(200);
    t.npp01().post(&issue, json!({})).await.expect(200);
    let back = json!({
        "invoiceId": invoice_id, "customerId": world::SHOP1, "reason": "Khách trả",
        "lines": [{"invoiceLineNo": 1, "quantity": 6, "unit": "retail", "condition": "saleable"}],
    });
    let back = t.npp01().post("/api/v1/returns", back).await.expect(201);
    let path = format!("/api/v1/returns/{}", back["returnId"].as_str().unwrap());
    t.npp01().post(&format!("{path}/approve"), json!({})).await.expect(200);
    t.npp01().post(&format!("{path}/receive"), json!({})).await.expect(200);

    let answer = file(t.npp01(), "2026-08-06").await;
    let rows = sales(&answer);
    assert!(
        rows.iter().all(|row| row[4] == invoice_number && row[5] == order["orderNumber"].as_str().unwrap())
    );
    // What was delivered is the order, to the piece and the đồng.
    let sold: Vec<_> = rows.iter().filter(|row| row[2] == "Xuất bán").cloned().collect();
    assert_eq!((sum(&sold, 13), sum(&sold, 20)), (24 + 2 + 12, order["totalAmount"].as_i64().unwrap()));
    let gifts: Vec<_> = sold.iter().filter(|row| row[21] == "1").collect();
    assert_eq!(
        (gifts.len(), &gifts[0][13], &gifts[0][14], &gifts[0][20], &gifts[0][22]),
        (1, &"2".into(), &"0".into(), &"0".into(), &"KM01".into())
    );
    // And what came back is the return: below zero.
    let returned: Vec<_> = rows.iter().filter(|row| row[2] == "Trả hàng").cloned().collect();
    let asked = t.npp01().get(&path).await.expect(200);
    assert_eq!(sum(&returned, 20), -asked["totalAmount"].as_i64().unwrap());
    assert!(returned.iter().any(|row| row[13] == "-6"));
    // Each piece of a sale is a piece of stock.
    let moved = stock(&answer);
    assert_eq!(sum(&moved, 7), -sum(&rows, 13));
    let total = control(&answer).pop().unwrap();
    let report =
        t.npp01().get("/api/v1/reports/sales-by-rep?from=2026-08-06&to=2026-08-06").await.expect(200);
    assert_eq!(report["total"]["revenue"], number(&total[9]));
    let report = t.npp01().get("/api/v1/reports/stock-xnt?from=2026-08-06&to=2026-08-06").await.expect(200);
    assert_eq!(report["total"]["inQuantity"], number(&total[12]));
    assert_eq!(report["total"]["outSold"], number(&total[19]));
}
