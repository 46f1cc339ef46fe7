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
