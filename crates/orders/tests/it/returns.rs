use domain::LotId;
use serde_json::{Value, json};
use test_kit::{TestApp, world};

use crate::parts::{debts, invoiced};
use crate::{app, assert_sound, order};

const PATH: &str = "/api/v1/returns";

/// An invoice whose goods have left: 12 boxes of milk (129,600), a case of soap (198,000), a free box.
async fn delivered(t: &TestApp) -> String {
    let (invoice, _) = invoiced(t, &[order()]).await;
    t.npp01().post(&format!("{invoice}/issue"), json!({})).await.expect(200);
    invoice.rsplit('/').next().unwrap().to_owned()
}

fn back(invoice: &str, lines: Value) -> Value {
    json!({"invoiceId": invoice, "customerId": world::SHOP1, "reason": "Khách trả", "lines": lines})
}

fn line(line_no: i32, quantity: i64) -> Value {
    json!({"invoiceLineNo": line_no, "quantity": quantity, "unit": "retail", "condition": "saleable"})
}

fn path(ret: &Value) -> String {
    format!("{PATH}/{}", ret["returnId"].as_str().unwrap())
}

async fn received(t: &TestApp, ret: &Value) -> Value {
    t.npp01().post(&format!("{}/approve", path(ret)), json!({})).await.expect(200);
    t.npp01().post(&format!("{}/receive", path(ret)), json!({})).await.expect(200)
}

async fn on_hand(t: &TestApp, lot: LotId) -> Vec<(String, i64)> {
    sqlx::query_as(
        "select w.code, s.on_hand from stock_lots s join warehouses w on w.id = s.warehouse_id where s.lot_id = $1 order by 1",
    )
    .bind(lot.uuid())
    .fetch_all(&mut t.database.owner().await)
    .await
    .unwrap()
}

async fn return_warehouse(t: &TestApp) {
    let body = json!({"code": "TRA", "name": "Kho hàng trả", "kind": "return"});
    let mut tx = t.app.db.begin(&t.context("npp01")).await.unwrap();
    sqlx::query(
        "insert into warehouses (distributor_id, id, code, name, kind, created_at) values ($1, $2, $3, $4, 'return', now())",
    )
    .bind(world::NPP01.uuid())
    .bind(uuid::Uuid::now_v7())
    .bind(body["code"].as_str())
    .bind(body["name"].as_str())
    .execute(&mut *tx)
    .await
    .unwrap();
    tx.commit().await.unwrap();
}

#[tokio::test]
async fn goods_come_back_at_the_price_sold_and_the_debt_goes_down() {
    let t = app().await;
    return_warehouse(&t).await;
    let invoice = delivered(&t).await;
    let lines = json!([
        {"invoiceLineNo": 2, "quantity": 4, "unit": "retail", "condition": "saleable"},
        {"invoiceLineNo": 2, "quantity": 1, "unit": "retail", "condition": "damaged"},
    ]);
    let asked = t.rep1().post(PATH, back(&invoice, lines)).await.expect(201);
    assert_eq!((&asked["returnNumber"], &asked["status"]), (&json!("PT-20260806-0001"), &json!("Pending")));
    // 5 of 12 pieces of 198,000.
    assert_eq!(asked["totalAmount"], 82_500);
    assert_eq!(asked["totalInWords"], "Tám mươi hai nghìn năm trăm đồng");
    assert_eq!(asked["items"][0]["unitPrice"], 15_000);
    t.npp01().post(&format!("{}/receive", path(&asked)), json!({})).await.problem(409, "returns.wrong_state");
    t.rep1().post(&format!("{}/approve", path(&asked)), json!({})).await.problem(403, "forbidden");
    t.npp02().post(&format!("{}/approve", path(&asked)), json!({})).await.problem(404, "not_found");
    assert_eq!(debts(&t).await, [327_600]);
    t.npp01().post(&format!("{}/approve", path(&asked)), json!({})).await.expect(200);
    let receive = format!("{}/receive", path(&asked));
    let done = t.npp01().post_once(&receive, "r1", json!({})).await.expect(200);
    assert_eq!(t.npp01().post_once(&receive, "r1", json!({})).await.expect(200), done);
    assert_eq!(
        (&done["status"], &done["items"][1]["lots"][0]["warehouseCode"]),
        (&json!("Received"), &json!("TRA"))
    );
    assert_eq!(debts(&t).await, [327_600, -82_500]);
    let soap = on_hand(&t, world::SOAP_LOT).await;
    assert_eq!(soap, [("KHO01".to_owned(), 232), ("TRA".to_owned(), 1)]);
    // The credit pays this invoice.
    let open: Vec<i64> =
        sqlx::query_scalar("select open_amount from receivable_open_items where open_amount <> 0")
            .fetch_all(&mut t.database.owner().await)
            .await
            .unwrap();
    assert_eq!(open, [245_100]);
    let seen = t.npp01().get(&format!("/api/v1/invoices/{invoice}")).await.expect(200);
    assert_eq!(seen["progress"][1]["returned"], 5);
    let list =
        t.rep1().get(&format!("{PATH}?invoiceId={invoice}&status=Received&search=co+ba")).await.expect(200);
    assert_eq!(list["pagination"]["totalItems"], 1);
    assert_eq!(t.npp02().get(PATH).await.expect(200)["pagination"]["totalItems"], 0);
    t.npp02().get(&path(&asked)).await.problem(404, "not_found");
    t.rep2().get(&path(&asked)).await.problem(404, "not_found");
    assert_sound(&t).await;
}

#[tokio::test]
async fn a_return_that_comes_again_under_another_key_is_known_by_its_id() {
    let t = app().await;
    let invoice = delivered(&t).await;
    let mut body = back(&invoice, json!([line(2, 7)]));
    body["id"] = json!("01900000-0000-7000-8000-000000000001");
    let first = t.rep1().post_once(PATH, "key-1", body.clone()).await.expect(201);
    // Seven more than are left.
    assert_eq!(t.rep1().post_once(PATH, "key-2", body.clone()).await.expect(201), first);
    assert_eq!(t.rep1().get(PATH).await.expect(200)["pagination"]["totalItems"], 1);
    let mut other = body.clone();
    other["lines"] = json!([line(2, 1)]);
    t.rep1().post_once(PATH, "key-3", other.clone()).await.problem(409, "returns.id_taken");
    t.npp01().post_once(PATH, "key-4", other).await.problem(409, "returns.id_taken");
    t.rep1()
        .post_once(PATH, "key-1", back(&invoice, json!([line(2, 1)])))
        .await
        .problem(422, "idempotency.key_reused");
    assert_sound(&t).await;
}

#[tokio::test]
async fn all_parts_that_come_back_add_up_to_what_was_owed() {
    let t = app().await;
    // 7 boxes at a price that nothing divides: 7 × 10,000 less 333 and with 8 % VAT.
    let (path_, _) = invoiced(
        &t,
        &[json!({"orderType": "PreSales", "customerId": world::SHOP1,
        "items": [{"productId": world::MILK, "quantity": 7, "unit": "retail"}]})],
    )
    .await;
    let mut owner = t.database.owner().await;
    for table in ["order_lines", "invoice_lines", "orders", "invoices"] {
        sqlx::query(sqlx::AssertSqlSafe(format!(
            "update {table} set product_discount = 333, vat = 5573, total = gross - 333 + 5573 where gross = 70000"
        )))
        .execute(&mut owner)
        .await
        .unwrap();
    }
    t.npp01().post(&format!("{path_}/issue"), json!({})).await.expect(200);
    let invoice = path_.rsplit('/').next().unwrap();
    let mut rejected = Vec::new();
    for n in [1, 2, 1] {
        let ret = t.npp01().post(PATH, back(invoice, json!([line(1, n)]))).await.expect(201);
        rejected.push(ret);
    }
    // What is rejected can come back again.
    let reject = format!("{}/reject", path(&rejected[1]));
    t.npp01().post(&reject, json!({})).await.problem(400, "validation");
    t.npp01().post(&reject, json!({"reason": "Không đúng hàng"})).await.expect(200);
    t.npp01().post(&reject, json!({"reason": "x"})).await.problem(409, "returns.wrong_state");
    t.npp01().post(PATH, back(invoice, json!([line(1, 6)]))).await.problem(422, "returns.more_than_left");
    let rest = t.npp01().post(PATH, back(invoice, json!([line(1, 5)]))).await.expect(201);
    for ret in [&rejected[0], &rejected[2], &rest] {
        received(&t, ret).await;
    }
    assert_eq!(debts(&t).await.iter().sum::<i64>(), 0);
    t.npp01().post(PATH, back(invoice, json!([line(1, 1)]))).await.problem(422, "returns.more_than_left");
    let lots: Vec<_> = on_hand(&t, world::MILK_LOT_A).await;
    assert_eq!(lots, [("KHO01".to_owned(), 100)]);
    assert_sound(&t).await;
}

#[tokio::test]
async fn free_goods_come_back_with_what_earned_them_or_are_charged() {
    let t = app().await;
    let mut body = order();
    // 24 boxes earn 2.
    body["items"] = json!([{"productId": world::MILK, "quantity": 24, "unit": "retail"}]);
    let (path_, _) = invoiced(&t, &[body]).await;
    t.npp01().post(&format!("{path_}/issue"), json!({})).await.expect(200);
    let invoice = path_.rsplit('/').next().unwrap();
    // Half of the milk comes back, and none of the free boxes: one is due back and is charged at the price sold.
    let ret = t.npp01().post(PATH, back(invoice, json!([line(1, 12)]))).await.expect(201);
    let charge = &ret["items"][1];
    assert_eq!(
        (&charge["isCharge"], &charge["pieces"], &charge["lineTotal"]),
        (&json!(true), &json!(1), &json!(-10_800))
    );
    assert_eq!(ret["totalAmount"], 129_600 - 10_800);
    // A part of it earns nothing back yet; the charge is not made twice.
    let less = t.npp01().post(PATH, back(invoice, json!([line(1, 6)]))).await.expect(201);
    assert_eq!(less["items"].as_array().unwrap().len(), 1);
    // With the rest the second box is due, and it is there.
    let rest = t.npp01().post(PATH, back(invoice, json!([line(1, 6), line(2, 1)]))).await.expect(201);
    assert_eq!(rest["items"].as_array().unwrap().len(), 2);
    assert_eq!((&rest["items"][1]["isFree"], &rest["items"][1]["lineTotal"]), (&json!(true), &json!(0)));
    for ret in [&ret, &less, &rest] {
        received(&t, ret).await;
    }
    // The customer owes the one free box that stayed.
    assert_eq!(debts(&t).await.iter().sum::<i64>(), 10_800);
    t.npp01().post(PATH, back(invoice, json!([line(2, 1)]))).await.problem(422, "returns.more_than_left");
    assert_sound(&t).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn of_two_returns_of_the_same_last_pieces_one_finds_them_gone() {
    let t = app().await;
    let invoice = delivered(&t).await;
    let body = back(&invoice, json!([line(2, 7)]));
    let answers = futures_util::future::join_all((0..4).map(|_| {
        let (t, body) = (&t, body.clone());
        async move { t.npp01().post(PATH, body).await.status.as_u16() }
    }))
    .await;
    assert_eq!(answers.iter().filter(|status| **status == 201).count(), 1, "{answers:?}");
    assert_eq!(answers.iter().filter(|status| **status == 422).count(), 3, "{answers:?}");
    assert_sound(&t).await;
}

#[tokio::test]
async fn goods_without_an_invoice_come_back_at_the_offices_price() {
    let t = app().await;
    let body = json!({"customerId": world::SHOP2, "reason": "Hàng cũ", "lines": [
        {"productId": world::SOAP, "quantity": 2, "unit": "whole", "condition": "saleable", "unitPrice": 100_000},
        {"productId": world::MILK, "quantity": 3, "condition": "saleable", "unitPrice": 9_000, "lotId": world::MILK_LOT_B},
    ]});
    t.rep1().post(PATH, body.clone()).await.problem(403, "forbidden");
    let ret = t.npp01().post_once(PATH, "f1", body.clone()).await.expect(201);
    assert_eq!(t.npp01().post_once(PATH, "f1", body.clone()).await.expect(201), ret);
    assert_eq!(ret["totalAmount"], 220_000 + 29_160);
    let done = received(&t, &ret).await;
    assert_eq!(done["items"][0]["lots"][0]["lotNumber"], "");
    assert_eq!(on_hand(&t, world::MILK_LOT_B).await, [("KHO01".to_owned(), 503)]);
    assert_sound(&t).await;
    let mut wrong = body.clone();
    wrong["lines"][1]["lotId"] = json!(world::SOAP_LOT);
    t.npp01().post(PATH, wrong).await.problem(422, "returns.unknown_lot");
    let mut wrong = body.clone();
    wrong["lines"][0]["unitPrice"] = Value::Null;
    t.npp01().post(PATH, wrong).await.problem(400, "validation");
    let mut foreign = body;
    foreign["customerId"] = json!(world::SHOP21);
    t.npp01().post(PATH, foreign).await.problem(404, "not_found");
}

#[tokio::test]
async fn what_was_not_delivered_or_is_somebody_elses_does_not_come_back() {
    let t = app().await;
    let (path_, _) = invoiced(&t, &[order()]).await;
    let invoice = path_.rsplit('/').next().unwrap();
    t.npp01().post(PATH, back(invoice, json!([line(1, 1)]))).await.problem(422, "returns.more_than_left");
    t.npp01().post(&format!("{path_}/issue"), json!({})).await.expect(200);
    t.npp01().post(PATH, back(invoice, json!([line(9, 1)]))).await.problem(422, "returns.no_such_line");
    let mut soap = line(1, 1);
    soap["productId"] = json!(world::SOAP);
    t.npp01().post(PATH, back(invoice, json!([soap]))).await.problem(422, "returns.no_such_line");
    t.rep2().post(PATH, back(invoice, json!([line(1, 1)]))).await.problem(404, "not_found");
    t.npp02().post(PATH, back(invoice, json!([line(1, 1)]))).await.problem(404, "not_found");
    let mut other = back(invoice, json!([line(1, 1)]));
    other["customerId"] = json!(world::SHOP2);
    t.npp01().post(PATH, other).await.problem(422, "returns.wrong_customer");
    t.npp01().post(PATH, back(invoice, json!([]))).await.problem(400, "validation");
    // Damaged goods need a warehouse of their own; who asked may withdraw it.
    let mut damaged = line(1, 1);
    damaged["condition"] = json!("damaged");
    let ret = t.rep1().post(PATH, back(invoice, json!([damaged]))).await.expect(201);
    t.npp01().post(&format!("{}/approve", path(&ret)), json!({})).await.expect(200);
    let receive = format!("{}/receive", path(&ret));
    t.npp01().post(&receive, json!({})).await.problem(422, "returns.no_return_warehouse");
    let foreign = json!({"returnWarehouseId": world::MAIN2});
    t.npp01().post(&receive, foreign).await.problem(422, "returns.no_warehouse");
    t.rep1().post(&format!("{}/cancel", path(&ret)), json!({"reason": "x"})).await.problem(403, "forbidden");
    t.npp01().post(&format!("{}/cancel", path(&ret)), json!({"reason": "Khách giữ"})).await.expect(200);
    let ret = t.rep1().post(PATH, back(invoice, json!([line(1, 1)]))).await.expect(201);
    t.rep1().post(&format!("{}/cancel", path(&ret)), json!({"reason": "Nhầm"})).await.expect(200);
    assert_sound(&t).await;
}

#[tokio::test]
async fn a_flipped_figure_of_a_return_or_an_issue_is_found_by_name() {
    let t = app().await;
    let invoice = delivered(&t).await;
    let ret = t.npp01().post(PATH, back(&invoice, json!([line(2, 5)]))).await.expect(201);
    received(&t, &ret).await;
    for (flip, rule) in [
        ("update goods_issue_lines set gross = gross + 1 where line_no = 1", "invoices.issued_amount"),
        ("update sales_return_lines set vat = vat + 1, total = total + 1 where line_no = 1", "returns.total"),
        ("update sales_returns set gross = gross + 1, total = total + 1", "returns.credited"),
        ("update sales_return_lots set pieces = pieces + 1", "returns.received"),
        ("update sales_return_lots set pieces = pieces + 1", "returns.moved"),
        ("update sales_return_lines set pieces = 13", "returns.too_much"),
        ("update document_counters set last_number = last_number + 1 where kind = 'PT'", "numbers.gap"),
    ] {
        let mut owner = t.database.owner().await;
        sqlx::query("begin").execute(&mut owner).await.unwrap();
        sqlx::query(flip).execute(&mut owner).await.unwrap();
        let found = orders::verify(&mut owner).await.unwrap();
        assert!(found.iter().any(|f| f.rule == rule), "{rule} not found: {found:?}");
        sqlx::query("rollback").execute(&mut owner).await.unwrap();
    }
}
