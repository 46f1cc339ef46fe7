use futures_util::future::join_all;
use serde_json::{Value, json};
use test_kit::{TestApp, world};

use crate::{app, assert_sound, order, placed};

/// 30 cases of milk (with 60 free pieces) and 3 of soap for the shop without a limit; 600 pieces of milk are there.
fn large() -> Value {
    let mut body = order();
    body["customerId"] = json!(world::SHOP2);
    body["items"] = json!([
        {"productId": world::MILK, "quantity": 30, "unit": "whole"},
        {"productId": world::SOAP, "quantity": 3, "unit": "whole"}
    ]);
    body
}

/// A discount on the order that doesn't divide evenly.
async fn discount(t: &TestApp) {
    let definition = json!({"automatic": true, "kind": {"type": "order", "tiers": [{"atLeast": 1, "reward": {"type": "amount", "amount": 100_001}}]}});
    sqlx::query(
        "insert into promotions (id, code, name, search_key, valid_from, valid_to, status, definition, created_at, updated_at)
         values (gen_random_uuid(), 'KM02', 'Giảm đơn', 'giam don', '2026-01-01', '2026-12-31', 'active', $1, now(), now())",
    )
    .bind(definition)
    .execute(&mut t.database.owner().await)
    .await
    .unwrap();
}

async fn reserved(t: &TestApp) -> Vec<i64> {
    sqlx::query_scalar("select reserved from stock_items where distributor_id = $1 order by product_id")
        .bind(world::NPP01.uuid())
        .fetch_all(&mut t.database.owner().await)
        .await
        .unwrap()
}

fn lines(o: &Value) -> Vec<(String, i64, bool)> {
    let items = o["items"].as_array().unwrap();
    items
        .iter()
        .map(|i| {
            (
                i["productCode"].as_str().unwrap().to_owned(),
                i["quantity"].as_i64().unwrap(),
                i["isFree"].as_bool().unwrap(),
            )
        })
        .collect()
}

#[tokio::test]
async fn the_part_that_is_there_is_approved_and_the_rest_waits_and_both_add_up_to_the_whole() {
    let t = app().await;
    discount(&t).await;
    let id = placed(&t, large()).await;
    let path = format!("/api/v1/orders/{id}");
    let whole = t.rep1().get(&path).await.expect(200);
    t.supervisor().post(&format!("{path}/approve"), json!({})).await.problem(422, "orders.stock_short");
    let here =
        t.supervisor().post(&format!("{path}/approve"), json!({"onShortage": "split"})).await.expect(200);
    // 25 of 30 cases of milk; of 60 gifts 50 may go with that value, but no piece is left for them.
    let of = |code: &str, quantity: i64, free: bool| (code.to_owned(), quantity, free);
    assert_eq!(lines(&here), [of("SP001", 25, false), of("SP002", 3, false)]);
    assert_eq!(here["status"], "Approved");
    let rest = &here["splitInto"][0];
    assert_eq!(rest["orderNumber"], "DH-20260806-0002");
    let later =
        t.rep1().get(&format!("/api/v1/orders/{}", rest["orderId"].as_str().unwrap())).await.expect(200);
    assert_eq!(lines(&later), [of("SP001", 5, false), of("SP001", 60, true)]);
    assert_eq!((&later["status"], &later["splitFrom"]["orderId"]), (&json!("Pending"), &json!(id)));
    for field in ["subTotal", "discountAmount", "taxAmount", "totalAmount"] {
        let sum = here[field].as_i64().unwrap() + later[field].as_i64().unwrap();
        assert_eq!(sum, whole[field].as_i64().unwrap(), "{field}");
    }
    assert_eq!(here["items"][0]["unitPrice"], whole["items"][0]["unitPrice"]);
    assert_eq!(here["history"][1]["detail"]["before"]["items"], whole["items"]);
    assert_eq!(here["history"][1]["detail"]["splitInto"], *rest);
    assert_eq!(reserved(&t).await, [600, 36]);
    assert_sound(&t).await;
}

#[tokio::test]
async fn whole_cases_and_the_gifts_share_leave_the_rest_of_the_stock_free() {
    let t = app().await;
    let mut body = large();
    // 30 cases of soap are wanted of which 20 are there, 2 cases of milk (4 gifts) are all there.
    body["items"] = json!([
        {"productId": world::MILK, "quantity": 2, "unit": "whole"},
        {"productId": world::SOAP, "quantity": 30, "unit": "whole"}
    ]);
    let id = placed(&t, body).await;
    let here = t
        .supervisor()
        .post(&format!("/api/v1/orders/{id}/approve"), json!({"onShortage": "split"}))
        .await
        .expect(200);
    // 2 × 240,000 + 20 × 180,000 of 2 × 240,000 + 30 × 180,000: 69 % of 4 gifts are 2.
    let of = |code: &str, quantity: i64, free: bool| (code.to_owned(), quantity, free);
    assert_eq!(lines(&here), [of("SP001", 2, false), of("SP002", 20, false), of("SP001", 2, true)]);
    assert_eq!(reserved(&t).await, [50, 240]);
    assert_sound(&t).await;
}

#[tokio::test]
async fn when_all_is_there_nothing_is_split_and_when_nothing_is_there_nothing_is_approved() {
    let t = app().await;
    let policy =
        json!({"creditPolicy": "block", "allowedOverdueDays": null, "shortagePolicy": "split", "version": 0});
    t.npp01().put("/api/v1/policies/orders", policy).await.expect(200);
    let id = placed(&t, order()).await;
    let whole = t.supervisor().post(&format!("/api/v1/orders/{id}/approve"), json!({})).await.expect(200);
    assert_eq!((&whole["splitInto"], whole["items"].as_array().unwrap().len()), (&json!([]), 3));
    let mut water = order();
    water["items"] = json!([{"productId": world::WATER, "quantity": 1, "unit": "retail"}]);
    let id = placed(&t, water).await;
    let problem = t
        .supervisor()
        .post(&format!("/api/v1/orders/{id}/approve"), json!({}))
        .await
        .problem(422, "orders.stock_short");
    assert_eq!(problem["shortages"][0]["productCode"], "SP003");
    // The policy of the distributor gives way to who approves.
    let id = placed(&t, large()).await;
    let path = format!("/api/v1/orders/{id}/approve");
    t.supervisor().post(&path, json!({"onShortage": "block"})).await.problem(422, "orders.stock_short");
    assert_sound(&t).await;
}

#[tokio::test]
async fn only_the_part_that_goes_counts_against_the_credit() {
    let t = app().await;
    let mut body = large();
    body["customerId"] = json!(world::SHOP1);
    // 21 cases of milk would be 5,443,200; the limit of 5,000,000 carries 19 of them.
    body["items"] = json!([{"productId": world::MILK, "quantity": 21, "unit": "whole"}]);
    let id = placed(&t, body).await;
    let path = format!("/api/v1/orders/{id}/approve");
    t.supervisor().post(&path, json!({"onShortage": "split"})).await.problem(422, "orders.credit_exceeded");
    assert_eq!(reserved(&t).await, [0, 0], "a refusal reserves nothing");
    sqlx::query("update stock_items set reserved = 144 where warehouse_id = $1 and product_id = $2")
        .bind(world::MAIN1.uuid())
        .bind(world::MILK.uuid())
        .execute(&mut t.database.owner().await)
        .await
        .unwrap();
    // Now 456 pieces are free: 19 cases.
    let here = t.supervisor().post(&path, json!({"onShortage": "split"})).await.expect(200);
    assert_eq!(here["totalAmount"], 4_924_800);
}

#[tokio::test]
async fn splitting_and_placing_at_the_same_moment_finish_without_gaps() {
    let t = app().await;
    let mut ids = Vec::new();
    for _ in 0..4 {
        ids.push(placed(&t, large()).await);
    }
    let (office, rep) = (t.npp01(), t.rep1());
    let approve = join_all(ids.iter().map(|id| {
        let path = format!("/api/v1/orders/{id}/approve");
        let office = &office;
        async move { office.post(&path, json!({"onShortage": "split"})).await.status.as_u16() }
    }));
    let place = join_all((0..8).map(|_| async { rep.post("/api/v1/orders", order()).await.status.as_u16() }));
    let (approved, placed) = tokio::join!(approve, place);
    assert_eq!(placed, [201; 8]);
    // One gets the milk, soap is there for all.
    assert!(approved.iter().all(|s| *s == 200), "{approved:?}");
    assert_sound(&t).await;
}
