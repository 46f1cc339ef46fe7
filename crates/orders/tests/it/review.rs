use serde_json::{Value, json};
use test_kit::world;

use crate::{app, order, placed};

fn with_totals(total: i64) -> Value {
    let mut body = order();
    // The server's: 300,000 − 0 + 27,600 = 327,600.
    body["clientTotals"] =
        json!({"subTotal": 300_000, "discountAmount": 0, "taxAmount": total - 300_000, "totalAmount": total});
    body
}

#[tokio::test]
async fn totals_that_agree_need_no_review() {
    let t = app().await;
    let o = t.rep1().post("/api/v1/orders", with_totals(327_600)).await.expect(201);
    assert_eq!(
        (&o["needsReview"], &o["clientTotals"], &o["differences"]),
        (&json!(false), &json!(null), &json!([]))
    );
}

#[tokio::test]
async fn totals_that_differ_are_kept_both_and_must_be_accepted_before_the_order_is_approved() {
    let t = app().await;
    let o = t.rep1().post("/api/v1/orders", with_totals(330_000)).await.expect(201);
    let differences = json!([
        {"field": "taxAmount", "client": 30_000, "server": 27_600},
        {"field": "totalAmount", "client": 330_000, "server": 327_600}
    ]);
    assert_eq!((&o["needsReview"], &o["differences"]), (&json!(true), &differences));
    assert_eq!((&o["totalAmount"], &o["clientTotals"]["totalAmount"]), (&json!(327_600), &json!(330_000)));
    assert_eq!(o["history"][0]["detail"]["differences"], differences);
    placed(&t, order()).await;
    let list = t.npp01().get("/api/v1/orders?needsReview=true").await.expect(200);
    assert_eq!((&list["pagination"]["totalItems"], &list["data"][0]["orderId"]), (&json!(1), &o["orderId"]));
    assert_eq!(
        t.npp01().get("/api/v1/orders?needsReview=false").await.expect(200)["pagination"]["totalItems"],
        1
    );

    let path = format!("/api/v1/orders/{}/approve", o["orderId"].as_str().unwrap());
    let problem = t.supervisor().post(&path, json!({})).await.problem(422, "orders.needs_review");
    assert_eq!(problem["differences"], differences);
    let approved = t.supervisor().post(&path, json!({"acceptDifferences": true})).await.expect(200);
    assert_eq!((&approved["status"], &approved["needsReview"]), (&json!("Approved"), &json!(false)));
    assert_eq!(approved["clientTotals"]["totalAmount"], 330_000, "what the phone said stays readable");
    assert_eq!(approved["history"][1]["detail"], json!({"accepted": true}));
}

#[tokio::test]
async fn an_edit_or_a_review_settles_the_difference_too() {
    let t = app().await;
    let id = placed(&t, with_totals(330_000)).await;
    let body = json!({"version": 1, "items": order()["items"], "clientTotals": with_totals(327_600)["clientTotals"]});
    let edited = t.rep1().put(&format!("/api/v1/orders/{id}"), body).await.expect(200);
    assert_eq!((&edited["needsReview"], &edited["clientTotals"]), (&json!(false), &json!(null)));

    let id = placed(&t, with_totals(330_000)).await;
    let path = format!("/api/v1/orders/{id}/review");
    t.rep1().post(&path, json!({"reason": "x"})).await.problem(403, "forbidden");
    t.npp02().post(&path, json!({"reason": "x"})).await.problem(404, "not_found");
    let seen = t.supervisor().post(&path, json!({"reason": "giá mới từ hôm qua"})).await.expect(200);
    assert_eq!((&seen["status"], &seen["needsReview"]), (&json!("Pending"), &json!(false)));
    assert_eq!(seen["history"][1]["note"], "giá mới từ hôm qua");
    t.supervisor().post(&format!("/api/v1/orders/{id}/approve"), json!({})).await.expect(200);
}

#[tokio::test]
async fn a_difference_never_refuses_an_order() {
    let t = app().await;
    let mut body = with_totals(1);
    body["clientTotals"] =
        json!({"subTotal": 0, "discountAmount": i64::MAX, "taxAmount": -5, "totalAmount": 0});
    body["customerId"] = json!(world::SHOP2);
    assert_eq!(t.rep1().post("/api/v1/orders", body).await.expect(201)["needsReview"], true);
}

#[tokio::test]
async fn a_gift_that_was_promised_and_is_not_given_needs_a_review_though_the_totals_agree() {
    let t = app().await;
    let promised = |goods: Value| {
        let mut body = with_totals(327_600);
        body["clientTotals"]["freeGoods"] = goods;
        body
    };
    // Twelve boxes of milk give one.
    let kept =
        t.rep1().post("/api/v1/orders", promised(json!({world::MILK.to_string(): 1}))).await.expect(201);
    assert_eq!((&kept["needsReview"], &kept["differences"]), (&json!(false), &json!([])));
    let more = promised(json!({world::MILK.to_string(): 1, world::WATER.to_string(): 2}));
    let o = t.rep1().post("/api/v1/orders", more).await.expect(201);
    let differences = json!([{"field": "freeGoods", "productId": world::WATER, "client": 2, "server": 0}]);
    assert_eq!((&o["needsReview"], &o["differences"]), (&json!(true), &differences));
    let id = o["orderId"].as_str().unwrap();
    let seen = t.rep1().get(&format!("/api/v1/orders/{id}")).await.expect(200);
    assert_eq!((&seen["differences"], &seen["clientTotals"]), (&differences, &o["clientTotals"]));
    let approve = format!("/api/v1/orders/{id}/approve");
    let problem = t.supervisor().post(&approve, json!({})).await.problem(422, "orders.needs_review");
    assert_eq!(problem["differences"], differences);
    t.supervisor().post(&approve, json!({"acceptDifferences": true})).await.expect(200);

    let many: serde_json::Map<String, Value> =
        (0..1_001).map(|n| (uuid::Uuid::from_u128(n).to_string(), json!(1))).collect();
    t.rep1().post("/api/v1/orders", promised(many.into())).await.problem(400, "validation");
    t.rep1().post("/api/v1/orders", promised(json!({"x": 1}))).await.problem(400, "validation");
}

#[tokio::test]
async fn a_draft_that_has_lost_its_gift_since_needs_a_review_when_it_is_submitted() {
    let t = app().await;
    let mut draft = order();
    draft["draft"] = json!(true);
    let id = placed(&t, draft).await;
    sqlx::query("update promotions set status = 'paused'")
        .execute(&mut t.database.owner().await)
        .await
        .unwrap();
    let sent = t.rep1().post(&format!("/api/v1/orders/{id}/submit"), json!({})).await.expect(200);
    let lost = json!([{"field": "freeGoods", "productId": world::MILK, "client": 1, "server": 0}]);
    assert_eq!((&sent["needsReview"], &sent["differences"]), (&json!(true), &lost));
}
