//! Which distributors may sell what.

use serde_json::{Value, json};
use test_kit::{TestApp, world};

use crate::{PROMOTION, app, assert_sound, order, placed, van};

/// Only these distributors may sell the product from now on; none are everybody.
async fn only(t: &TestApp, product: domain::ProductId, distributors: &[domain::DistributorId]) {
    let ids: Vec<uuid::Uuid> = distributors.iter().map(|d| d.uuid()).collect();
    sqlx::query("update products set distributors = nullif($2::uuid[], '{}') where id = $1")
        .bind(product.uuid())
        .bind(ids)
        .execute(&mut t.database.owner().await)
        .await
        .unwrap();
}

/// The same order for the other distributor's shop.
fn of_npp02() -> Value {
    let mut body = order();
    body["customerId"] = json!(world::SHOP21);
    body
}

#[tokio::test]
async fn a_distributor_sells_only_what_it_may_and_is_told_what_it_may_not() {
    let t = app().await;
    let mut draft = order();
    draft["draft"] = json!(true);
    let (pending, draft) = (placed(&t, order()).await, placed(&t, draft).await);
    only(&t, world::SOAP, &[world::NPP02]).await;

    let quote = "/api/v1/pricing/quote";
    let problem = t.rep1().post(quote, order()).await.problem(422, "orders.not_sold_here");
    assert_eq!(
        problem["products"],
        json!([{"productId": world::SOAP, "productCode": "SP002", "productName": problem["products"][0]["productName"]}])
    );
    assert!(problem["detail"].as_str().unwrap().contains("SP002"), "{problem}");
    t.rep1().post("/api/v1/orders", order()).await.problem(422, "orders.not_sold_here");
    t.npp01().post("/api/v1/orders", order()).await.problem(422, "orders.not_sold_here");
    t.rep11().post(quote, of_npp02()).await.expect(200);
    t.rep11().post("/api/v1/orders", of_npp02()).await.expect(201);

    // What is edited or submitted is sold anew.
    let edit = json!({"version": 1, "items": order()["items"]});
    t.rep1().put(&format!("/api/v1/orders/{pending}"), edit).await.problem(422, "orders.not_sold_here");
    t.rep1()
        .post(&format!("/api/v1/orders/{draft}/submit"), json!({}))
        .await
        .problem(422, "orders.not_sold_here");
    let without =
        json!({"version": 1, "items": [{"productId": world::MILK, "quantity": 1, "unit": "retail"}]});
    t.rep1().put(&format!("/api/v1/orders/{pending}"), without).await.expect(200);

    only(&t, world::SOAP, &[world::NPP01, world::NPP02]).await;
    t.rep1().post("/api/v1/orders", order()).await.expect(201);
    only(&t, world::SOAP, &[world::NPP01]).await;
    t.rep11().post("/api/v1/orders", of_npp02()).await.problem(422, "orders.not_sold_here");
    assert_sound(&t).await;
}

#[tokio::test]
async fn a_van_sells_only_what_its_distributor_may() {
    let t = van::loaded().await;
    only(&t, world::MILK, &[world::NPP02]).await;
    t.rep1().post("/api/v1/orders", van::sale(0)).await.problem(422, "orders.not_sold_here");
    only(&t, world::MILK, &[]).await;
    t.rep1().post("/api/v1/orders", van::sale(0)).await.expect(201);
    assert_sound(&t).await;
}

#[tokio::test]
async fn what_is_ordered_already_is_delivered_and_may_come_back() {
    let t = app().await;
    let id = placed(&t, order()).await;
    only(&t, world::SOAP, &[world::NPP02]).await;
    t.supervisor().post(&format!("/api/v1/orders/{id}/approve"), json!({})).await.expect(200);
    let done = t.npp01().post(&format!("/api/v1/orders/{id}/fulfil"), json!({})).await.expect(200);
    assert_eq!(done["status"], "Issued");
    let back = json!({
        "invoiceId": done["invoiceId"], "customerId": world::SHOP1, "reason": "Khách trả",
        "lines": [{"invoiceLineNo": 2, "quantity": 4, "unit": "retail", "condition": "saleable"}]
    });
    let asked = t.rep1().post("/api/v1/returns", back).await.expect(201);
    assert_eq!(asked["items"][0]["productId"], json!(world::SOAP));
    let path = format!("/api/v1/returns/{}", asked["returnId"].as_str().unwrap());
    t.npp01().post(&format!("{path}/approve"), json!({})).await.expect(200);
    t.npp01().post(&format!("{path}/receive"), json!({})).await.expect(200);
    assert_sound(&t).await;
}

#[tokio::test]
async fn a_gift_that_the_distributor_may_not_sell_is_not_given_and_stops_no_order() {
    let t = app().await;
    sqlx::query(
        "update promotions set definition = jsonb_set(definition, '{kind,tiers,0,reward,productId}', to_jsonb($2::uuid))
         where id = $1",
    )
    .bind(PROMOTION.parse::<uuid::Uuid>().unwrap())
    .bind(world::WATER.uuid())
    .execute(&mut t.database.owner().await)
    .await
    .unwrap();
    let free = |answer: &Value| answer["items"].as_array().unwrap().iter().any(|item| item["isFree"] == true);
    only(&t, world::WATER, &[world::NPP02]).await;
    let quote = t.rep1().post("/api/v1/pricing/quote", order()).await.expect(200);
    assert!(!free(&quote), "{quote:#}");
    assert_eq!(quote["notApplied"][0]["reason"], "giftNotSold");
    assert!(!free(&t.rep1().post("/api/v1/orders", order()).await.expect(201)));
    assert!(free(&t.rep11().post("/api/v1/orders", of_npp02()).await.expect(201)));
}
