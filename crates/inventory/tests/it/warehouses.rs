use serde_json::json;
use test_kit::world;

use crate::start;

const PATH: &str = "/api/v1/warehouses";

#[tokio::test]
async fn a_van_belongs_to_a_rep_and_other_reps_do_not_see_it() {
    let t = start().await;
    let van = json!({ "code": "XE01", "name": "Xe 1", "kind": "van", "repId": world::REP1 });
    let made = t.npp01().post(PATH, van).await.expect(201);
    assert_eq!(made["distributorId"], json!(world::NPP01));
    let codes = |list: serde_json::Value| {
        list["data"]
            .as_array()
            .unwrap()
            .iter()
            .map(|w| w["code"].as_str().unwrap().to_owned())
            .collect::<Vec<_>>()
    };
    assert_eq!(codes(t.rep1().get(PATH).await.expect(200)), ["KHO01", "XE01"]);
    assert_eq!(codes(t.rep2().get(PATH).await.expect(200)), ["KHO01"]);
    assert_eq!(codes(t.admin().get(PATH).await.expect(200)).len(), 3);
    let stock = format!("{PATH}/{}/stock", made["warehouseId"].as_str().unwrap());
    t.rep1().get(&stock).await.expect(200);
    t.rep2().get(&stock).await.problem(404, "not_found");
}

#[tokio::test]
async fn what_makes_no_warehouse_is_refused() {
    let t = start().await;
    let warehouse = |code: &str, kind: &str, rep: Option<_>| json!({ "code": code, "name": "Kho", "kind": kind, "repId": rep });
    t.npp01().post(PATH, warehouse("KHO01", "main", None)).await.problem(409, "inventory.code_taken");
    t.npp01().post(PATH, warehouse("", "main", None)).await.problem(400, "validation");
    t.npp01().post(PATH, warehouse("X", "van", None)).await.problem(400, "validation");
    t.npp01().post(PATH, warehouse("X", "main", Some(world::REP1))).await.problem(400, "validation");
    t.npp01().post(PATH, warehouse("X", "van", Some(world::REP11))).await.problem(422, "inventory.not_a_rep");
    t.rep1().post(PATH, warehouse("X", "main", None)).await.problem(403, "forbidden");
    t.admin().post(PATH, warehouse("X", "main", None)).await.problem(400, "distributor_required");
    let mut foreign = warehouse("X", "main", None);
    foreign["distributorId"] = json!(world::NPP02);
    t.npp01().post(PATH, foreign).await.problem(404, "not_found");
}

#[tokio::test]
async fn orders_are_filled_from_the_main_warehouse_in_use() {
    let t = start().await;
    let mut tx = t.app.db.begin(&t.context("npp01")).await.unwrap();
    assert_eq!(inventory::store::main_warehouse(&mut tx, world::NPP01).await.unwrap(), Some(world::MAIN1));
    assert_eq!(inventory::store::main_warehouse(&mut tx, world::NPP02).await.unwrap(), None);
}

#[tokio::test]
async fn a_warehouse_changes_its_name_and_its_rep_and_is_closed_only_when_empty() {
    let t = start().await;
    let one = format!("{PATH}/{}", world::MAIN1);
    let body = |version: i64, status: &str| json!({ "version": version, "name": "Kho tổng", "allowNegative": false, "status": status });
    let changed = t.npp01().put(&one, body(1, "active")).await.expect(200);
    assert_eq!((&changed["name"], &changed["version"]), (&json!("Kho tổng"), &json!(2)));
    t.npp01().put(&one, body(1, "active")).await.problem(412, "stale_version");
    t.npp01().put(&one, body(2, "inactive")).await.problem(422, "inventory.warehouse_in_use");
    t.npp02().put(&one, body(2, "active")).await.problem(404, "not_found");
    t.supervisor().put(&one, body(2, "active")).await.problem(403, "forbidden");
    let empty = json!({ "code": "KM", "name": "Kho khuyến mãi", "kind": "promotion" });
    let empty = t.npp01().post(PATH, empty).await.expect(201);
    let empty_path = format!("{PATH}/{}", empty["warehouseId"].as_str().unwrap());
    t.npp01().put(&empty_path, body(1, "inactive")).await.expect(200);
    let receipt = json!({ "warehouseId": empty["warehouseId"],
        "lines": [{ "productId": world::MILK, "quantity": 1, "unit": "retail" }] });
    let refused = t.npp01().post("/api/v1/inventory/receipts", receipt).await;
    refused.problem(422, "inventory.warehouse_closed");
    let van = json!({ "code": "XE01", "name": "Xe 1", "kind": "van", "repId": world::REP1 });
    let van = t.npp01().post(PATH, van).await.expect(201);
    let van = format!("{PATH}/{}", van["warehouseId"].as_str().unwrap());
    t.npp01().put(&van, body(1, "active")).await.problem(400, "validation");
    let mut with_rep = body(1, "active");
    with_rep["repId"] = json!(world::REP11);
    t.npp01().put(&van, with_rep.clone()).await.problem(422, "inventory.not_a_rep");
    with_rep["repId"] = json!(world::REP2);
    t.npp01().put(&van, with_rep).await.expect(200);
    let transit = json!({ "code": "X", "name": "X", "kind": "transit" });
    t.npp01().post(PATH, transit).await.problem(422, "inventory.transit_only");
}

#[tokio::test]
async fn stock_below_zero_must_be_made_good_before_it_is_forbidden() {
    let t = start().await;
    let one = format!("{PATH}/{}", world::MAIN1);
    let body = |version: i64, allow: bool| json!({ "version": version, "name": "Kho", "allowNegative": allow, "status": "active" });
    t.npp01().put(&one, body(1, true)).await.expect(200);
    let adjust = |quantity: i64| {
        json!({ "warehouseId": world::MAIN1, "reason": "x",
        "lines": [{ "productId": world::WATER, "quantity": quantity, "unit": "retail" }] })
    };
    t.npp01().post("/api/v1/inventory/adjustments", adjust(-3)).await.expect(201);
    t.npp01().put(&one, body(2, false)).await.problem(422, "inventory.warehouse_below_zero");
    t.npp01().post("/api/v1/inventory/adjustments", adjust(3)).await.expect(201);
    t.npp01().put(&one, body(2, false)).await.expect(200);
}
