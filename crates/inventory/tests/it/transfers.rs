use serde_json::{Value, json};
use test_kit::{TestApp, world};

use crate::{balance, findings, start};

const PATH: &str = "/api/v1/inventory/transfers";

/// A van of the first rep and one of the second.
pub(crate) async fn vans(t: &TestApp) -> [String; 2] {
    let mut vans = [String::new(), String::new()];
    for (van, (code, rep)) in vans.iter_mut().zip([("XE01", world::REP1), ("XE02", world::REP2)]) {
        let body = json!({ "code": code, "name": code, "kind": "van", "repId": rep });
        let made = t.npp01().post("/api/v1/warehouses", body).await.expect(201);
        *van = made["warehouseId"].as_str().unwrap().to_owned();
    }
    vans
}

fn transfer(from: &str, to: &str, two_step: bool, lines: Value) -> Value {
    json!({ "fromWarehouseId": from, "toWarehouseId": to, "twoStep": two_step, "lines": lines })
}

fn main1() -> String {
    world::MAIN1.to_string()
}

/// Lots, on hand and in transit of a product in a warehouse.
async fn stock(t: &TestApp, warehouse: &str, product: &str) -> (Vec<(String, i64)>, i64) {
    let path = format!("/api/v1/warehouses/{warehouse}/stock?search={product}");
    let list = t.npp01().get(&path).await.expect(200);
    let Some(item) = list["data"].as_array().unwrap().first() else { return (Vec::new(), 0) };
    let lots = item["lots"].as_array().unwrap().iter();
    let lots = lots.map(|l| (l["lotNumber"].as_str().unwrap().to_owned(), l["onHand"].as_i64().unwrap()));
    (lots.collect(), item["inTransit"].as_i64().unwrap())
}

#[tokio::test]
async fn goods_move_at_once_and_keep_their_lots_units_and_values() {
    let t = start().await;
    let [van, _] = vans(&t).await;
    let lines = json!([
        { "productId": world::MILK, "quantity": 5, "unit": "whole" },
        { "productId": world::SOAP, "quantity": 7, "unit": "retail" },
    ]);
    let made = t.npp01().post(PATH, transfer(&main1(), &van, false, lines)).await.expect(201);
    assert_eq!((&made["number"], &made["status"]), (&json!("CK-20260806-0001"), &json!("Received")));
    assert_eq!(made["lines"][0]["lots"][0]["lotNumber"], "A");
    assert_eq!(made["lines"][0]["lots"][1]["received"], 20);
    assert_eq!(stock(&t, &van, "sp001").await.0, [("A".to_owned(), 100), ("B".to_owned(), 20)]);
    assert_eq!(balance(&t, world::MILK).await, (480, 0));
    assert_eq!(balance(&t, world::SOAP).await, (233, 0));
    // What left the one came into the other, row by row.
    let sums: (i64, i64, i64, i64, i64) = sqlx::query_as(
        "select sum(quantity)::bigint, sum(typed_quantity)::bigint, sum(selling_value)::bigint, sum(cost_value)::bigint,
           count(*) from stock_movements where document_number = 'CK-20260806-0001'",
    )
    .fetch_one(&mut t.database.owner().await)
    .await
    .unwrap();
    assert_eq!(sums, (0, 0, 0, 0, 8));
    assert_eq!(findings(&t).await, [""; 0]);
}

#[tokio::test]
async fn what_is_shipped_is_in_transit_until_the_rep_of_the_van_receives_it() {
    let t = start().await;
    let [van, _] = vans(&t).await;
    let lines = json!([{ "productId": world::MILK, "quantity": 3, "unit": "whole" }]);
    let made = t.npp01().post(PATH, transfer(&main1(), &van, true, lines)).await.expect(201);
    assert_eq!(made["status"], "InTransit");
    assert_eq!(balance(&t, world::MILK).await, (528, 0));
    assert_eq!(findings(&t).await, [""; 0]);
    let one = format!("{PATH}/{}", made["transferId"].as_str().unwrap());
    t.rep1().get(&one).await.expect(200);
    t.rep2().get(&one).await.problem(404, "not_found");
    t.npp02().get(&one).await.problem(404, "not_found");
    t.supervisor().post(&format!("{one}/receive"), json!({})).await.problem(403, "forbidden");
    t.rep2().post(&format!("{one}/receive"), json!({})).await.problem(404, "not_found");
    t.npp02().post(&format!("{one}/receive"), json!({})).await.problem(404, "not_found");
    let received = t.rep1().post(&format!("{one}/receive"), json!({})).await.expect(200);
    assert_eq!((&received["status"], &received["closedByName"]), (&json!("Received"), &json!("Nhân viên 1")));
    assert_eq!(received["lines"][0]["lots"][0]["received"], 72);
    assert_eq!(stock(&t, &van, "sp001").await, (vec![("A".to_owned(), 72)], 0));
    t.rep1().post(&format!("{one}/receive"), json!({})).await.problem(409, "inventory.transfer_closed");
    t.npp01().post(&format!("{one}/cancel"), json!({})).await.problem(409, "inventory.transfer_closed");
    assert_eq!(findings(&t).await, [""; 0]);
}

#[tokio::test]
async fn what_arrives_other_than_it_was_sent_is_posted_with_its_reason() {
    let t = start().await;
    let [van, other] = vans(&t).await;
    let lines = json!([{ "productId": world::MILK, "quantity": 5, "unit": "whole" }]);
    t.npp01().post(PATH, transfer(&main1(), &van, false, lines)).await.expect(201);
    // 100 of lot A and 20 of B are in the van and go to the other one.
    let lines = json!([{ "productId": world::MILK, "quantity": 120, "unit": "retail" }]);
    let made = t.npp01().post(PATH, transfer(&van, &other, true, lines)).await.expect(201);
    assert_eq!(stock(&t, &van, "sp001").await.0, []);
    let receive = format!("{PATH}/{}/receive", made["transferId"].as_str().unwrap());
    let difference = |line: i32, lot, received: i64, reason: &str| json!({ "lineNo": line, "lotId": lot, "received": received, "reason": reason });
    let body = |differences: Vec<Value>| json!({ "differences": differences });
    t.npp01()
        .post(&receive, body(vec![difference(1, world::MILK_LOT_A, 1, " ")]))
        .await
        .problem(400, "validation");
    t.npp01()
        .post(&receive, body(vec![difference(2, world::MILK_LOT_A, 1, "x")]))
        .await
        .problem(422, "inventory.unknown_transfer_lot");
    let wrong = vec![
        difference(1, world::MILK_LOT_A, 97, "Vỡ 3 hộp"),
        difference(1, world::MILK_LOT_B, 22, "Thừa 2 hộp"),
    ];
    let received = t.npp01().post_once(&receive, "r1", body(wrong.clone())).await.expect(200);
    assert_eq!(received["lines"][0]["lots"][0]["reason"], "Vỡ 3 hộp");
    let again = t.npp01().post_once(&receive, "r1", body(wrong)).await.expect(200);
    assert_eq!(again, received);
    assert_eq!(stock(&t, &other, "sp001").await.0, [("A".to_owned(), 97), ("B".to_owned(), 22)]);
    let corrections: Vec<(i64, i64)> = sqlx::query_as(
        "select quantity, cost_value from stock_movements where reason = 'adjustment' order by quantity",
    )
    .fetch_all(&mut t.database.owner().await)
    .await
    .unwrap();
    assert_eq!(corrections, [(-3, -24_000), (2, 16_000)]);
    assert_eq!(findings(&t).await, [""; 0]);
}

#[tokio::test]
async fn a_shipment_that_is_called_back_is_where_it_was() {
    let t = start().await;
    let [van, _] = vans(&t).await;
    let lines = json!([
        { "productId": world::MILK, "quantity": 110, "unit": "retail",
          "lots": [{ "lotId": world::MILK_LOT_B, "pieces": 60 }, { "lotId": world::MILK_LOT_A, "pieces": 50 }] },
        { "productId": world::MILK, "quantity": 1, "unit": "whole" },
    ]);
    let made = t.npp01().post(PATH, transfer(&main1(), &van, true, lines)).await.expect(201);
    assert_eq!(stock(&t, &main1(), "sp001").await.0, [("A".to_owned(), 26), ("B".to_owned(), 440)]);
    let cancel = format!("{PATH}/{}/cancel", made["transferId"].as_str().unwrap());
    t.rep1().post(&cancel, json!({})).await.problem(403, "forbidden");
    let cancelled = t.npp01().post(&cancel, json!({})).await.expect(200);
    assert_eq!(cancelled["status"], "Cancelled");
    assert_eq!(stock(&t, &main1(), "sp001").await.0, [("A".to_owned(), 100), ("B".to_owned(), 500)]);
    assert_eq!(findings(&t).await, [""; 0]);
    let list = t.rep1().get(&format!("{PATH}?status=Cancelled&warehouseId={van}")).await.expect(200);
    assert_eq!(list["pagination"]["totalItems"], 1);
    let list = t.rep2().get(PATH).await.expect(200);
    assert_eq!(list["pagination"]["totalItems"], 0);
}

#[tokio::test]
async fn transfers_that_make_no_sense_are_refused() {
    let t = start().await;
    let [van, _] = vans(&t).await;
    let milk = |quantity: i64| json!([{ "productId": world::MILK, "quantity": quantity, "unit": "retail" }]);
    let go = async |body| t.npp01().post(PATH, body).await;
    go(transfer(&main1(), &main1(), false, milk(1))).await.problem(422, "inventory.same_warehouse");
    go(transfer(&main1(), &world::MAIN2.to_string(), false, milk(1))).await.problem(404, "not_found");
    go(transfer(&main1(), &van, false, milk(601))).await.problem(422, "inventory.short");
    go(transfer(&van, &main1(), true, milk(1))).await.problem(422, "inventory.short");
    go(transfer(&main1(), &van, false, milk(0))).await.problem(400, "validation");
    go(transfer(&main1(), &van, false, json!([]))).await.problem(400, "validation");
    let lots = json!([{ "productId": world::MILK, "quantity": 2, "unit": "retail",
                        "lots": [{ "lotId": world::MILK_LOT_A, "pieces": 1 }] }]);
    go(transfer(&main1(), &van, false, lots)).await.problem(422, "inventory.lots_differ");
    let admin = t.admin().post(PATH, transfer(&main1(), &world::MAIN2.to_string(), false, milk(1))).await;
    admin.problem(422, "inventory.same_warehouse");
    t.rep1().post(PATH, transfer(&main1(), &van, false, milk(1))).await.problem(403, "forbidden");
    // Nothing was made by what was refused: the first number is still free, and no transit warehouse either.
    let made = go(transfer(&main1(), &van, true, milk(1))).await.expect(201);
    assert_eq!(made["number"], "CK-20260806-0001");
    let list = t.npp01().get("/api/v1/warehouses").await.expect(200);
    let transit = list["data"].as_array().unwrap().iter().find(|w| w["kind"] == "transit").unwrap();
    let transit = transit["warehouseId"].as_str().unwrap();
    go(transfer(transit, &main1(), false, milk(1))).await.problem(422, "inventory.transit_only");
    let adjustment = json!({ "warehouseId": transit, "reason": "x",
        "lines": [{ "productId": world::MILK, "quantity": -1, "unit": "retail" }] });
    let refused = t.npp01().post("/api/v1/inventory/adjustments", adjustment).await;
    refused.problem(422, "inventory.transit_only");
}

#[tokio::test]
async fn a_repeated_transfer_moves_once() {
    let t = start().await;
    let [van, _] = vans(&t).await;
    let lines = json!([{ "productId": world::MILK, "quantity": 1, "unit": "whole" }]);
    let body = transfer(&main1(), &van, false, lines);
    let first = t.npp01().post_once(PATH, "t1", body.clone()).await.expect(201);
    let second = t.npp01().post_once(PATH, "t1", body).await.expect(201);
    assert_eq!(first, second);
    assert_eq!(balance(&t, world::MILK).await, (576, 0));
}
