use domain::DocumentId;
use inventory::Reason;
use inventory::stock::{self, StockError};
use serde_json::{Value, json};
use test_kit::{TestApp, world};
use uuid::Uuid;

use crate::transfers::vans;
use crate::{balance, findings, issue, issue_line, pieces, posting, receive_line, start};

const PATH: &str = "/api/v1/inventory/counts";

async fn open(t: &TestApp, freeze: bool) -> (Value, String) {
    let count =
        t.npp01().post(PATH, json!({ "warehouseId": world::MAIN1, "freeze": freeze })).await.expect(201);
    let path = format!("{PATH}/{}", count["countId"].as_str().unwrap());
    (count, path)
}

fn line<'a>(count: &'a Value, lot: &str) -> &'a Value {
    count["lines"].as_array().unwrap().iter().find(|l| l["lotNumber"] == lot).unwrap()
}

fn counted(lot: domain::LotId, product: domain::ProductId, quantity: i64) -> Value {
    json!({ "productId": product, "lotId": lot, "quantity": quantity })
}

#[tokio::test]
async fn a_count_shows_the_system_and_closing_posts_the_differences() {
    let t = start().await;
    let (count, path) = open(&t, true).await;
    assert_eq!((&count["number"], &count["lineCount"]), (&json!("KK-20260806-0001"), &json!(3)));
    assert_eq!((&line(&count, "A")["system"], &line(&count, "A")["counted"]), (&json!(100), &Value::Null));
    // Cases and pieces of one lot are one figure; the soap has one lot only; water nobody knew of.
    let lines = json!({ "lines": [
        { "code": "SP001", "lotId": world::MILK_LOT_B, "quantity": 20, "unit": "whole" },
        { "code": "SP001", "lotId": world::MILK_LOT_B, "quantity": 15, "unit": "retail" },
        { "code": "SP002", "quantity": 240 },
        { "code": "SP003", "lotNumber": "W1", "expiry": "2027-01-31", "quantity": 6 },
    ] });
    let count = t.npp01().put(&format!("{path}/lines"), lines).await.expect(200);
    assert_eq!((&line(&count, "B")["counted"], &line(&count, "B")["difference"]), (&json!(495), &json!(-5)));
    assert_eq!((&line(&count, "W1")["system"], &line(&count, "W1")["difference"]), (&json!(0), &json!(6)));
    assert_eq!(count["countedLines"], 3);
    // A scan more, and a figure taken back.
    let scan =
        json!({ "lines": [{ "code": "SP003", "lotNumber": "W1", "expiry": "2027-01-31", "quantity": 1 }] });
    let count = t.npp01().post_once(&format!("{path}/lines"), "scan", scan.clone()).await.expect(200);
    assert_eq!(line(&count, "W1")["counted"], 7);
    let count = t.npp01().post_once(&format!("{path}/lines"), "scan", scan).await.expect(200);
    assert_eq!(line(&count, "W1")["counted"], 7);
    let back = json!({ "lines": [{ "code": "SP002", "quantity": null }] });
    let count = t.npp01().put(&format!("{path}/lines"), back).await.expect(200);
    assert_eq!(
        (&line(&count, "S")["counted"], &line(&count, "S")["difference"]),
        (&Value::Null, &Value::Null)
    );

    let closed = t.npp01().post_once(&format!("{path}/close"), "close", json!({})).await.expect(200);
    assert_eq!((&closed["status"], &line(&closed, "B")["posted"]), (&json!("Closed"), &json!(-5)));
    assert_eq!(line(&closed, "A")["posted"], Value::Null);
    let again = t.npp01().post_once(&format!("{path}/close"), "close", json!({})).await.expect(200);
    assert_eq!(again, closed);
    assert_eq!(balance(&t, world::MILK).await, (595, 0));
    assert_eq!(balance(&t, world::SOAP).await, (240, 0));
    assert_eq!(balance(&t, world::WATER).await, (7, 0));
    let rows: Vec<(String, i64, i64, String)> = sqlx::query_as(
        "select reason, quantity, cost_value, document_number from stock_movements where reason = 'count' order by quantity",
    )
    .fetch_all(&mut t.database.owner().await)
    .await
    .unwrap();
    let number = "KK-20260806-0001".to_owned();
    assert_eq!(
        rows,
        [("count".to_owned(), -5, -40_000, number.clone()), ("count".to_owned(), 7, 17_500, number)]
    );
    assert_eq!(findings(&t).await, [""; 0]);
    t.npp01().post(&format!("{path}/close"), json!({})).await.problem(409, "inventory.count_closed");
    t.npp01().post(&format!("{path}/cancel"), json!({})).await.problem(409, "inventory.count_closed");
}

#[tokio::test]
async fn nothing_is_posted_while_a_warehouse_is_counted_but_orders_are_promised() {
    let t = start().await;
    let [van, _] = vans(&t).await;
    let (d, w) = (world::NPP01, world::MAIN1);
    let lines = json!([{ "productId": world::MILK, "quantity": 1, "unit": "whole" }]);
    let ship = |from: String, to: String| json!({ "fromWarehouseId": from, "toWarehouseId": to, "twoStep": true, "lines": lines });
    let shipped = t.npp01().post("/api/v1/inventory/transfers", ship(w.to_string(), van.clone())).await;
    let shipped = shipped.expect(201);
    let (_, path) = open(&t, true).await;
    let problem = t.npp01().post("/api/v1/inventory/transfers", ship(w.to_string(), van.clone())).await;
    let problem = problem.problem(422, "inventory.counting");
    assert_eq!(problem["countNumber"], "KK-20260806-0001");
    let cancel = format!("/api/v1/inventory/transfers/{}/cancel", shipped["transferId"].as_str().unwrap());
    t.npp01().post(&cancel, json!({})).await.problem(422, "inventory.counting");
    let receipt = json!({ "warehouseId": w, "lines": [{ "productId": world::WATER, "quantity": 1, "unit": "retail" }] });
    t.npp01().post("/api/v1/inventory/receipts", receipt).await.problem(422, "inventory.counting");
    let mut adjustment = json!({ "warehouseId": w, "reason": "x", "lines": [{ "productId": world::MILK, "quantity": -1, "unit": "retail" }] });
    t.npp01()
        .post("/api/v1/inventory/adjustments", adjustment.clone())
        .await
        .problem(422, "inventory.counting");
    let mut tx = t.app.db.begin(&t.context("npp01")).await.unwrap();
    stock::reserve(&mut tx, d, w, &[(world::MILK, pieces(10))], None).await.unwrap();
    stock::release(&mut tx, d, w, &[(world::MILK, pieces(10))]).await.unwrap();
    let issue = issue(&mut tx, &posting("PX"), &[issue_line(1, world::MILK, 1)]).await;
    assert!(matches!(issue, Err(StockError::Counting { number }) if number == "KK-20260806-0001"));
    tx.rollback().await.unwrap();
    // Another count can't begin, the van is free, and after the count all goes on.
    t.npp01().post(PATH, json!({ "warehouseId": w })).await.problem(409, "inventory.count_open");
    t.npp01().post(PATH, json!({ "warehouseId": van })).await.expect(201);
    t.npp01().post(&format!("{path}/cancel"), json!({})).await.expect(200);
    t.npp01().post("/api/v1/inventory/adjustments", adjustment.clone()).await.expect(201);
    adjustment["lines"][0]["quantity"] = json!(1);
    t.npp01().post("/api/v1/inventory/adjustments", adjustment).await.expect(201);
    t.npp01().post(&cancel, json!({})).await.expect(200);
    assert_eq!(balance(&t, world::MILK).await, (600, 0));
    assert_eq!(findings(&t).await, [""; 0]);
}

/// Takes pieces out of the lot while a count that doesn't freeze is open.
async fn take(t: &TestApp, n: i64) {
    let mut tx = t.app.db.begin(&t.context("npp01")).await.unwrap();
    issue(&mut tx, &posting("PX"), &[issue_line(1, world::MILK, n)]).await.unwrap();
    tx.commit().await.unwrap();
}

#[tokio::test]
async fn stock_that_moved_after_it_was_counted_needs_a_decision() {
    let t = start().await;
    for (decision, posted) in [("keepCounted", 1), ("recompute", -3)] {
        let before = balance(&t, world::MILK).await.0;
        let (count, path) = open(&t, false).await;
        let system = line(&count, "A")["system"].as_i64().unwrap();
        // What moves before it is counted does no harm.
        take(&t, 1).await;
        let lines = json!({ "lines": [counted(world::MILK_LOT_A, world::MILK, system - 1)] });
        let count = t.npp01().put(&format!("{path}/lines"), lines).await.expect(200);
        assert_eq!(
            (&line(&count, "A")["outdated"], &line(&count, "A")["difference"]),
            (&json!(false), &json!(0))
        );
        // Three are missing; then four are sold.
        let lines = json!({ "lines": [counted(world::MILK_LOT_A, world::MILK, system - 4)] });
        t.npp01().put(&format!("{path}/lines"), lines).await.expect(200);
        take(&t, 4).await;
        let count = t.npp01().get(&path).await.expect(200);
        let a = line(&count, "A");
        assert_eq!((&a["outdated"], &a["current"]), (&json!(true), &json!(system - 5)));
        let close = format!("{path}/close");
        let problem = t.npp01().post(&close, json!({})).await.problem(422, "inventory.count_outdated");
        assert_eq!(problem["lines"][0]["current"], system - 5);
        let decisions = json!({ "decisions": [{ "productId": world::MILK, "lotId": world::MILK_LOT_A, "decision": decision }] });
        let closed = t.npp01().post(&close, decisions).await.expect(200);
        assert_eq!(line(&closed, "A")["posted"], posted);
        assert_eq!(balance(&t, world::MILK).await.0, before - 5 + posted);
    }
    assert_eq!(findings(&t).await, [""; 0]);
}

#[tokio::test]
async fn what_nobody_counted_stays_or_is_gone_as_one_chooses() {
    let t = start().await;
    let (_, path) = open(&t, true).await;
    t.npp01().post(&format!("{path}/close"), json!({})).await.expect(200);
    assert_eq!(balance(&t, world::MILK).await, (600, 0));
    let body = json!({ "warehouseId": world::MAIN1, "products": [world::MILK] });
    let count = t.npp01().post(PATH, body).await.expect(201);
    assert_eq!((&count["partial"], &count["lineCount"]), (&json!(true), &json!(2)));
    let path = format!("{PATH}/{}", count["countId"].as_str().unwrap());
    let lines = json!({ "lines": [counted(world::MILK_LOT_A, world::MILK, 0)] });
    t.npp01().put(&format!("{path}/lines"), lines).await.expect(200);
    t.npp01().post(&format!("{path}/close"), json!({ "uncounted": "zero" })).await.expect(200);
    assert_eq!(balance(&t, world::MILK).await, (0, 0));
    assert_eq!(balance(&t, world::SOAP).await, (240, 0));
    assert_eq!(findings(&t).await, [""; 0]);
}

#[tokio::test]
async fn fewer_than_are_promised_can_not_be_counted_away() {
    let t = start().await;
    let mut tx = t.app.db.begin(&t.context("npp01")).await.unwrap();
    stock::reserve(&mut tx, world::NPP01, world::MAIN1, &[(world::SOAP, pieces(200))], None).await.unwrap();
    tx.commit().await.unwrap();
    let (_, path) = open(&t, true).await;
    let lines = json!({ "lines": [counted(world::SOAP_LOT, world::SOAP, 199)] });
    t.npp01().put(&format!("{path}/lines"), lines).await.expect(200);
    let close = format!("{path}/close");
    let problem = t.npp01().post(&close, json!({})).await.problem(422, "inventory.count_below_reserved");
    assert_eq!(problem["shortages"][0]["productId"], json!(world::SOAP));
    let mut tx = t.app.db.begin(&t.context("npp01")).await.unwrap();
    stock::release(&mut tx, world::NPP01, world::MAIN1, &[(world::SOAP, pieces(1))]).await.unwrap();
    tx.commit().await.unwrap();
    t.npp01().post(&close, json!({})).await.expect(200);
    assert_eq!(balance(&t, world::SOAP).await, (199, 199));
}

#[tokio::test]
async fn what_can_not_be_counted_is_named() {
    let t = start().await;
    let (_, path) = open(&t, true).await;
    let lines = format!("{path}/lines");
    let enter = async |entry: Value| t.npp01().put(&lines, json!({ "lines": [entry] })).await;
    enter(json!({ "code": "KHONGCO", "quantity": 1 })).await.problem(422, "inventory.unknown_product");
    enter(json!({ "code": "SP001", "quantity": 1 })).await.problem(422, "inventory.lot_needed");
    enter(counted(world::SOAP_LOT, world::MILK, 1)).await.problem(422, "inventory.unknown_lot");
    enter(counted(world::MILK_LOT_2, world::MILK, 1)).await.problem(422, "inventory.unknown_lot");
    enter(counted(world::MILK_LOT_A, world::MILK, -1)).await.problem(400, "validation");
    enter(json!({ "quantity": 1 })).await.problem(400, "validation");
    let scan = t.npp01().post(&lines, json!({ "lines": [{ "code": "SP002", "quantity": null }] })).await;
    scan.problem(400, "validation");
    t.npp02()
        .put(&lines, json!({ "lines": [counted(world::MILK_LOT_A, world::MILK, 1)] }))
        .await
        .problem(404, "not_found");
    t.npp02().get(&path).await.problem(404, "not_found");
    t.npp02().post(&format!("{path}/close"), json!({})).await.problem(404, "not_found");
    t.rep1().get(&path).await.problem(403, "forbidden");
    t.rep1().post(PATH, json!({ "warehouseId": world::MAIN1 })).await.problem(403, "forbidden");
    t.npp01().post(PATH, json!({ "warehouseId": world::MAIN2 })).await.problem(404, "not_found");
    let date = json!({ "warehouseId": world::MAIN1, "date": "2026-08-07" });
    t.npp01().post(PATH, date).await.problem(400, "validation");
    let list = t.npp01().get(&format!("{PATH}?status=Open&search=kk-2026")).await.expect(200);
    assert_eq!(list["pagination"]["totalItems"], 1);
}

#[tokio::test]
async fn a_count_of_yesterday_looks_at_the_stock_of_yesterday() {
    let t = start().await;
    let move_today = async |number: &str, pieces: i64| {
        let mut tx = t.app.db.begin(&t.context("npp01")).await.unwrap();
        let posting = stock::Posting { document_id: DocumentId::new(Uuid::now_v7()), ..posting(number) };
        let lines = [receive_line(world::WATER, "W", None, pieces)];
        stock::receive(&mut tx, &posting, Reason::Receipt, &lines).await.unwrap();
        tx.commit().await.unwrap();
    };
    move_today("PN-1", 30).await;
    let body = json!({ "warehouseId": world::MAIN1, "date": "2026-08-05", "freeze": false });
    let count = t.npp01().post(PATH, body).await.expect(201);
    let path = format!("{PATH}/{}", count["countId"].as_str().unwrap());
    assert!(count["lines"].as_array().unwrap().iter().all(|l| l["lotNumber"] != "W"), "it came today");
    let of_soap = json!({ "lines": [{ "code": "SP002", "quantity": 239 }, { "code": "SP003", "lotNumber": "W", "quantity": 0 }] });
    let count = t.npp01().put(&format!("{path}/lines"), of_soap).await.expect(200);
    let water = count["lines"].as_array().unwrap().iter().find(|l| l["lotNumber"] == "W").unwrap().clone();
    assert_eq!((&water["systemAtCount"], &water["current"]), (&json!(0), &json!(30)), "{count:#}");
    let keep = json!({ "decisions": [{ "productId": water["productId"], "lotId": water["lotId"], "decision": "recompute" }] });
    t.npp01().post(&format!("{path}/close"), json!({})).await.problem(422, "inventory.count_outdated");
    t.npp01().post(&format!("{path}/close"), keep).await.expect(200);
    assert_eq!(balance(&t, world::WATER).await.0, 30);
    assert_eq!(balance(&t, world::SOAP).await.0, 239);
    assert_eq!(findings(&t).await, [""; 0]);
}

#[tokio::test]
async fn a_barcode_names_its_product() {
    let t = start().await;
    sqlx::query("update products set barcode = '8934567' where code = 'SP002'")
        .execute(&mut t.database.owner().await)
        .await
        .unwrap();
    let (_, path) = open(&t, true).await;
    let lines = json!({ "lines": [{ "code": "8934567", "quantity": 20, "unit": "whole" }] });
    let count = t.npp01().put(&format!("{path}/lines"), lines).await.expect(200);
    assert_eq!(line(&count, "S")["counted"], 240);
}

/// Postings and the opening of a count at the same time: what is not in the picture is refused, what is not refused is
/// in the picture.
#[tokio::test(flavor = "multi_thread")]
async fn no_posting_slips_between_the_picture_of_a_count_and_its_freeze() {
    let t = std::sync::Arc::new(start().await);
    let mut tasks = tokio::task::JoinSet::new();
    for _ in 0..8 {
        let t = t.clone();
        tasks.spawn(async move {
            let mut posted = 0_i64;
            loop {
                let mut tx = t.app.db.begin(&t.context("npp01")).await.unwrap();
                let id = DocumentId::new(Uuid::now_v7());
                let posting = stock::Posting { document_id: id, ..posting("PN") };
                let lines = [receive_line(world::WATER, "W", None, 1)];
                match stock::receive(&mut tx, &posting, Reason::Receipt, &lines).await {
                    Ok(()) => {
                        tx.commit().await.unwrap();
                        posted += 1;
                    }
                    Err(StockError::Counting { .. }) => return posted,
                    Err(e) => panic!("{e}"),
                }
            }
        });
    }
    let (count, _) = open(&t, true).await;
    let posted: i64 = tasks.join_all().await.iter().sum();
    let picture: i64 = count["lines"]
        .as_array()
        .unwrap()
        .iter()
        .filter(|l| l["productCode"] == "SP003")
        .map(|l| l["system"].as_i64().unwrap())
        .sum();
    assert_eq!(picture, posted);
    assert_eq!(balance(&t, world::WATER).await.0, posted);
}

#[tokio::test]
async fn scanned_barcodes_are_counted_and_one_that_several_products_have_is_refused() {
    let t = start().await;
    sqlx::query("update products set barcode = '8930001' where code = 'SP002'")
        .execute(&mut t.database.owner().await)
        .await
        .unwrap();
    let (_, path) = open(&t, true).await;
    let scan = |barcode: &str| json!({ "lines": [{ "barcode": barcode, "quantity": 2, "unit": "whole" }] });
    let count = t.npp01().post(&format!("{path}/lines"), scan("8930001")).await.expect(200);
    assert_eq!(line(&count, "S")["counted"], 24);
    let count = t.npp01().post(&format!("{path}/lines"), scan("8930001")).await.expect(200);
    assert_eq!(line(&count, "S")["counted"], 48);
    t.npp01().post(&format!("{path}/lines"), scan("8930009")).await.problem(422, "inventory.unknown_product");
    // A code is no barcode.
    t.npp01().post(&format!("{path}/lines"), scan("SP002")).await.problem(422, "inventory.unknown_product");
    let both = json!({ "lines": [{ "barcode": "8930001", "code": "SP002", "quantity": 2 }] });
    t.npp01().post(&format!("{path}/lines"), both).await.problem(400, "validation");
    sqlx::query("update products set barcode = '8930001' where code = 'SP003'")
        .execute(&mut t.database.owner().await)
        .await
        .unwrap();
    t.npp01()
        .post(&format!("{path}/lines"), scan("8930001"))
        .await
        .problem(422, "inventory.ambiguous_barcode");
}

#[tokio::test]
async fn a_closed_count_prints_what_was_posted() {
    let t = start().await;
    let (count, path) = open(&t, false).await;
    let left = line(&count, "A")["system"].as_i64().unwrap() - 5;
    let lines = json!({ "lines": [counted(world::MILK_LOT_A, world::MILK, left)] });
    t.npp01().put(&format!("{path}/lines"), lines).await.expect(200);
    take(&t, 5).await;
    let print = format!("{path}/print");
    let missing =
        format!("<td class=n>{}</td><td class=n>{left}</td><td class=n></td><td class=n>5</td>", left + 5);
    assert!(t.npp01().get(&print).await.page().contains(&missing));
    // The five that are missing have been sold meanwhile: what was counted is right, and nothing is posted.
    let decisions = json!({ "decisions": [{ "productId": world::MILK, "lotId": world::MILK_LOT_A, "decision": "keepCounted" }] });
    t.npp01().post(&format!("{path}/close"), decisions).await.expect(200);
    let page = t.npp01().get(&print).await.page();
    let right = format!("<td class=n>{left}</td><td class=n>{left}</td><td class=n></td><td class=n></td>");
    assert!(page.contains(&right), "{page}");
}
