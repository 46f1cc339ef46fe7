use inventory::stock;
use serde_json::json;
use test_kit::world;

use crate::{pieces, start};

#[tokio::test]
async fn stock_shows_what_is_there_promised_and_free_with_lots_by_first_expiry() {
    let t = start().await;
    let mut tx = t.app.db.begin(&t.context("npp01")).await.unwrap();
    stock::reserve(&mut tx, world::NPP01, world::MAIN1, &[(world::MILK, pieces(50))], None).await.unwrap();
    tx.commit().await.unwrap();
    let path = format!("/api/v1/warehouses/{}/stock", world::MAIN1);
    let stock = t.rep1().get(&path).await.expect(200);
    assert_eq!(stock["pagination"]["totalItems"], 2);
    let milk = &stock["data"][0];
    assert_eq!(
        (&milk["onHand"], &milk["reserved"], &milk["available"]),
        (&json!(600), &json!(50), &json!(550))
    );
    assert_eq!(milk["expiry"], "2026-10-31");
    assert_eq!(milk["lots"][0]["lotNumber"], "A");
    assert_eq!(milk["lots"][1]["onHand"], 500);
    assert_eq!(stock["data"][1]["expiry"], json!(null));

    let found = t.rep1().get(&format!("{path}?search=X%C3%A0%20ph")).await.expect(200);
    assert_eq!(found["data"][0]["productCode"], "SP002");
    assert_eq!(found["pagination"]["totalItems"], 1);
    let near = t.rep1().get(&format!("{path}?expiresBy=2026-12-31")).await.expect(200);
    assert_eq!(near["pagination"]["totalItems"], 1);
    // A page past the end still tells how many there are.
    let past = t.rep1().get(&format!("{path}?page=9")).await.expect(200);
    assert_eq!(past["pagination"]["totalItems"], 2);
    assert_eq!(past["data"], json!([]));
}

#[tokio::test]
async fn another_distributors_warehouse_is_not_found() {
    let t = start().await;
    for warehouse in [world::MAIN2.to_string(), "nonsense".to_owned()] {
        t.rep1().get(&format!("/api/v1/warehouses/{warehouse}/stock")).await.problem(404, "not_found");
    }
    t.admin().get(&format!("/api/v1/warehouses/{}/stock", world::MAIN2)).await.expect(200);
}
