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

fn lost(quantity: i64) -> serde_json::Value {
    json!({
        "warehouseId": world::MAIN1,
        "reason": "Hao hụt",
        "note": "Biên bản số 7",
        "lines": [{ "productId": world::MILK, "quantity": quantity, "unit": "retail" }],
    })
}

#[tokio::test]
async fn adjustments_are_numbered_without_gaps_listed_and_printed() {
    let t = start().await;
    let made = t.npp01().post_once(PATH, "a", lost(-2)).await.expect(201);
    assert_eq!(t.npp01().post_once(PATH, "a", lost(-2)).await.expect(201), made);
    t.npp01().post(PATH, lost(-9_999)).await.problem(422, "inventory.short");
    let second = t.npp01().post(PATH, lost(3)).await.expect(201);
    assert_eq!(
        (&made["number"], &second["number"]),
        (&json!("DC-20260806-0001"), &json!("DC-20260806-0002")),
        "a refused one leaves no gap"
    );
    let list =
        t.npp01().get(&format!("{PATH}?warehouseId={}&from=2026-08-06", world::MAIN1)).await.expect(200);
    let numbers: Vec<_> = list["data"].as_array().unwrap().iter().map(|a| &a["number"]).collect();
    assert_eq!(numbers, [&second["number"], &made["number"]]);
    assert_eq!(list["pagination"]["totalItems"], 2);
    let found = t.npp01().get(&format!("{PATH}?search=dc-20260806-0001")).await.expect(200);
    assert_eq!(
        (&found["data"][0]["note"], &found["data"][0]["lineCount"]),
        (&json!("Biên bản số 7"), &json!(1))
    );
    assert_eq!(t.npp01().get(&format!("{PATH}?to=2026-08-05")).await.expect(200)["data"], json!([]));
    assert_eq!(t.npp02().get(PATH).await.expect(200)["pagination"]["totalItems"], 0);

    let path = format!("{PATH}/{}", made["adjustmentId"].as_str().unwrap());
    let paper = t.npp01().get(&path).await.expect(200);
    assert_eq!(paper, made);
    assert_eq!((&paper["reason"], &paper["warehouseName"]), (&json!("Hao hụt"), &second["warehouseName"]));
    assert!(
        !paper["issuer"]["name"].as_str().unwrap().is_empty()
            && !paper["createdByName"].as_str().unwrap().is_empty()
    );
    let line = &paper["lines"][0];
    assert_eq!(
        (&line["productCode"], &line["lotNumber"], &line["quantity"], &line["pieces"]),
        (&json!("SP001"), &json!("A"), &json!(-2), &json!(-2))
    );
    assert_eq!(paper["costValue"], line["costValue"]);
    assert!(paper["costInWords"].as_str().unwrap().ends_with("đồng"));
    t.npp02().get(&path).await.problem(404, "not_found");
    t.supervisor().get(&path).await.problem(403, "forbidden");
    t.supervisor().get(PATH).await.problem(403, "forbidden");
}

#[tokio::test]
async fn many_adjustments_at_the_same_moment_have_one_number_each() {
    let t = start().await;
    let office = t.npp01();
    let made = futures_util::future::join_all((0..12).map(|_| office.post(PATH, lost(-1)))).await;
    let mut numbers: Vec<String> =
        made.into_iter().map(|answer| answer.expect(201)["number"].as_str().unwrap().to_owned()).collect();
    numbers.sort();
    let expected: Vec<String> = (1..=12).map(|n| format!("DC-20260806-{n:04}")).collect();
    assert_eq!(numbers, expected);
    assert_eq!(balance(&t, world::MILK).await, (588, 0));
}
