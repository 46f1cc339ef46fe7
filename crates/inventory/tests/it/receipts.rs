use serde_json::{Value, json};
use test_kit::world;
use uuid::Uuid;

use crate::transfers::vans;
use crate::{balance, findings, start};

const PATH: &str = "/api/v1/inventory/receipts";

fn body() -> Value {
    json!({
        "warehouseId": world::MAIN1,
        "note": "Giao sáng",
        "lines": [
            { "productId": world::MILK, "lotNumber": "C", "expiry": "2027-06-30", "quantity": 3, "unit": "whole" },
            { "productId": world::WATER, "quantity": 10, "unit": "retail" },
        ],
    })
}

#[tokio::test]
async fn received_goods_are_in_stock_under_a_number_of_the_day() {
    let t = start().await;
    let made = t.npp01().post(PATH, body()).await.expect(201);
    assert_eq!(made["number"], "PN-20260806-0001");
    assert_eq!(made["businessDate"], "2026-08-06");
    assert_eq!(made["lineCount"], 2);
    // 3 cases at 192,000 and 10 pieces at 2,500.
    assert_eq!(made["costValue"], 601_000);
    assert_eq!(balance(&t, world::MILK).await, (672, 0));
    assert_eq!(balance(&t, world::WATER).await, (10, 0));
    assert_eq!(t.npp01().post(PATH, body()).await.expect(201)["number"], "PN-20260806-0002");

    let list = t.npp01().get(&format!("{PATH}?search=0001&from=2026-08-06")).await.expect(200);
    assert_eq!(list["pagination"]["totalItems"], 1);
    assert_eq!(list["data"][0], made);

    let path = format!("/api/v1/inventory/movements?documentId={}", made["receiptId"].as_str().unwrap());
    let rows = t.npp01().get(&path).await.expect(200);
    assert_eq!(rows["data"].as_array().unwrap().len(), 2);
    assert_eq!(rows["data"][1]["productCode"], "SP001");
    assert_eq!(rows["data"][1]["pieces"], 72);
    assert_eq!(rows["data"][1]["quantity"], 3);
    assert_eq!(rows["data"][1]["sellingValue"], 720_000);
    assert_eq!(findings(&t).await, [""; 0]);

    let mut c = t.database.owner().await;
    let audited: i64 =
        sqlx::query_scalar("select count(*) from audit_log where action = 'inventory.receive'")
            .fetch_one(&mut c)
            .await
            .unwrap();
    assert_eq!(audited, 2);
}

#[tokio::test]
async fn a_repeat_gets_the_first_answer_and_has_no_effect() {
    let t = start().await;
    let mut body = body();
    body["id"] = json!(Uuid::from_u128(1));
    let first = t.npp01().post(PATH, body.clone()).await.expect(201);
    assert_eq!(t.npp01().post(PATH, body.clone()).await.expect(201), first);
    let first = t.npp01().post_once(PATH, "k1", self::body()).await.expect(201);
    assert_eq!(t.npp01().post_once(PATH, "k1", self::body()).await.expect(201), first);
    assert_eq!(balance(&t, world::MILK).await, (744, 0));
    assert_eq!(balance(&t, world::MILK).await, (744, 0));
}

#[tokio::test]
async fn the_same_id_under_another_key_is_the_same_document_if_nothing_else_was_said() {
    let t = start().await;
    let [van, _] = vans(&t).await;
    let id = Uuid::from_u128;
    let lines = json!([{ "productId": world::MILK, "quantity": 1, "unit": "whole" }]);
    let documents = [
        (PATH, json!({ "id": id(7), "warehouseId": world::MAIN1, "lines": lines })),
        (
            "/api/v1/inventory/adjustments",
            json!({ "id": id(8), "warehouseId": world::MAIN1, "reason": "Thừa", "lines": lines }),
        ),
        (
            "/api/v1/inventory/transfers",
            json!({ "id": id(9), "fromWarehouseId": world::MAIN1, "toWarehouseId": van, "lines": lines }),
        ),
        ("/api/v1/inventory/counts", json!({ "id": id(10), "warehouseId": world::MAIN1 })),
    ];
    for (path, body) in documents {
        let (first, again) = (format!("{path} 1"), format!("{path} 2"));
        let made = t.npp01().post_once(path, &first, body.clone()).await.expect(201);
        assert_eq!(t.npp01().post_once(path, &again, body.clone()).await.expect(201), made);
        assert_eq!(t.npp01().post_once(path, &again, body.clone()).await.expect(201), made);
        let mut other = body.clone();
        other["note"] = json!("khác");
        t.npp01().post_once(path, &again, other.clone()).await.problem(422, "idempotency.key_reused");
        let taken = t.npp01().post_once(path, "other", other).await.expect(409);
        assert!(["inventory.id_taken", "inventory.count_open"].contains(&taken["code"].as_str().unwrap()));
        t.admin().post_once(path, &first, body).await.expect(409);
    }
    // A case in, another, and one to the van.
    assert_eq!(balance(&t, world::MILK).await, (624, 0));
    assert_eq!(findings(&t).await, [""; 0]);
}

#[tokio::test]
async fn what_is_wrong_is_named_and_nothing_is_received() {
    let t = start().await;
    let mut wrong = body();
    wrong["lines"][0]["quantity"] = json!(0);
    wrong["lines"][0]["expiry"] = json!("0227-06-30");
    wrong["lines"][1]["lotNumber"] = json!("x".repeat(51));
    let problem = t.npp01().post(PATH, wrong).await.problem(400, "validation");
    assert_eq!(
        problem["errors"].as_object().unwrap().keys().collect::<Vec<_>>(),
        ["lines[0].expiry", "lines[0].quantity", "lines[1].lotNumber"]
    );
    let mut wrong = body();
    wrong["lines"] = json!([]);
    t.npp01().post(PATH, wrong).await.problem(400, "validation");
    let mut unknown = body();
    unknown["lines"][1]["productId"] = json!(Uuid::from_u128(9));
    t.npp01().post(PATH, unknown).await.problem(422, "inventory.unknown_product");
    assert_eq!(balance(&t, world::MILK).await, (600, 0));
}

#[tokio::test]
async fn only_those_who_manage_the_stock_of_the_distributor_receive() {
    let t = start().await;
    t.anonymous().post(PATH, body()).await.expect(401);
    t.rep1().post(PATH, body()).await.problem(403, "forbidden");
    t.rep1().get(PATH).await.problem(403, "forbidden");
    t.npp02().post(PATH, body()).await.problem(404, "not_found");
    t.npp01().post(PATH, body()).await.expect(201);
    assert_eq!(t.npp02().get(PATH).await.expect(200)["pagination"]["totalItems"], 0);
    assert_eq!(t.admin().get(PATH).await.expect(200)["pagination"]["totalItems"], 1);
}

#[tokio::test]
async fn the_ledger_is_a_feed_from_the_newest_on() {
    let t = start().await;
    t.npp01().post(PATH, body()).await.expect(201);
    let base = "/api/v1/inventory/movements?limit=2";
    let (mut seen, mut path) = (Vec::new(), base.to_owned());
    loop {
        let part = t.npp01().get(&path).await.expect(200);
        seen.extend(
            part["data"].as_array().unwrap().iter().map(|m| m["documentNumber"].as_str().unwrap().to_owned()),
        );
        match part["nextCursor"].as_str() {
            Some(cursor) => path = format!("{base}&cursor={cursor}"),
            None => break,
        }
    }
    assert_eq!(seen.len(), 5);
    assert_eq!(seen[..2], ["PN-20260806-0001", "PN-20260806-0001"]);
    let opening = t.npp01().get("/api/v1/inventory/movements?reason=opening&to=2026-07-31").await.expect(200);
    assert_eq!(opening["data"].as_array().unwrap().len(), 3);
    t.npp01().get(&format!("{base}&cursor=x")).await.problem(400, "validation");
}
