use serde_json::json;
use test_kit::world;

use crate::{balance, findings, start};

const PATH: &str = "/api/v1/inventory/adjustments";

#[tokio::test]
async fn corrections_go_both_ways_and_keep_their_reason() {
    let t = start().await;
    let body = json!({
        "warehouseId": world::MAIN1,
        "reason": "Vỡ khi bốc xếp",
        "lines": [
            { "productId": world::MILK, "lotNumber": "B", "expiry": "2027-03-31", "quantity": -30, "unit": "retail" },
            { "productId": world::MILK, "quantity": -1, "unit": "whole" },
            { "productId": world::WATER, "lotNumber": "W", "quantity": 2, "unit": "whole" },
        ],
    });
    let made = t.npp01().post(PATH, body).await.expect(201);
    assert!(made["number"].as_str().unwrap().starts_with("DC-20260806-"));
    assert_eq!(balance(&t, world::MILK).await, (546, 0));
    assert_eq!(balance(&t, world::WATER).await, (48, 0));
    let stock =
        t.npp01().get(&format!("/api/v1/warehouses/{}/stock?search=sp001", world::MAIN1)).await.expect(200);
    let lots: Vec<_> = stock["data"][0]["lots"]
        .as_array()
        .unwrap()
        .iter()
        .map(|l| (&l["lotNumber"], &l["onHand"]))
        .collect();
    // 30 out of the lot named, a case out of the lot that expires first.
    assert_eq!(lots, [(&json!("A"), &json!(76)), (&json!("B"), &json!(470))]);
    assert_eq!(findings(&t).await, [""; 0]);
}

#[tokio::test]
async fn no_more_goes_out_than_is_in_the_lot_or_free() {
    let t = start().await;
    let line = |lot: &str, quantity: i64| {
        json!({
            "warehouseId": world::MAIN1,
            "reason": "Mất",
            "lines": [{ "productId": world::MILK, "lotNumber": lot,
                        "expiry": if lot.is_empty() { None } else { Some("2026-10-31") },
                        "quantity": quantity, "unit": "retail" }],
        })
    };
    for (lot, quantity) in [("A", -101), ("Z", -1), ("", -601)] {
        let problem = t.npp01().post(PATH, line(lot, quantity)).await.problem(422, "inventory.short");
        assert_eq!(problem["shortages"][0]["wanted"], -quantity);
    }
    assert_eq!(balance(&t, world::MILK).await, (600, 0));
    t.npp01().post(PATH, line("A", 0)).await.problem(400, "validation");
    let mut without = line("A", -1);
    without["reason"] = json!(" ");
    t.npp01().post(PATH, without).await.problem(400, "validation");
    t.supervisor().post(PATH, line("A", -1)).await.problem(403, "forbidden");
    t.npp02().post(PATH, line("A", -1)).await.problem(404, "not_found");
}
